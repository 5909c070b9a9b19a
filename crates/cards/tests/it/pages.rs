//! What pages say, and that nothing gets out of them.

use std::sync::OnceLock;

use florin_cards::{Card, Language};
use florin_models::evaluation::Assessment;
use roxmltree::Document;

use crate::made::{effects, evaluation, odd, series, texts, times};

fn found() -> &'static Assessment {
    static FOUND: OnceLock<Assessment> = OnceLock::new();
    FOUND.get_or_init(|| Assessment::Chance(Box::new(evaluation())))
}

/// Of a model of effects.
fn of_effects() -> &'static Assessment {
    static FOUND: OnceLock<Assessment> = OnceLock::new();
    FOUND.get_or_init(|| Assessment::Effect(Box::new(effects())))
}

/// Of a model of times.
fn of_times() -> &'static Assessment {
    static FOUND: OnceLock<Assessment> = OnceLock::new();
    FOUND.get_or_init(|| Assessment::Time(Box::new(times())))
}

/// Of a classifier of texts.
fn of_texts() -> &'static Assessment {
    static FOUND: OnceLock<Assessment> = OnceLock::new();
    FOUND.get_or_init(|| Assessment::Text(Box::new(texts())))
}

#[test]
fn the_card_of_texts_says_in_which_language_it_fails_and_what_it_mistakes() {
    let page = Card::new(of_texts()).html(Language::English);
    for (class, says) in [
        (
            "en",
            [
                "fails texts of language English",
                "What it mistakes for what",
                "Accuracy by language",
                "Refused: one guard",
            ],
        ),
        ("zh", ["语言为“英文”的文本判断不准", "哪些类别容易混淆", "各组准确率：语言", "有 1 项门槛未通过"]),
    ] {
        let part = main_of(&page, class);
        for words in says {
            assert!(part.contains(words), "{class}: {words}");
        }
    }
    let english = main_of(&page, "en");
    assert!(!english.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "everything is English");
}

/// Of an isolation forest.
fn of_odd() -> &'static Assessment {
    static FOUND: OnceLock<Assessment> = OnceLock::new();
    FOUND.get_or_init(|| Assessment::Odd(Box::new(odd())))
}

#[test]
fn the_card_of_the_odd_ones_says_whom_it_flags_and_how_much_of_it_is_chance() {
    let page = Card::new(of_odd()).html(Language::English);
    for (class, says) in [
        (
            "en",
            [
                "What those flagged are odd in",
                "forests of other seeds",
                "Whether flags are right",
                "of customers with age under 25, and",
                "Refused: one guard",
            ],
        ),
        (
            "zh",
            [
                "被标出者异常之处",
                "多大程度上出于偶然",
                "标出是否正确",
                "年龄为“25 岁以下”的客户有",
                "有 1 项门槛未通过",
            ],
        ),
    ] {
        let part = main_of(&page, class);
        for words in says {
            assert!(part.contains(words), "{class}: {words}");
        }
    }
    let english = main_of(&page, "en");
    assert!(!english.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "everything is English");
}

/// Of a forecast.
fn of_series() -> &'static Assessment {
    static FOUND: OnceLock<Assessment> = OnceLock::new();
    FOUND.get_or_init(|| Assessment::Series(Box::new(series())))
}

#[test]
fn the_card_of_a_forecast_shows_the_days_to_come_and_how_it_would_have_done() {
    let page = Card::new(of_series()).html(Language::English);
    for (class, says) in [
        ("en", ["The days to come", "How it would have done", "Intervals held", "Refused: one guard"]),
        ("zh", ["未来走势", "最近一次回测", "区间覆盖率", "有 1 项门槛未通过"]),
    ] {
        let part = main_of(&page, class);
        for words in says {
            assert!(part.contains(words), "{class}: {words}");
        }
    }
    let english = main_of(&page, "en");
    assert!(!english.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "everything is English");
}

#[test]
fn the_card_of_times_has_a_curve_and_says_what_happened_by_when_in_both_languages() {
    let page = Card::new(of_times()).html(Language::English);
    for (class, says) in [
        ("en", ["To how many it has not happened yet", "lost sight of before the horizon", "AUC by age", "Refused: "]),
        ("zh", ["尚未发生的比例", "期末之前就不再可见", "年龄", "项门槛未通过"]),
    ] {
        let part = main_of(&page, class);
        for words in says {
            assert!(part.contains(words), "{class}: {words}");
        }
    }
    assert!(Card::new(of_times()).markdown(Language::Chinese).contains("一致性指数"));
}

#[test]
fn the_card_of_effects_says_who_is_moved_in_both_languages() {
    let page = Card::new(of_effects()).html(Language::English);
    for (class, says) in [
        (
            "en",
            ["Whether it finds those who are moved", "Arms are as large as planned", "By age", "Refused: one guard"],
        ),
        ("zh", ["能否找到受影响的客户", "两组人数与计划相符", "按客群：年龄", "有 1 项门槛未通过"]),
    ] {
        let part = main_of(&page, class);
        for words in says {
            assert!(part.contains(words), "{class}: {words}");
        }
    }
    let english = main_of(&page, "en");
    assert!(!english.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "everything is English");
    assert!(Card::new(of_effects()).markdown(Language::Chinese).contains("Qini"));
}

/// Pages of all kinds of models.
fn all_kinds() -> String {
    [found(), of_effects(), of_times(), of_texts(), of_series()]
        .map(|of| Card::new(of).html(Language::English))
        .concat()
}

/// The part of a page in one language.
fn main_of<'a>(page: &'a str, class: &str) -> &'a str {
    let from = page.find(&format!("<main class=\"{class}\"")).expect("the part");
    &page[from..from + page[from..].find("</main>").expect("its end")]
}

#[test]
fn what_fails_stands_before_any_figure_in_both_languages() {
    let page = Card::new(found()).html(Language::English);
    for (class, fails) in [("en", "fails customers with age under 25: AUC"), ("zh", "年龄为“25 岁以下”的客户预测不准")]
    {
        let part = main_of(&page, class);
        let (at, tiles) = (part.find(fails).expect("it is said"), part.find("class=\"tiles\"").expect("figures"));
        assert!(at < tiles && at < part.find("<h2>").expect("a heading"), "{class}");
    }
    assert!(main_of(&page, "en").contains("Refused: "));
    assert!(main_of(&page, "zh").contains("拒绝发布"));
}

#[test]
fn a_page_needs_nothing_from_elsewhere() {
    let page = Card::new(found()).html(Language::Chinese);
    let page = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    for outside in
        ["http:", "https:", "//", "<script", "<link", "<img", "<iframe", "@import", "url(", " src=", " href="]
    {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"zh-CN\">"));
    assert!(page.len() < 1_500_000, "{}", page.len());
}

#[test]
fn every_picture_is_sound_and_follows_the_theme() {
    let page = all_kinds();
    let mut pictures = 0;
    for part in page.split("<figure>").skip(1) {
        let svg = &part[..part.find("</figure>").expect("its end")];
        Document::parse(svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
        assert!(!svg.contains("\"#") && svg.contains("var(--p0)"), "a colour is not looked up");
        pictures += 1;
    }
    assert!(pictures > 20, "{pictures}");
    assert_eq!(page.matches("@media (prefers-color-scheme: dark){:root{--p0").count(), 5, "once a page");
}

#[test]
fn every_table_has_as_many_cells_as_headings() {
    let page = all_kinds();
    for table in page.split("<table>").skip(1) {
        let table = &table[..table.find("</table>").expect("its end")];
        let columns = table.matches("<th ").count();
        assert!(columns > 1 && table.matches("<td").count() % columns == 0, "{table}");
    }
    assert_eq!(page.matches("<section>").count(), page.matches("</section>").count());
    assert_eq!(page.matches("<div").count(), page.matches("</div>").count());
}

#[test]
fn each_language_has_its_own_words() {
    let page = Card::new(found()).html(Language::English);
    let english = main_of(&page, "en");
    // Levels of the data stay as they are; everything else is English.
    let foreign: String = english.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).collect();
    assert!(foreign.chars().all(|c| "华东北南西".contains(c)), "{foreign}");
    let chinese = main_of(&page, "zh");
    for word in ["Guard", "Threshold", "Rows", "passes", "refused"] {
        assert!(!chinese.contains(&format!(">{word}<")), "{word}");
    }
}

#[test]
fn names_that_look_like_markup_stay_names() {
    let mut hostile = found().of_chances().expect("chances").clone();
    let name = "</title><script>alert('1')</script>|`*_[x](javascript:1)\u{0}\n";
    hostile.model = name.to_owned();
    hostile.owner = name.to_owned();
    hostile.importance[0].feature = name.to_owned();
    hostile.curves[0].feature = name.to_owned();
    hostile.stability.features[0].feature = name.to_owned();
    hostile.groups[0].groups[0].words.en = name.to_owned();
    hostile.findings[0].words.en = name.to_owned();
    let hostile = Assessment::Chance(Box::new(hostile));
    let card = Card::new(&hostile).version(name).fact(name, name);
    let page = card.html(Language::English);
    assert!(!page.contains("<script") && !page.contains('\u{0}'));
    assert_eq!(page.matches("</title>").count(), page.matches("<title>").count());
    let text = card.markdown(Language::English);
    assert!(!text.contains("<script") && !text.contains("[x](") && text.contains("\\[x\\]"));
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(lines.iter().all(|line| line.ends_with(" |")));
}

#[test]
fn markdown_says_the_same_without_pictures() {
    let card = Card::new(found()).version("1").trained_at("2024-12-31");
    let text = card.markdown(Language::English);
    assert!(
        text.starts_with(
            "# churn: leaves within 90 days\n\nboosted trees · version 1 · trained 2024-12-31 · owner ana\n"
        )
    );
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} in {text}"));
    assert!(at("- **Problem** fails customers with age under 25") < at("| AUC |"));
    assert!(at("## Guards") < at("## Whether its probabilities hold"));
    assert!(!text.contains("<svg"));
    assert!(card.markdown(Language::Chinese).contains("- **问题** "));
}

#[test]
fn the_same_evaluation_gives_the_same_bytes_also_after_it_was_written_down() {
    let json = serde_json::to_string(found()).expect("JSON");
    let read: Assessment = serde_json::from_str(&json).expect("an evaluation");
    assert_eq!(Card::new(&read).html(Language::English), Card::new(found()).html(Language::English));
}
