//! A bank directory, read and checked.
//!
//! Reading never stops at the first mistake: every file is read, and everything that is wrong is reported with its file,
//! line and advice.

mod defined;
mod door;
mod expand;
mod models;
mod offers;
mod problem;
mod settings;
mod sources;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use florin_analytics::Around;
use florin_decisions::offers::Offers;
use florin_domain::{Catalogue, TableDef};
use florin_features::{SegmentFile, Segments, TraitFile, Traits};
use florin_governance::{Policies, PolicyFile};
use florin_ingest::definition::SourceDef;
use florin_models::definition::ModelDef;
use serde::de::DeserializeOwned;

use crate::journeys::JourneyDef;

pub use door::{ClientSecret, OidcSettings, UnknownUsers};
pub(crate) use models::{FLAGGED, MEDIAN_DAYS, Seat, score_table};
pub(crate) use offers::{OfferFiles, recommendation_table};
pub use problem::{Problem, Problems};
pub use settings::{
    EventsSettings, IdentitySettings, LakeSettings, MergesKnown, ServeSettings, Settings, SqlSettings, UserSettings,
};
pub(crate) use sources::{CompiledMap, CompiledSource, compile_sources, input_schema};

/// The settings' file, which makes a directory a bank directory.
pub const SETTINGS_FILE: &str = "florin.toml";

/// A bank directory whose files are sound one by one.
pub struct Bank {
    /// Where it is.
    pub dir: PathBuf,
    /// `florin.toml`.
    pub settings: Settings,
    /// Canonical tables and the bank's own.
    pub catalogue: Arc<Catalogue>,
    /// `sources/*.toml`, by name.
    pub sources: BTreeMap<String, SourceDef>,
    /// `journeys/*.toml`, by name.
    pub journeys: BTreeMap<String, JourneyDef>,
    /// `traits/*.toml`, checked together.
    pub traits: Traits,
    /// `segments/*.toml`, checked together.
    pub segments: Arc<Segments>,
    /// `models/*.toml`, checked together, by name.
    pub models: BTreeMap<String, ModelDef>,
    /// `offers/*.toml`, checked together. What they say of products is checked against the table `product` by `florin apply`.
    pub offers: Offers,
    /// `policies/*.cedar`.
    pub policies: Policies,
    /// The same, as written: what a draft is compiled with.
    pub(crate) segment_files: Vec<(String, SegmentFile)>,
    /// The same, as written: what is checked again with the products there are.
    pub(crate) offer_files: OfferFiles,
    pub(crate) texts: Vec<DefinitionText>,
}

/// One definition file.
pub(crate) struct DefinitionText {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    /// As written: what is recorded.
    pub(crate) text: String,
    /// With variables replaced: what places in problems are counted in. Never shown, since it may hold secrets.
    pub(crate) expanded: String,
}

impl Bank {
    /// Reads a bank directory.
    ///
    /// # Errors
    /// Everything that is wrong with any of its files.
    pub fn read(dir: &Path) -> Result<Self, Problems> {
        Self::read_with(dir, None)
    }

    /// Reads a bank directory as it would be with another file in it: its path, as seen from the directory, and its text.
    ///
    /// # Errors
    /// Everything that would be wrong with any of its files.
    pub fn read_with(dir: &Path, draft: Option<(&Path, &str)>) -> Result<Self, Problems> {
        let mut reader = Reader { dir, draft, problems: Vec::new(), texts: Vec::new() };
        let settings: Option<Settings> = reader.file(Path::new(SETTINGS_FILE), "settings", "florin");
        let tables: Vec<(PathBuf, TableDef)> = reader.folder("tables", "table");
        let sources: Vec<(PathBuf, SourceDef)> = reader.folder("sources", "source");
        let journeys: Vec<(PathBuf, JourneyDef)> = reader.folder("journeys", "journey");
        let catalogue = reader.catalogue(tables);
        let files = reader.defined("traits", "trait", TraitFile::parse);
        let traits = reader.compiled(Traits::compile(&files, &catalogue));
        let segment_files = reader.defined("segments", "segment", SegmentFile::parse);
        // Without sound traits every segment that names one would be wrong.
        let segments = match reader.problems.is_empty() {
            true => reader.compiled(Segments::compile(&segment_files, &traits)),
            false => Segments::default(),
        };
        let models = reader.models(&catalogue, &traits, settings.as_ref());
        let catalogue = catalogue.with_derived(traits.in_order().map(florin_features::Trait::table));
        let scores: Vec<_> = models.values().flat_map(|model| models::scores(model, &traits, &catalogue)).collect();
        let catalogue = catalogue.with_derived(scores);
        let (offer_files, offers) = reader.offers(&catalogue, &traits, &models);
        let recommendations = offers::recommendations(&offers, &traits, &catalogue);
        let catalogue = catalogue.with_derived(recommendations);
        let policies = reader.policies(&catalogue);
        let named = sources.into_iter().map(|(path, def)| (stem(&path), def)).collect();
        if let Some(settings) = &settings {
            reader.problems.extend(settings.problems(Path::new(SETTINGS_FILE)));
            reader
                .problems
                .extend(journeys.iter().filter_map(|(path, journey)| wrong_journey(path, journey, settings)));
        }
        match (settings, policies) {
            (Some(settings), Some(policies)) if reader.problems.is_empty() => Ok(Self {
                dir: dir.to_owned(),
                settings,
                catalogue: Arc::new(catalogue),
                sources: named,
                journeys: journeys.into_iter().map(|(path, def)| (stem(&path), def)).collect(),
                traits,
                segments: Arc::new(segments),
                models,
                offers,
                segment_files,
                offer_files,
                policies,
                texts: reader.texts,
            }),
            _ => Err(Problems::new(reader.problems)),
        }
    }

    /// A path of a definition, as seen from the bank directory.
    #[must_use]
    pub fn path(&self, relative: &str) -> PathBuf {
        self.dir.join(relative)
    }
}

struct Reader<'a> {
    dir: &'a Path,
    /// A file that is not there yet, or has another text yet.
    draft: Option<(&'a Path, &'a str)>,
    problems: Vec<Problem>,
    texts: Vec<DefinitionText>,
}

impl Reader<'_> {
    fn text(&mut self, relative: &Path) -> Option<String> {
        if let Some((_, text)) = self.draft.filter(|(path, _)| *path == relative) {
            return Some(text.to_owned());
        }
        match fs::read_to_string(self.dir.join(relative)) {
            Ok(text) => Some(text),
            Err(error) => {
                let help = match relative == Path::new(SETTINGS_FILE) {
                    true => "is this a bank directory? `florin init DIR` makes one",
                    false => "definitions are UTF-8 text files",
                };
                self.problems.push(Problem::of_file(relative, format!("cannot be read: {error}"), help));
                None
            }
        }
    }

    fn file<T: DeserializeOwned>(&mut self, relative: &Path, kind: &'static str, name: &str) -> Option<T> {
        let expanded = self.expanded(relative, kind, name)?;
        let parsed = toml::from_str(&expanded);
        if let Err(error) = &parsed {
            let error: &toml::de::Error = error;
            let message = error.message().lines().next().unwrap_or_default().to_owned();
            let help = "docs/reference says what may stand here";
            self.problems.push(Problem::at(relative, &expanded, error.span(), message, help));
        }
        parsed.ok()
    }

    /// The text of a definition with its variables replaced; what was written is kept.
    fn expanded(&mut self, relative: &Path, kind: &'static str, name: &str) -> Option<String> {
        let text = self.text(relative)?;
        let expanded = match expand::expand(&text, &|name| std::env::var(name).ok()) {
            Ok(expanded) => expanded,
            Err(unset) => {
                let help = format!("set it, or write `${{{}:-default}}`", unset.name);
                let message = unset.to_string();
                self.problems.push(Problem::at(relative, &text, Some(unset.place), message, &help));
                return None;
            }
        };
        self.texts.push(DefinitionText { kind, name: name.to_owned(), text, expanded: expanded.clone() });
        Some(expanded)
    }

    fn folder<T: DeserializeOwned>(&mut self, folder: &str, kind: &'static str) -> Vec<(PathBuf, T)> {
        let files = self.files_of(folder, "toml");
        files.into_iter().filter_map(|path| Some((path.clone(), self.file(&path, kind, &stem(&path))?))).collect()
    }

    fn catalogue(&mut self, tables: Vec<(PathBuf, TableDef)>) -> Catalogue {
        let mut sound = Vec::new();
        for (path, table) in tables {
            let mut wrong = table.problems();
            if table.name != stem(&path) {
                wrong.push(format!("the file of table `{}` is called `{}`", table.name, stem(&path)));
            }
            match wrong.is_empty() {
                true => sound.push(table),
                false => self.problems.extend(wrong.into_iter().map(|w| Problem::of_file(&path, w, ""))),
            }
        }
        Catalogue::new(sound).unwrap_or_else(|taken| {
            let message = format!("`{taken}` is the name of a canonical table");
            let path = PathBuf::from(format!("tables/{taken}.toml"));
            self.problems.push(Problem::of_file(
                &path,
                message,
                "map into the canonical table, or choose another name",
            ));
            Catalogue::new(Vec::new()).unwrap_or_default()
        })
    }

    /// Files of a folder with an ending, by name; relative to the bank directory.
    fn files_of(&self, folder: &str, ending: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.dir.join(folder)).into_iter().flatten().flatten();
        let names = entries.map(|e| PathBuf::from(folder).join(e.file_name()));
        let draft = self.draft.map(|(path, _)| path.to_owned()).filter(|path| path.starts_with(folder));
        let there = names.chain(draft).filter(|path| path.extension().is_some_and(|e| e == ending));
        there.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }

    fn policies(&mut self, catalogue: &Catalogue) -> Option<Policies> {
        let mut files = Vec::new();
        for path in self.files_of("policies", "cedar") {
            let text = self.text(&path)?;
            let (kind, name, expanded) = ("policy", stem(&path), text.clone());
            self.texts.push(DefinitionText { kind, name, text: text.clone(), expanded });
            files.push(PolicyFile::new(path.display().to_string(), text));
        }
        let parsed = match files.is_empty() {
            true => Policies::default_for(catalogue),
            false => Policies::parse(&files, catalogue),
        };
        parsed.map_err(|e| self.problems.extend(e.problems().iter().map(Problem::of_policy))).ok()
    }
}

fn wrong_journey(path: &Path, journey: &JourneyDef, settings: &Settings) -> Option<Problem> {
    let around = Around { zone: settings.bank.time_zone.clone(), as_of: 0, threads: 1 };
    let error = journey.check(&around).err()?;
    Some(Problem::of_file(path, error.to_string(), "docs/reference/journeys.md says what a journey may be"))
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
