//! Answers as charts: the numbers that are printed, and nothing else.

use florin_analytics::{
    FunnelAnswer, FunnelDef, NextAnswer, NextDef, PathsAnswer, PathsDef, RetentionAnswer, RetentionDef, RhythmDef,
    RulesAnswer, RulesDef, SessionsAnswer, SessionsDef, StickinessAnswer, StickinessDef,
    funnel::{TrendPeriod, ValueAnswer},
    holders::{self, Found},
    rhythm::Rhythm,
    rules::AssociationRule,
};
use florin_charts::{
    Chart as _, Cohort, Effect, EffectsChart, FunnelChart, FunnelSeries, HistogramChart, Interval, Language, Mark,
    NextChart, NextRow, PathLink, PathNode, PathsChart, Picture, RetentionCell, RetentionChart, RhythmChart, RuleRow,
    RulesChart, StickinessChart, StickinessPeriod, Style, TrendChart, TrendPoint, TrendSeries, duration, figure,
};
use roaring::RoaringBitmap;

use super::stickiness::{first_day, most};

/// The funnel, and below it its trend if there is one.
pub(super) fn funnel(def: &FunnelDef, answer: &FunnelAnswer, style: Style) -> Picture {
    let series = |value: &ValueAnswer| FunnelSeries {
        name: value.value.clone(),
        counts: value.found.counts(),
        median_micros: value.found.times.iter().map(|times| times.from_previous.median()).collect(),
    };
    let chart = FunnelChart {
        title: def.about.clone(),
        breakdown: def.by.clone().unwrap_or_default(),
        steps: answer.steps.clone(),
        series: answer.values.iter().map(series).collect(),
    };
    let picture = chart.draw(style);
    if answer.trend.is_some() { picture.above(trend(def, answer).draw(style)) } else { picture }
}

fn trend(def: &FunnelDef, answer: &FunnelAnswer) -> TrendChart {
    let all = answer.values.iter().flat_map(|value| &value.found.trend);
    let mut periods: Vec<i32> = all.map(|entered| entered.period).collect();
    periods.sort_unstable();
    // Periods in which nobody entered have a place on the axis too.
    let ends = periods.first().copied().zip(periods.last().copied());
    let periods: Vec<i32> = ends.map_or_else(Vec::new, |(first, last)| (first..=last).collect());
    let first_day = |period: &i32| answer.trend.map_or_else(String::new, |trend| trend.first_day(*period));
    let point = |value: &ValueAnswer, period: &i32| {
        let found = value.found.trend.iter().find(|entered| entered.period == *period);
        let counts = found.map(TrendPeriod::counts).unwrap_or_default();
        let (entered, converted) = (counts.first().copied(), counts.last().copied());
        TrendPoint { entered: entered.unwrap_or_default(), converted: converted.unwrap_or_default() }
    };
    let series = |value: &ValueAnswer| TrendSeries {
        name: value.value.clone(),
        points: periods.iter().map(|period| point(value, period)).collect(),
    };
    TrendChart {
        title: String::new(),
        breakdown: def.by.clone().unwrap_or_default(),
        series: answer.values.iter().map(series).collect(),
        periods: periods.iter().map(first_day).collect(),
    }
}

/// What sets those who came to the end apart.
pub(super) fn differences(
    def: &FunnelDef,
    expression: &str,
    (entered, converted): (u64, u64),
    found: &[(String, Found)],
    style: Style,
) -> Picture {
    let effect = |(value, found): &(String, Found)| {
        let holders::Effect::Has { converted, others, difference, .. } = &found.effect else { return None };
        let difference = Interval { low: difference.low, value: difference.value, high: difference.high };
        Some(Effect { name: value.clone(), converted: *converted, others: *others, difference, q: found.q })
    };
    let chart = EffectsChart {
        question: def.about.clone(),
        of: expression.to_owned(),
        converted,
        others: entered.saturating_sub(converted),
        effects: found.iter().filter_map(effect).collect(),
    };
    chart.draw(style)
}

pub(super) fn retention(def: &RetentionDef, answer: &RetentionAnswer, style: Style) -> Picture {
    let periods = answer.found.periods();
    let cell = |cohort: usize, later: usize| {
        let customers = answer.found.count(cohort, later)?;
        Some(RetentionCell { customers, complete: answer.found.complete(cohort, later) })
    };
    let cohort = |cohort: usize| Cohort {
        from: answer.first_day(cohort),
        customers: answer.found.count(cohort, 0).unwrap_or_default(),
        later: (1..periods).map_while(|later| cell(cohort, later)).collect(),
    };
    let chart = RetentionChart {
        title: def.about.clone(),
        cohorts: (0..periods).map(cohort).collect(),
        mean: (1..periods).map(|later| answer.found.mean(later)).collect(),
    };
    chart.draw(style)
}

pub(super) fn paths(def: &PathsDef, answer: &PathsAnswer, style: Style) -> Picture {
    let nodes = answer.found.nodes.iter().map(|node| PathNode {
        position: usize::from(node.position),
        name: answer.name(node.name),
        customers: node.customers.len(),
    });
    let links = answer.found.links.iter().map(|link| PathLink {
        position: usize::from(link.position),
        from: answer.name(link.from),
        to: answer.name(link.to),
        customers: link.customers.len(),
    });
    let chart = PathsChart {
        title: def.about.clone(),
        backwards: def.before.is_some(),
        nodes: nodes.collect(),
        links: links.collect(),
    };
    chart.draw(style)
}

pub(super) fn sessions(def: &SessionsDef, answer: &SessionsAnswer, style: Style) -> Picture {
    let (found, chinese) = (&answer.found, style.language == Language::Chinese);
    let say = |english: &'static str, words: &'static str| if chinese { words } else { english };
    let buckets = found.durations.buckets().map(|bucket| (bucket.from, bucket.count));
    let mark = |name: &str, micros: Option<u64>| {
        micros.map(|m| Mark { label: format!("{name} {}", duration(Some(m), style)), value: m as f64 })
    };
    let marks = [
        mark(say("median", "中位数"), found.durations.median()),
        mark(say("9 in 10 within", "九成不超过"), found.durations.quantile(0.9)),
    ];
    let title = say("How long sessions are", "会话时长分布");
    let chart = HistogramChart {
        title: if def.about.is_empty() { title.to_owned() } else { def.about.clone() },
        subtitle: format!(
            "{} {} {} {}",
            figure(found.sessions),
            say("sessions,", "次会话，"),
            figure(found.customers.len()),
            say("customers", "位客户")
        ),
        across: say("from the first event to the last", "从第一个事件到最后一个事件").to_owned(),
        up: say("sessions", "会话数").to_owned(),
        bins: florin_charts::spans(buckets, style),
        marks: marks.into_iter().flatten().collect(),
    };
    chart.draw(style)
}

pub(super) fn stickiness(def: &StickinessDef, answer: &StickinessAnswer, style: Style) -> Picture {
    let period = |period: usize| StickinessPeriod {
        from: first_day(answer, period),
        active: answer.found.at_least(period, 1).len(),
        exactly: (1..=most(def)).map(|n| answer.found.exactly(period, n).len()).collect(),
    };
    let periods = (0..answer.found.periods).map(period).collect();
    StickinessChart { title: def.about.clone(), periods }.draw(style)
}

pub(super) fn rhythm(def: &RhythmDef, found: &Rhythm, style: Style) -> Picture {
    let week = |of: &dyn Fn(usize, usize) -> u64| std::array::from_fn(|day| std::array::from_fn(|hour| of(day, hour)));
    let chart = RhythmChart {
        title: def.about.clone(),
        rows: week(&|day, hour| found.rows(day, hour)),
        customers: week(&|day, hour| found.customers(day, hour).map_or(0, RoaringBitmap::len)),
    };
    chart.draw(style)
}

pub(super) fn next(def: &NextDef, answer: &NextAnswer, style: Style) -> Picture {
    let row = |(name, next): &(Option<String>, florin_analytics::next::NextEvent)| NextRow {
        name: name.clone(),
        times: next.count,
        customers: next.customers.len(),
        median_micros: next.times.median(),
    };
    let rows = answer.found.iter().map(row).collect();
    NextChart { title: def.about.clone(), after: def.after.clone(), rows }.draw(style)
}

pub(super) fn rules(def: &RulesDef, answer: &RulesAnswer, style: Style) -> Picture {
    let row = |rule: &AssociationRule| RuleRow {
        antecedent: answer.names(&rule.antecedent),
        consequent: answer.names(&rule.consequent),
        customers: rule.both,
        with_consequent: answer.found.customers_with(&rule.consequent).len(),
        confidence: rule.confidence,
        lift: rule.lift,
    };
    let rules = answer.found.rules.iter().map(row).collect();
    let (title, of) = (def.about.clone(), def.item.clone());
    RulesChart { title, of, customers: answer.found.customers, rules }.draw(style)
}
