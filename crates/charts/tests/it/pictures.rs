//! Pictures as text.

use florin_charts::{
    Chart as _, FunnelChart, FunnelSeries, Language, NextChart, NextRow, PathLink, PathNode, PathsChart,
    RetentionChart, Style, Theme, TrendChart,
};
use roxmltree::Document;

use crate::made::{charts, empty, styles};

fn small_funnel() -> FunnelChart {
    let series = FunnelSeries { name: None, counts: vec![200, 50], median_micros: vec![None, Some(90_000_000)] };
    let steps = ["look", "buy"].map(str::to_owned).to_vec();
    FunnelChart { title: "Sales".to_owned(), breakdown: String::new(), steps, series: vec![series] }
}

#[test]
fn a_small_funnel() {
    insta::assert_snapshot!(small_funnel().draw(Style::default()).svg());
}

#[test]
fn a_small_funnel_in_chinese_and_dark() {
    let style = Style { theme: Theme::Dark, language: Language::Chinese };
    insta::assert_snapshot!(small_funnel().draw(style).svg());
}

#[test]
fn small_paths() {
    let node =
        |position, name: Option<&str>, customers| PathNode { position, name: name.map(str::to_owned), customers };
    let link = |to: Option<&str>, customers| {
        let (from, to) = (Some("open".to_owned()), to.map(str::to_owned));
        PathLink { position: 0, from, to, customers }
    };
    let chart = PathsChart {
        title: String::new(),
        backwards: false,
        nodes: vec![node(0, Some("open"), 10), node(1, Some("login"), 7), node(1, None, 2)],
        links: vec![link(Some("login"), 7), link(None, 2)],
    };
    insta::assert_snapshot!(chart.draw(Style::default()).svg());
}

#[test]
fn every_picture_is_xml_that_needs_nothing_from_elsewhere() {
    for (style_name, style) in styles() {
        for (name, chart) in charts(style).into_iter().chain(empty()) {
            let svg = chart.draw(style).svg();
            let document = Document::parse(&svg).unwrap_or_else(|e| panic!("{name} {style_name}: {e}"));
            let root = document.root_element();
            let said = |tag: &str| {
                let element = root.children().find(|node| node.tag_name().name() == tag);
                element.and_then(|element| element.text()).unwrap_or_default().to_owned()
            };
            assert!(!said("title").is_empty() && !said("desc").is_empty(), "{name} says what it shows");
            for node in document.descendants().filter(roxmltree::Node::is_element) {
                assert!(!["script", "image", "use", "style", "foreignObject"].contains(&node.tag_name().name()));
                let elsewhere = node.attributes().find(|a| a.name().contains("href") || a.value().contains("url("));
                assert!(elsewhere.is_none(), "{name}: {elsewhere:?}");
            }
        }
    }
}

#[test]
fn every_chart_but_an_empty_one_has_tool_tips() {
    for (name, chart) in charts(Style::default()) {
        let svg = chart.draw(Style::default()).svg();
        assert!(svg.matches("<title>").count() > 4, "{name}");
    }
}

#[test]
fn names_that_look_like_markup_stay_names() {
    let hostile = "</text><script>alert('1')</script>&\u{0}\u{1b}]]>";
    let row = NextRow { name: Some(hostile.to_owned()), times: 1, customers: 1, median_micros: None };
    let chart = NextChart { title: hostile.to_owned(), after: hostile.to_owned(), rows: vec![row] };
    let svg = chart.draw(Style::default()).svg();
    let document = Document::parse(&svg).expect("XML");
    assert!(document.descendants().all(|node| node.tag_name().name() != "script"));
}

#[test]
fn charts_own_words_are_in_both_languages() {
    let of = |language| {
        let style = Style { language, ..Style::default() };
        let all = empty().into_iter().map(move |(_, chart)| chart.draw(style).svg());
        all.collect::<Vec<String>>()
    };
    for (english, chinese) in of(Language::English).iter().zip(of(Language::Chinese)) {
        assert!(english.is_ascii(), "{english}");
        assert!(chinese.contains("无数据"), "{chinese}");
    }
}

#[test]
fn the_words_of_a_full_chart_in_english_are_english() {
    for (name, chart) in charts(Style::default()) {
        let svg = chart.draw(Style::default()).svg();
        let chinese: Vec<char> = svg.chars().filter(|c| *c >= '\u{2e80}').collect();
        assert!(chinese.is_empty(), "{name}: {chinese:?}");
    }
}

#[test]
fn one_picture_goes_above_another() {
    let (above, below) = (small_funnel().draw(Style::default()), TrendChart::default().draw(Style::default()));
    let height = above.height() + below.height();
    let both = above.above(below);
    assert_eq!(both.height(), height);
    Document::parse(&both.svg()).expect("XML");
}

#[test]
fn cells_that_are_missing_and_shares_that_are_no_number_are_left_out() {
    let chart = RetentionChart {
        cohorts: vec![florin_charts::Cohort { from: "x".to_owned(), customers: 1, later: vec![] }],
        mean: vec![Some(f64::NAN)],
        ..RetentionChart::default()
    };
    let svg = chart.draw(Style::default()).svg();
    assert!(!svg.contains("\"NaN\""), "{svg}");
}
