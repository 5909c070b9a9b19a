//! `florin segment list`, `show` and `preview`: what a segment means, how large it is, how old, who came and went, and what it is
//! like.

use std::collections::{BTreeMap, BTreeSet};

use arrow::{array::AsArray as _, datatypes::Int64Type};
use florin_domain::{CustomerId, EventTime, Purpose};
use florin_features::{
    Segments,
    definition::Meaning,
    segments::{
        Membership as Meant, Segment, SegmentFile,
        history::History,
        preview::{Beside, Preview, preview},
    },
};
use roaring::RoaringBitmap;
use serde::Serialize;

use super::{
    content::{Content, Described, Saved},
    inputs::{inputs, needs},
    keep,
    stale::{Stale, stale},
};
use crate::{
    FlowError, House,
    ask::Asking,
    bank::{Problem, Problems},
};

/// One segment, in a line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// `where`, `clusters`, or `saved` for the customers behind a number.
    pub kind: &'static str,
    /// Who that is, in Chinese.
    pub zh: String,
    /// Who that is, in English.
    pub en: String,
    /// What it may be used for.
    pub purposes: Vec<Purpose>,
    /// How many belong; absent when it was never decided.
    pub size: Option<u64>,
    /// Their share of all customers then, 0 to 1.
    pub share: Option<f64>,
    /// Of how many it cannot be told.
    pub unknown: Option<u64>,
    /// The time for which all customers were decided.
    pub as_of: Option<EventTime>,
    /// The time until which it followed new rows, when that is later.
    pub followed: Option<EventTime>,
    /// Whether it follows new rows as they are committed.
    pub follows: bool,
    /// Why it is not up to date; nothing when it is.
    pub stale: Vec<String>,
}

/// How far a trait of a segment has shifted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drift {
    /// The trait.
    pub name: String,
    /// Since when.
    pub since: EventTime,
    /// The population stability index.
    pub index: f64,
}

/// Everything about one segment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct View {
    /// The essentials.
    #[serde(flatten)]
    pub line: Line,
    /// How many members the session's purpose may see: those are listed and exported. Absent when who belongs may not be known, for
    /// the reason in `hidden`.
    pub seen: Option<u64>,
    /// Why who belongs may not be known.
    pub hidden: Option<String>,
    /// Who entered and who left since a time.
    pub moves: Option<Moved>,
    /// Other segments that the session may know, the most alike first.
    pub beside: Vec<Beside>,
    /// Its traits.
    pub drift: Vec<Drift>,
    /// Of a clustering.
    pub clusters: Option<Described>,
    /// Of the customers behind a number.
    pub saved: Option<Saved>,
}

/// Who moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Since when.
    pub since: EventTime,
    /// How many belong and did not.
    pub entered: u64,
    /// How many did and do not.
    pub left: u64,
}

/// What a definition would mean.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// Size, overlap, who would move.
    #[serde(flatten)]
    pub preview: Preview,
    /// How far its traits are from those of the members there are.
    pub drift: Vec<Drift>,
    /// Of a clustering.
    pub clusters: Option<Described>,
    /// Those of them whom the session's purpose may see.
    #[serde(skip)]
    pub members: RoaringBitmap,
}

impl Asking<'_> {
    /// All segments, by name.
    ///
    /// # Errors
    /// When the store or the lake fails.
    pub async fn segment_list(&self) -> Result<Vec<Line>, FlowError> {
        let house = self.house();
        let stale = stale(house, house.now()).await?;
        let mut lines: BTreeMap<String, Line> =
            house.bank.segments.in_order().map(|s| (s.name.clone(), defined(s, &stale))).collect();
        for kept in house.store.memberships().await? {
            let (name, content) = (kept.segment, Content::read(&kept.content)?);
            if !lines.contains_key(&name)
                && let Some(saved) = &kept.saved
            {
                lines.insert(name.clone(), of_saved(&name, &Saved::read(saved)?));
            }
            // What is neither defined nor saved any more is not shown.
            let Some(line) = lines.get_mut(&name) else { continue };
            line.size = Some(kept.size);
            line.unknown = Some(kept.unsure);
            line.share = (content.customers > 0).then(|| kept.size as f64 / content.customers as f64);
            line.as_of = Some(content.as_of);
            line.followed = content.followed;
        }
        Ok(lines.into_values().collect())
    }

    /// Everything about one segment; moves are counted since a time.
    ///
    /// # Errors
    /// When there is no such segment, or the store or the lake fails.
    pub async fn segment_view(&self, name: &str, since: Option<EventTime>) -> Result<View, FlowError> {
        let house = self.house();
        let lines = self.segment_list().await?;
        let known = || lines.iter().map(|line| line.name.clone()).collect::<Vec<_>>().join(", ");
        let found = lines.iter().find(|line| line.name == name).cloned();
        let line =
            found.ok_or_else(|| FlowError::Unknown { what: "segment", name: name.to_owned(), known: known() })?;
        let kept = house.store.membership(name).await?;
        let content = kept.as_ref().map(|kept| Content::of(&kept.membership)).transpose()?;
        let mut view = View {
            line,
            seen: None,
            hidden: None,
            moves: None,
            beside: Vec::new(),
            drift: content.as_ref().map(drift).unwrap_or_default(),
            clusters: content
                .and_then(|content| content.clusters)
                .map(|clusters| clusters.explained(&house.bank.traits)),
            saved: kept.as_ref().map(|kept| Saved::of(&kept.membership)).transpose()?.flatten(),
        };
        if let Err(hidden) = self.segments().may_know(name) {
            view.hidden = Some(hidden.to_string());
            return Ok(view);
        }
        let Some(kept) = kept else { return Ok(view) };
        let members = self.segments().members(name).await?;
        view.seen = Some(members.all.len());
        view.beside = self.beside(&lines, name, &members.all).await?;
        if let Some(since) = since {
            let history = History::from_bytes(&kept.membership.history)?;
            let seen = |set| self.segments().consenting(&self.segments().of_persons(&set));
            let until = self.grant().as_of().unwrap_or_else(|| house.now());
            let (before, after) = (seen(history.at(since)), seen(history.at(until)));
            view.moves =
                Some(Moved { since, entered: after.difference_len(&before), left: before.difference_len(&after) });
        }
        Ok(view)
    }

    /// The segments that a set of customers shares members with.
    async fn beside(
        &self,
        lines: &[Line],
        name: &str,
        members: &roaring::RoaringBitmap,
    ) -> Result<Vec<Beside>, FlowError> {
        let mut others = Vec::new();
        for line in lines.iter().filter(|line| line.name != name && line.size.is_some()) {
            if self.segments().may_know(&line.name).is_ok() {
                others.push((line.name.clone(), self.segments().members(&line.name).await?));
            }
        }
        let others: Vec<_> = others.iter().map(|(name, members)| (name.as_str(), &members.all)).collect();
        let nobody = roaring::RoaringBitmap::new();
        Ok(preview(members, &nobody, &nobody, None, &others).beside)
    }

    /// The segments that a person belongs to, of those that the session may know, by name, and what each says.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn segments_of(&self, person: CustomerId) -> Result<Vec<(String, Meaning)>, FlowError> {
        let holding = self.segments().holding(person.0).await?;
        let told = |name: String| self.segments().meaning(&name).cloned().map(|meaning| (name, meaning));
        Ok(holding.into_iter().filter_map(told).collect())
    }

    /// How many persons the session sees.
    ///
    /// # Errors
    /// When it cannot be put on record, or the lake fails.
    pub async fn persons_seen(&self) -> Result<u64, FlowError> {
        let rows = self.sql("select count(distinct customer_id) from customer").await?.collect().await?;
        let count = rows.first().map(|batch| batch.column(0).as_primitive::<Int64Type>().value(0));
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }

    /// What definitions would mean, before anything of them is kept: those of a file's text, or one of the bank directory.
    ///
    /// # Errors
    /// What is wrong with the definitions; a refusal; those of deciding.
    pub async fn segment_preview(&self, what: &Draftable<'_>) -> Result<Vec<Draft>, FlowError> {
        let house = self.house();
        let (segments, names) = what.compiled(house)?;
        let drafts: Vec<&Segment> = segments.in_order().filter(|segment| names.contains(&segment.name)).collect();
        for draft in &drafts {
            // A size tells of somebody when the predicate is anybody's to choose.
            let needs = needs(draft, &segments, &house.bank.traits, &house.bank.catalogue);
            match self.segments().may_draft(&draft.name, &draft.purposes, &needs) {
                Err(FlowError::Refused(refusal)) => return Err(house.record_refusal(refusal).await),
                may => may?,
            }
        }
        let as_of = self.grant().as_of().unwrap_or_else(|| house.now());
        let mut deciding = keep::begin(house, self.grant().purpose(), as_of, &drafts).await?;
        let lines = self.segment_list().await?;
        let mut shown = Vec::new();
        for draft in drafts {
            let (membership, content) = keep::decided(&mut deciding, draft).await?;
            let kept = house.store.membership(&draft.name).await?;
            let history = kept.as_ref().map(|kept| History::from_bytes(&kept.membership.history)).transpose()?;
            let before = kept.as_ref().map(|kept| Content::of(&kept.membership)).transpose()?;
            let everyone = &deciding.everyone;
            let mut found = preview(&membership.members, &membership.unknown, everyone, history.as_ref(), &[]);
            let seen = self.segments().consenting(&membership.members);
            found.beside = self.beside(&lines, &draft.name, &seen).await?;
            let drift =
                before.map(|before| shifted(&deciding, &before, draft, &membership.members)).unwrap_or_default();
            let clusters = content.clusters.map(|clusters| clusters.explained(&house.bank.traits));
            shown.push(Draft { name: draft.name.clone(), preview: found, drift, clusters, members: seen });
        }
        Ok(shown)
    }
}

/// What can be looked at before it is kept.
#[derive(Debug, Clone, Copy)]
pub enum Draftable<'a> {
    /// A segment of the bank directory.
    Name(&'a str),
    /// A file of definitions: its path, for messages, and its text.
    File(&'a str, &'a str),
}

impl Draftable<'_> {
    /// All segments there would be, and the names of those that are meant.
    fn compiled(&self, house: &House) -> Result<(Segments, BTreeSet<String>), FlowError> {
        let (file, text) = match *self {
            Self::Name(name) => {
                let segment = super::defined(house, name)?;
                return Ok(((*house.bank.segments).clone(), [segment.name.clone()].into()));
            }
            Self::File(file, text) => (file, text),
        };
        let wrong = |problem: &florin_features::DefinitionProblem| {
            let place = problem.place.map(|place| place.start..place.end);
            Problem::at(std::path::Path::new(&problem.file), text, place, problem.message.clone(), &problem.help)
        };
        let draft = SegmentFile::parse(file, text).map_err(|problem| Problems::new(vec![wrong(&problem)]))?;
        let names: BTreeSet<String> = draft.segments.iter().map(|def| def.name.get_ref().clone()).collect();
        // The drafts take the place of what has their names.
        let mut files = house.bank.segment_files.clone();
        files.iter_mut().for_each(|(_, file)| file.segments.retain(|def| !names.contains(def.name.get_ref())));
        files.push((file.to_owned(), draft));
        match Segments::compile(&files, &house.bank.traits) {
            Ok(segments) => Ok((segments, names)),
            Err(florin_features::FeatureError::Definitions(problems)) => {
                Err(Problems::new(problems.iter().map(wrong).collect()).into())
            }
            Err(other) => Err(other.into()),
        }
    }
}

fn defined(segment: &Segment, stale: &[Stale]) -> Line {
    let reasons = stale.iter().find(|stale| stale.name == segment.name).map(|stale| stale.reasons.clone());
    Line {
        name: segment.name.clone(),
        kind: if matches!(segment.membership, Meant::Where(_)) { "where" } else { "clusters" },
        zh: segment.meaning.zh.clone(),
        en: segment.meaning.en.clone(),
        purposes: segment.purposes.clone(),
        size: None,
        share: None,
        unknown: None,
        as_of: None,
        followed: None,
        follows: inputs(segment).row_by_row,
        stale: reasons.unwrap_or_default(),
    }
}

fn of_saved(name: &str, saved: &Saved) -> Line {
    Line {
        name: name.to_owned(),
        kind: "saved",
        zh: saved.meaning.zh.clone(),
        en: saved.meaning.en.clone(),
        purposes: vec![saved.purpose],
        size: None,
        share: None,
        unknown: None,
        as_of: None,
        followed: None,
        follows: false,
        stale: Vec::new(),
    }
}

fn drift(content: &Content) -> Vec<Drift> {
    let drift = |(name, baseline): (&String, &super::content::Baseline)| Drift {
        name: name.clone(),
        since: baseline.at,
        index: baseline.shift,
    };
    content.traits.iter().map(drift).collect()
}

/// How far the traits of a draft's members are from those of the members there were.
fn shifted(
    deciding: &super::decide::Deciding<'_>,
    before: &Content,
    draft: &Segment,
    members: &roaring::RoaringBitmap,
) -> Vec<Drift> {
    let of = |name: &str| {
        let baseline = before.traits.get(name)?;
        let index = baseline.of.shift(&deciding.measures(name, members)).ok()?;
        Some(Drift { name: name.to_owned(), since: baseline.at, index })
    };
    draft.traits().into_iter().filter_map(of).collect()
}
