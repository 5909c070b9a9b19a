//! Definitions that `features` reads and checks: traits and segments.

use std::path::Path;

use florin_features::{DefinitionProblem, FeatureError};

use super::{Problem, Reader, files_of, stem};

impl Reader<'_> {
    /// The files of a folder, each with its path; what cannot be read is among the problems.
    pub(super) fn defined<T>(
        &mut self,
        folder: &str,
        kind: &'static str,
        parse: impl Fn(&str, &str) -> Result<T, DefinitionProblem>,
    ) -> Vec<(String, T)> {
        let mut files = Vec::new();
        for path in files_of(self.dir, folder, "toml") {
            let Some(text) = self.expanded(&path, kind, &stem(&path)) else { continue };
            let file = path.display().to_string();
            match parse(&file, &text) {
                Ok(parsed) => files.push((file, parsed)),
                Err(problem) => self.wrong(&problem),
            }
        }
        files
    }

    /// What was compiled of them; what does not hold up is among the problems.
    pub(super) fn compiled<T: Default>(&mut self, compiled: Result<T, FeatureError>) -> T {
        match compiled {
            Ok(sound) => return sound,
            Err(FeatureError::Definitions(problems)) => problems.iter().for_each(|problem| self.wrong(problem)),
            Err(other) => self.problems.push(Problem::of_file(Path::new(""), other.to_string(), "")),
        }
        T::default()
    }

    fn wrong(&mut self, problem: &DefinitionProblem) {
        let path = Path::new(&problem.file);
        let (folder, name) = (path.parent().unwrap_or(Path::new("")), stem(path));
        let of_folder = |kind: &str| folder.to_str().is_some_and(|folder| folder.strip_suffix('s') == Some(kind));
        let text = self.texts.iter().find(|t| t.name == name && of_folder(t.kind)).map(|t| t.expanded.as_str());
        let place = problem.place.map(|place| place.start..place.end);
        self.problems.push(Problem::at(path, text.unwrap_or_default(), place, problem.message.clone(), &problem.help));
    }
}
