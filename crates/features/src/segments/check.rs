//! Whether segments hold up, one by one and together.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use florin_domain::{ColumnType, Purpose};
use toml::Spanned;

use super::{
    Clustering, Membership, Segment,
    behaviour::{Did, EventTest, Sequence, Span},
    predicate::{Bound, Holds, InSegment, Predicate, Test, TraitTest},
    written::{ClusterDef, MethodDef, OneOrMore, PredicateDef, SegmentDef, SegmentFile},
};
use crate::{
    definition::{Literal, Trait, Traits, cycle_words, sorted},
    error::DefinitionProblem,
    names,
    value::Value,
};

/// The most clusters that k-means is asked for: nobody tells more apart.
pub(super) const CLUSTERS_MAX: u32 = 20;
/// The longest window, in days: a hundred years.
const DAYS_MAX: u32 = 36_525;
/// The most steps of a sequence.
const STEPS_MAX: usize = 20;

type Order = Vec<String>;

/// Everything that could be understood, the order, and everything that is wrong.
pub(super) fn segments(
    files: &[(String, SegmentFile)],
    traits: &Traits,
) -> (BTreeMap<String, Segment>, Order, Vec<DefinitionProblem>) {
    let all = || files.iter().flat_map(|(file, defs)| defs.segments.iter().map(move |def| (file, def)));
    let clusterings: BTreeMap<&str, bool> =
        all().map(|(_, def)| (def.name.get_ref().as_str(), def.cluster.is_some())).collect();
    let mut checker = Checker { traits, clusterings: &clusterings, file: "", segment: "", problems: Vec::new() };
    let mut sound: BTreeMap<String, Segment> = BTreeMap::new();
    for (file, def) in all() {
        (checker.file, checker.segment) = (file, def.name.get_ref());
        let compiled = checker.one(def);
        match sound.get(&compiled.name) {
            Some(earlier) => {
                let message = format!("segment `{}` is defined in {} too", compiled.name, earlier.file);
                checker.wrong(Some(def.name.span()), message, "give one of them another name");
            }
            None => drop(sound.insert(compiled.name.clone(), compiled)),
        }
    }
    let mut problems = checker.problems;
    let order = order(&sound, files, &mut problems);
    purposes(&sound, traits, files, &mut problems);
    (sound, order, problems)
}

fn place_of(files: &[(String, SegmentFile)], name: &str) -> (String, Option<Range<usize>>) {
    let mut all = files.iter().flat_map(|(file, defs)| defs.segments.iter().map(move |def| (file, def)));
    let found = all.find(|(_, def)| def.name.get_ref() == name);
    found.map_or((String::new(), None), |(file, def)| (file.clone(), Some(def.name.span())))
}

fn order(
    sound: &BTreeMap<String, Segment>,
    files: &[(String, SegmentFile)],
    problems: &mut Vec<DefinitionProblem>,
) -> Order {
    let names: BTreeMap<&str, BTreeSet<&str>> = sound.iter().map(|(name, s)| (name.as_str(), s.segments())).collect();
    let (order, cycles) = sorted(&names);
    for cycle in cycles {
        let (file, place) = place_of(files, cycle.first().copied().unwrap_or_default());
        let help = "let one of them say with traits and behaviour who belongs";
        problems.push(DefinitionProblem::new(&file, place, cycle_words("segment", &cycle), help));
    }
    order.into_iter().map(str::to_owned).collect()
}

/// A segment says something of the traits it names: it may be used for no more than they.
fn purposes(
    sound: &BTreeMap<String, Segment>,
    traits: &Traits,
    files: &[(String, SegmentFile)],
    problems: &mut Vec<DefinitionProblem>,
) {
    for segment in sound.values() {
        for purpose in &segment.purposes {
            let of_traits = segment.traits().into_iter().filter_map(|name| traits.get(name));
            let forbidden = of_traits.filter(|t| !t.purposes.contains(purpose)).map(|t| ("trait", t.name.as_str()));
            let of_segments = segment.segments().into_iter().filter_map(|name| sound.get(name));
            let others = of_segments.filter(|s| !s.purposes.contains(purpose)).map(|s| ("segment", s.name.as_str()));
            for (what, name) in forbidden.chain(others) {
                let (file, place) = place_of(files, &segment.name);
                let message =
                    format!("segment `{}` is for {purpose}, and the {what} `{name}` it names is not", segment.name);
                let help = format!("leave `{purpose}` out of its purposes, or do without `{name}`");
                problems.push(DefinitionProblem::new(&file, place, message, help));
            }
        }
    }
}

struct Checker<'a> {
    traits: &'a Traits,
    /// All segments, and whether they are clusterings.
    clusterings: &'a BTreeMap<&'a str, bool>,
    file: &'a str,
    segment: &'a str,
    problems: Vec<DefinitionProblem>,
}

type Place = Option<Range<usize>>;

impl Checker<'_> {
    fn wrong(&mut self, place: Place, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(DefinitionProblem::new(self.file, place, message, help));
    }

    fn one(&mut self, def: &SegmentDef) -> Segment {
        let name = def.name.get_ref();
        if !names::is_identifier(name) {
            let message = format!("`{name}` is no name of a segment");
            self.wrong(Some(def.name.span()), message, "use a-z, 0-9 and _, as in `quiet_savers`");
        }
        if def.meaning.zh.trim().is_empty() || def.meaning.en.trim().is_empty() {
            let message = format!("segment `{name}` does not say who belongs");
            self.wrong(Some(def.name.span()), message, "fill in `zh` and `en`: both are shown");
        }
        if def.purposes.get_ref().is_empty() {
            let message = format!("segment `{name}` may be used for nothing");
            self.wrong(Some(def.purposes.span()), message, "name at least one purpose");
        }
        Segment {
            name: name.clone(),
            file: self.file.to_owned(),
            meaning: def.meaning.clone(),
            purposes: Purpose::ALL.into_iter().filter(|p| def.purposes.get_ref().contains(p)).collect(),
            membership: self.membership(def),
        }
    }

    fn membership(&mut self, def: &SegmentDef) -> Membership {
        match (&def.predicate, &def.cluster) {
            (Some(predicate), None) => Membership::Where(self.predicate(predicate)),
            (None, Some(cluster)) => Membership::Clusters(self.clustering(cluster)),
            _ => {
                let message = format!(
                    "segment `{}` has {} of `where` and `cluster`",
                    self.segment,
                    match def.predicate {
                        Some(_) => "both",
                        None => "neither",
                    }
                );
                self.wrong(Some(def.name.span()), message, "say with one of them who belongs");
                Membership::Where(Predicate::Any(Vec::new()))
            }
        }
    }

    fn clustering(&mut self, def: &Spanned<ClusterDef>) -> Clustering {
        let place = Some(def.span());
        let def = def.get_ref();
        for name in &def.traits {
            if let Some(of) = self.named_trait(name)
                && matches!(of.ty, ColumnType::Text)
            {
                let message = format!("segment `{}` clusters by `{}`, which is a text", self.segment, of.name);
                self.wrong(Some(name.span()), message, "cluster by numbers");
            }
        }
        let sound = match def.method {
            MethodDef::KMeans { clusters_min, clusters_max } => {
                2 <= clusters_min && clusters_min <= clusters_max && clusters_max <= CLUSTERS_MAX
            }
            MethodDef::Density { cluster_size_min } => cluster_size_min >= 2,
        };
        if !sound || def.traits.is_empty() {
            let message = format!("the clustering of segment `{}` cannot be", self.segment);
            let help = "name at least one trait; 2 <= clusters_min <= clusters_max <= 20, cluster_size_min >= 2";
            self.wrong(place, message, help);
        }
        let traits = def.traits.iter().map(|name| name.get_ref().clone()).collect();
        Clustering { traits, method: def.method.clone(), seed: def.seed }
    }

    fn named_trait(&mut self, name: &Spanned<String>) -> Option<Trait> {
        let found = self.traits.get(name.get_ref()).cloned();
        if found.is_none() {
            let message = format!("segment `{}` names the trait `{}`, and there is none", self.segment, name.get_ref());
            let help = names::advice(name.get_ref(), "traits", self.traits.in_order().map(|t| t.name.as_str()));
            self.wrong(Some(name.span()), message, help);
        }
        found
    }

    /// A predicate; where it does not hold up, one that nobody passes, and the problem is on the list.
    fn predicate(&mut self, def: &Spanned<PredicateDef>) -> Predicate {
        let nobody = Predicate::Any(Vec::new());
        let place = Some(def.span());
        let def = def.get_ref();
        let kinds = kinds(def);
        let [kind] = kinds[..] else {
            let found = if kinds.is_empty() { "none".to_owned() } else { kinds.join(" and ") };
            let message = format!("a part of segment `{}` has {found} of {KINDS}", self.segment);
            self.wrong(place, message, "each part has exactly one of them");
            return nobody;
        };
        for key in misplaced(def, kind) {
            let message = format!("`{key}` does not go with `{kind}`");
            self.wrong(place.clone(), message, format!("beside `{kind}` may stand: {}", options(kind).join(", ")));
        }
        match kind {
            "all" => Predicate::All(self.parts(def.all.as_deref(), kind, place)),
            "any" => Predicate::Any(self.parts(def.any.as_deref(), kind, place)),
            "not" => def.not.as_ref().map_or(nobody, |part| Predicate::Not(Box::new(self.predicate(part)))),
            "trait" => def.trait_name.as_ref().and_then(|name| self.trait_test(name, def, place)).unwrap_or(nobody),
            "holds" => def.holds.as_ref().map_or(nobody, |product| Predicate::Holds(self.holds(product, def))),
            "did" => def.did.as_ref().map_or(nobody, |name| Predicate::Did(self.did(name, def, place))),
            "did_not" => def.did_not.as_ref().map_or(nobody, |name| Predicate::Did(self.did_not(name, def, place))),
            "sequence" => def.sequence.as_ref().map_or(nobody, |steps| Predicate::Sequence(self.sequence(steps, def))),
            _ => def.segment.as_ref().map_or(nobody, |name| Predicate::Segment(self.in_segment(name, def))),
        }
    }

    fn parts(&mut self, parts: Option<&[Spanned<PredicateDef>]>, kind: &str, place: Place) -> Vec<Predicate> {
        let parts = parts.unwrap_or_default();
        if parts.is_empty() {
            self.wrong(place, format!("`{kind}` has no parts"), "list at least one");
        }
        parts.iter().map(|part| self.predicate(part)).collect()
    }

    fn trait_test(&mut self, name: &Spanned<String>, def: &PredicateDef, place: Place) -> Option<Predicate> {
        let of = self.named_trait(name)?;
        let bounds = [&def.at_least, &def.more_than, &def.at_most, &def.less_than];
        let ranged = bounds.iter().any(|bound| bound.is_some());
        let tests = [def.is.is_some(), def.is_not.is_some(), ranged, def.missing.is_some()];
        let doubled =
            (def.at_least.is_some() && def.more_than.is_some()) || (def.at_most.is_some() && def.less_than.is_some());
        if tests.iter().filter(|given| **given).count() != 1 || doubled {
            let message = format!("the test of `{}` is not one test", of.name);
            let help = "give `is`, `is_not`, `missing`, or a range: one of `at_least` and `more_than`, one of `at_most` and `less_than`";
            self.wrong(place, message, help);
            return None;
        }
        let test = match (&def.is, &def.is_not, def.missing) {
            (Some(values), _, _) => Test::OneOf { values: self.values(values, &of, name), among: true },
            (_, Some(values), _) => Test::OneOf { values: self.values(values, &of, name), among: false },
            (_, _, Some(missing)) => Test::Missing(missing),
            _ => {
                if matches!(of.ty, ColumnType::Text | ColumnType::Bool) {
                    let message = format!("`{}` is a {}, which has no range", of.name, of.ty.name());
                    self.wrong(Some(name.span()), message, "use `is` or `is_not`");
                }
                let low =
                    self.bound(&def.at_least, true, &of, name).or_else(|| self.bound(&def.more_than, false, &of, name));
                let high =
                    self.bound(&def.at_most, true, &of, name).or_else(|| self.bound(&def.less_than, false, &of, name));
                Test::Between { low, high }
            }
        };
        Some(Predicate::Trait(TraitTest { name: of.name, test, measured: def.measured.unwrap_or(false) }))
    }

    fn bound(
        &mut self,
        literal: &Option<Literal>,
        included: bool,
        of: &Trait,
        name: &Spanned<String>,
    ) -> Option<Bound> {
        let value = self.value(literal.as_ref()?, of, name)?;
        Some(Bound { value, included })
    }

    fn values(&mut self, written: &OneOrMore, of: &Trait, name: &Spanned<String>) -> Vec<Value> {
        if written.values().is_empty() {
            self.wrong(Some(name.span()), format!("`{}` is compared with nothing", of.name), "list at least one value");
        }
        written.values().iter().filter_map(|literal| self.value(literal, of, name)).collect()
    }

    fn value(&mut self, literal: &Literal, of: &Trait, name: &Spanned<String>) -> Option<Value> {
        match Value::from_literal(literal, of.ty) {
            Ok(value) => Some(value),
            Err(help) => {
                let message = format!("`{}` is a {}, and `{literal}` is none", of.name, of.ty.name());
                self.wrong(Some(name.span()), message, help);
                None
            }
        }
    }

    fn holds(&mut self, product: &Spanned<String>, def: &PredicateDef) -> Holds {
        let for_days = def.for_days.unwrap_or(0);
        self.days(Some(for_days), product.span());
        Holds { product: product.get_ref().clone(), for_days }
    }

    fn days(&mut self, days: Option<u32>, place: Range<usize>) {
        if let Some(days) = days.filter(|days| *days > DAYS_MAX) {
            self.wrong(Some(place), format!("a window of {days} days"), "a window has at most 36,525 days");
        }
    }

    /// One of two ways to give a length of time.
    fn span(&mut self, days: Option<u32>, hours: Option<u32>, place: Range<usize>) -> Option<Span> {
        self.days(days.or(hours.map(|hours| hours / 24)), place.clone());
        match (days, hours) {
            (Some(_), Some(_)) => {
                self.wrong(Some(place), "one window in days and in hours", "give one of them");
                None
            }
            (Some(days), None) => Some(Span::Days(days)),
            (None, Some(hours)) => Some(Span::Hours(hours)),
            (None, None) => None,
        }
    }

    fn event(&mut self, name: &Spanned<String>, def: &PredicateDef) -> EventTest {
        let amount = def.amount_at_least.as_ref().map(|literal| Value::from_literal(literal, ColumnType::Decimal));
        let amount_at_least = match amount {
            Some(Ok(Value::Decimal(amount))) => Some(amount),
            Some(Err(help)) => {
                self.wrong(Some(name.span()), "`amount_at_least` is no amount", help);
                None
            }
            _ => None,
        };
        EventTest { name: name.get_ref().clone(), channel: def.channel.clone(), amount_at_least }
    }

    fn did(&mut self, name: &Spanned<String>, def: &PredicateDef, place: Place) -> Did {
        let at_least = def.at_least_times.unwrap_or(u32::from(def.at_most_times.is_none()));
        if def.at_most_times.is_some_and(|most| most < at_least) || (at_least == 0 && def.at_most_times.is_none()) {
            let message = format!("how often `{}` was done cannot be", name.get_ref());
            self.wrong(place, message, "at_least_times is at most at_most_times; for \"never\" write `did_not`");
        }
        let last = self.span(def.in_last_days, def.in_last_hours, name.span());
        Did { event: self.event(name, def), at_least, at_most: def.at_most_times, last }
    }

    fn did_not(&mut self, name: &Spanned<String>, def: &PredicateDef, _: Place) -> Did {
        let last = self.span(def.in_last_days, def.in_last_hours, name.span());
        Did { event: self.event(name, def), at_least: 0, at_most: Some(0), last }
    }

    fn sequence(&mut self, steps: &Spanned<Vec<String>>, def: &PredicateDef) -> Sequence {
        if !(2..=STEPS_MAX).contains(&steps.get_ref().len()) {
            let message = format!("a sequence of {} steps", steps.get_ref().len());
            self.wrong(Some(steps.span()), message, "a sequence has 2 to 20 steps");
        }
        let within = self.span(def.within_days, def.within_hours, steps.span());
        let last = self.span(def.in_last_days, def.in_last_hours, steps.span());
        Sequence { steps: steps.get_ref().clone(), within, last }
    }

    fn in_segment(&mut self, name: &Spanned<String>, def: &PredicateDef) -> InSegment {
        let known = self.clusterings.get(name.get_ref().as_str()).copied();
        if known.is_none() {
            let message =
                format!("segment `{}` names the segment `{}`, and there is none", self.segment, name.get_ref());
            let others = self.clusterings.keys().copied().filter(|other| *other != self.segment);
            let help = names::advice(name.get_ref(), "segments", others);
            self.wrong(Some(name.span()), message, help);
        }
        if def.cluster.is_some() && known == Some(false) {
            let message = format!("segment `{}` is no clustering", name.get_ref());
            self.wrong(Some(name.span()), message, "leave `cluster` out");
        }
        if def.cluster == Some(0) {
            self.wrong(Some(name.span()), "there is no cluster 0", "clusters are counted from 1");
        }
        InSegment { name: name.get_ref().clone(), cluster: def.cluster }
    }
}

const KINDS: &str = "`all`, `any`, `not`, `trait`, `holds`, `did`, `did_not`, `sequence` and `segment`";

fn kinds(def: &PredicateDef) -> Vec<&'static str> {
    let given = [
        ("all", def.all.is_some()),
        ("any", def.any.is_some()),
        ("not", def.not.is_some()),
        ("trait", def.trait_name.is_some()),
        ("holds", def.holds.is_some()),
        ("did", def.did.is_some()),
        ("did_not", def.did_not.is_some()),
        ("sequence", def.sequence.is_some()),
        ("segment", def.segment.is_some()),
    ];
    given.into_iter().filter(|(_, given)| *given).map(|(kind, _)| kind).collect()
}

/// The keys that may stand beside a kind.
fn options(kind: &str) -> &'static [&'static str] {
    match kind {
        "trait" => &["is", "is_not", "at_least", "at_most", "more_than", "less_than", "missing", "measured"],
        "holds" => &["for_days"],
        "did" => &["at_least_times", "at_most_times", "channel", "amount_at_least", "in_last_days", "in_last_hours"],
        "did_not" => &["channel", "amount_at_least", "in_last_days", "in_last_hours"],
        "sequence" => &["within_days", "within_hours", "in_last_days", "in_last_hours"],
        "segment" => &["cluster"],
        _ => &[],
    }
}

fn misplaced(def: &PredicateDef, kind: &str) -> Vec<&'static str> {
    let given = [
        ("is", def.is.is_some()),
        ("is_not", def.is_not.is_some()),
        ("at_least", def.at_least.is_some()),
        ("at_most", def.at_most.is_some()),
        ("more_than", def.more_than.is_some()),
        ("less_than", def.less_than.is_some()),
        ("missing", def.missing.is_some()),
        ("measured", def.measured.is_some()),
        ("for_days", def.for_days.is_some()),
        ("at_least_times", def.at_least_times.is_some()),
        ("at_most_times", def.at_most_times.is_some()),
        ("channel", def.channel.is_some()),
        ("amount_at_least", def.amount_at_least.is_some()),
        ("in_last_days", def.in_last_days.is_some()),
        ("in_last_hours", def.in_last_hours.is_some()),
        ("within_days", def.within_days.is_some()),
        ("within_hours", def.within_hours.is_some()),
        ("cluster", def.cluster.is_some()),
    ];
    let allowed = options(kind);
    given.into_iter().filter(|(key, given)| *given && !allowed.contains(key)).map(|(key, _)| key).collect()
}
