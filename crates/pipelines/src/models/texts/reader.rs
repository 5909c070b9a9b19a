//! A classifier with what it reads texts by: their words, and where its definition asks for it what they mean, by sentence encoders whose weights somebody
//! brought. Nothing is fetched here.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use florin_embeddings::Encoder;
use florin_models::definition::{EncoderName, LearnerDef, ModelDef};
use florin_text::{Classifier, Verdict, classifier::Explanation};
use rayon::prelude::*;

use super::super::{content::MODEL, known::Made, wrong};
use crate::{FlowError, House};

/// Texts whose meanings are in memory at a time.
const CHUNK_TEXTS: usize = 4096;
/// What weights and vocabularies end with; licences and notes beside them may change.
const WEIGHTS: [&str; 4] = ["safetensors", "model", "npy", "txt"];
/// Texts in folders of weights that are none.
const NOTES: [&str; 2] = ["ORIGIN.txt", "LICENSE-package.txt"];

/// The sentence encoders of a definition, in its order.
pub(super) struct Encoders {
    encoders: Vec<Encoder>,
    /// A hash of each one's weights, by name.
    pub(super) hashes: BTreeMap<String, String>,
}

impl Encoders {
    /// Opens those that a definition names.
    pub(super) fn of(house: &House, def: &ModelDef) -> Result<Self, FlowError> {
        let names: &[EncoderName] = match &def.learner {
            LearnerDef::Text(text) => &text.meaning,
            _ => &[],
        };
        let (mut encoders, mut hashes) = (Vec::new(), BTreeMap::new());
        for name in names.iter().map(|name| name.name()) {
            let folder = folder(house, def, name)?;
            encoders.push(Encoder::open(&folder).map_err(|e| wrong(&def.name, e))?);
            hashes.insert(name.to_owned(), hash(&folder)?);
        }
        Ok(Self { encoders, hashes })
    }

    fn dimensions(&self) -> usize {
        self.encoders.iter().map(Encoder::dimensions).sum()
    }

    /// One vector a text: those of all encoders behind each other.
    pub(super) fn meanings(&self, texts: &[&str]) -> (Vec<f32>, usize) {
        let found: Vec<_> = self.encoders.iter().map(|encoder| encoder.encode(texts)).collect();
        let mut values = Vec::with_capacity(texts.len() * self.dimensions());
        for text in 0..texts.len() {
            found.iter().for_each(|vectors| values.extend_from_slice(vectors.row(text)));
        }
        (values, self.dimensions())
    }
}

/// Where an encoder's weights lie; an error says how they come there.
fn folder(house: &House, def: &ModelDef, name: &str) -> Result<PathBuf, FlowError> {
    let advice = "or take it out of `meaning`: words alone do without";
    let Some(all) = &house.around.encoders else {
        let what = format!("it goes by the encoder `{name}`, and no folder of encoders is known");
        return Err(wrong(&def.name, format!("{what}; name one in FLORIN_MODELS, {advice}")));
    };
    let folder = all.join(name);
    if !folder.is_dir() {
        let what = format!("it goes by the encoder `{name}`, whose weights are not in `{}`", folder.display());
        return Err(wrong(
            &def.name,
            format!(
                "{what}; bring them with `cargo xtask models {name}` (FLORIN_MODELS names another folder), {advice}"
            ),
        ));
    }
    Ok(folder)
}

/// A hash of an encoder's weights and vocabulary.
fn hash(folder: &Path) -> Result<String, FlowError> {
    let entries = fs::read_dir(folder).map_err(|e| FlowError::file(folder, e))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| {
        let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        WEIGHTS.contains(&ending) && !NOTES.contains(&name)
    });
    files.sort();
    let mut hasher = blake3::Hasher::new();
    for file in files {
        let bytes = fs::read(&file).map_err(|e| FlowError::file(&file, e))?;
        hasher.update(blake3::hash(&bytes).as_bytes());
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// A classifier, ready to read.
pub(super) struct Reader {
    pub(super) classifier: Classifier,
    encoders: Encoders,
}

impl Reader {
    pub(super) fn new(classifier: Classifier, encoders: Encoders) -> Self {
        Self { classifier, encoders }
    }

    /// The classifier of a version, with encoders whose weights are those that it was trained with.
    pub(super) fn of_version(house: &House, def: &ModelDef, bytes: &str, made: &Made) -> Result<Self, FlowError> {
        let bytes = house.kept_bytes(&def.name, bytes, MODEL)?;
        let classifier = Classifier::from_bytes(&bytes, None).map_err(|e| wrong(&def.name, e))?;
        if classifier.dimensions() == 0 {
            return Ok(Self::new(classifier, Encoders { encoders: Vec::new(), hashes: BTreeMap::new() }));
        }
        let encoders = Encoders::of(house, def)?;
        if encoders.hashes != made.trained_on.encoders {
            let with = made.trained_on.encoders.keys().cloned().collect::<Vec<_>>().join(", ");
            let what = format!("the version was trained with other weights of {with}, or with other encoders");
            return Err(wrong(&def.name, format!("{what}; bring those back, or train and promote a new version")));
        }
        Ok(Self::new(classifier, encoders))
    }

    fn plain(&self) -> bool {
        self.classifier.dimensions() == 0
    }

    /// What it says of each text.
    pub(super) fn verdicts(&self, texts: &[&str]) -> Result<Vec<Verdict>, FlowError> {
        if self.plain() {
            return Ok(self.classifier.classify_all(texts));
        }
        let mut all = Vec::with_capacity(texts.len());
        for chunk in texts.chunks(CHUNK_TEXTS) {
            let (values, dimensions) = self.encoders.meanings(chunk);
            let one = |(text, meaning): (&&str, &[f32])| self.classifier.classify_with(text, meaning);
            let found: Result<Vec<Verdict>, _> =
                chunk.par_iter().zip(values.par_chunks_exact(dimensions)).map(one).collect();
            all.extend(found.map_err(text_error)?);
        }
        Ok(all)
    }

    /// Why each text is said to be about a label.
    pub(super) fn explanations(&self, texts: &[&str], labels: &[usize]) -> Result<Vec<Explanation>, FlowError> {
        if self.plain() {
            let one = |(text, label): (&&str, &usize)| self.classifier.explain(text, *label);
            return Ok(texts.par_iter().zip(labels).map(one).collect());
        }
        let mut all = Vec::with_capacity(texts.len());
        for (chunk, labels) in texts.chunks(CHUNK_TEXTS).zip(labels.chunks(CHUNK_TEXTS)) {
            let (values, dimensions) = self.encoders.meanings(chunk);
            let rows = chunk.par_iter().zip(values.par_chunks_exact(dimensions)).zip(labels);
            let one = |((text, meaning), label): ((&&str, &[f32]), &usize)| {
                self.classifier.explain_with(text, meaning, *label)
            };
            let found: Result<Vec<Explanation>, _> = rows.map(one).collect();
            all.extend(found.map_err(text_error)?);
        }
        Ok(all)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn text_error(error: florin_text::TextError) -> FlowError {
    FlowError::Model(error.to_string())
}
