//! Definitions that other crates read and check: traits, segments, models and offers.

use std::path::Path;

use florin_decisions::DecisionError;
use florin_features::FeatureError;
use florin_models::ModelError;

use super::{DefinitionText, Problem, Reader, stem};

/// Something that is wrong with a definition, whichever crate found it.
pub(super) struct Found {
    file: String,
    place: Option<(usize, usize)>,
    message: String,
    help: String,
}

impl Found {
    /// With the line that it concerns.
    pub(super) fn placed(self, texts: &[DefinitionText]) -> Problem {
        let path = Path::new(&self.file);
        let (folder, name) = (path.parent().unwrap_or(Path::new("")), stem(path));
        let of_folder = |kind: &str| folder.to_str().is_some_and(|folder| folder.strip_suffix('s') == Some(kind));
        let text = texts.iter().find(|t| t.name == name && of_folder(t.kind)).map(|t| t.expanded.as_str());
        let place = self.place.map(|place| place.0..place.1);
        Problem::at(path, text.unwrap_or_default(), place, self.message, &self.help)
    }
}

impl From<florin_features::DefinitionProblem> for Found {
    fn from(problem: florin_features::DefinitionProblem) -> Self {
        let place = problem.place.map(|place| (place.start, place.end));
        Self { file: problem.file, place, message: problem.message, help: problem.help }
    }
}

impl From<florin_models::DefinitionProblem> for Found {
    fn from(problem: florin_models::DefinitionProblem) -> Self {
        Self { file: problem.file, place: problem.place, message: problem.message, help: problem.help }
    }
}

/// Why definitions do not hold up: what is wrong with which, or something else.
pub(super) trait NotSound {
    fn found(self) -> Result<Vec<Found>, String>;
}

impl NotSound for FeatureError {
    fn found(self) -> Result<Vec<Found>, String> {
        match self {
            Self::Definitions(problems) => Ok(problems.into_iter().map(Found::from).collect()),
            other => Err(other.to_string()),
        }
    }
}

impl NotSound for ModelError {
    fn found(self) -> Result<Vec<Found>, String> {
        match self {
            Self::Definitions(problems) => Ok(problems.into_iter().map(Found::from).collect()),
            other => Err(other.to_string()),
        }
    }
}

impl NotSound for DecisionError {
    fn found(self) -> Result<Vec<Found>, String> {
        match self {
            Self::Definitions(problems) => Ok(problems.into_iter().map(Found::from).collect()),
            other => Err(other.to_string()),
        }
    }
}

impl Reader<'_> {
    /// The files of a folder, each with its path; what cannot be read is among the problems.
    pub(super) fn defined<T, P: Into<Found>>(
        &mut self,
        folder: &str,
        kind: &'static str,
        parse: impl Fn(&str, &str) -> Result<T, P>,
    ) -> Vec<(String, T)> {
        let mut files = Vec::new();
        for path in self.files_of(folder, "toml") {
            let Some(text) = self.expanded(&path, kind, &stem(&path)) else { continue };
            let file = path.display().to_string();
            match parse(&file, &text) {
                Ok(parsed) => files.push((file, parsed)),
                Err(problem) => self.wrong(problem.into()),
            }
        }
        files
    }

    /// What was compiled of them; what does not hold up is among the problems.
    pub(super) fn compiled<T: Default, E: NotSound>(&mut self, compiled: Result<T, E>) -> T {
        match compiled.map_err(NotSound::found) {
            Ok(sound) => return sound,
            Err(Ok(problems)) => problems.into_iter().for_each(|problem| self.wrong(problem)),
            Err(Err(other)) => self.problems.push(Problem::of_file(Path::new(""), other, "")),
        }
        T::default()
    }

    pub(super) fn wrong(&mut self, problem: impl Into<Found>) {
        let problem = problem.into().placed(&self.texts);
        self.problems.push(problem);
    }
}
