//! Classifiers as bytes, and back.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Calibration, Classifier, Settings};
use crate::{
    bytes::{Reader, Writer},
    error::Result,
    linear::Weights,
    tfidf::{Saved, Vectoriser},
    tokens::{Analyser, Dictionary},
};

const WHAT: &str = "classifier";
const MARK: [u8; 4] = *b"FLTC";
/// Goes up whenever older bytes would be read wrongly.
const VERSION: u32 = 1;

/// What is small enough to be JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    labels: Vec<String>,
    settings: Settings,
    /// Words of the bank that the dictionary had; absent when there was no dictionary.
    bank_words: Option<Vec<String>>,
    candidate: usize,
    forgot: bool,
    /// Absent in bytes of before there were meanings.
    #[serde(default)]
    dimensions: usize,
}

impl Classifier {
    /// The classifier as bytes: the same for the same training, on every machine.
    ///
    /// # Errors
    /// When its settings cannot be written (they always can).
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let analyser = self.vectoriser.analyser();
        let head = Head {
            labels: self.labels.clone(),
            settings: self.settings.clone(),
            bank_words: analyser.dictionary().map(|dictionary| dictionary.bank_words().to_vec()),
            candidate: self.candidate,
            forgot: self.vectoriser.forgot(),
            dimensions: self.dimensions,
        };
        let json = serde_json::to_vec(&head).map_err(|e| crate::TextError::Saved { what: WHAT, why: e.to_string() })?;
        let mut writer = Writer::new(MARK, VERSION);
        writer.section(&json);
        self.vectoriser.save(&mut writer);
        // Not in the JSON: numbers come back from it a last digit off.
        let Calibration { slope, biases } = &self.calibration;
        for numbers in [&[*slope], &biases[..], &self.offsets, &self.weights.biases, &self.trials] {
            writer.section(&flat(numbers.iter().map(|number| number.to_le_bytes())));
        }
        writer.section(&flat(self.weights.scales.iter().map(|scale| scale.to_le_bytes())));
        writer.section(&flat(self.weights.steps.iter().map(|step| step.to_le_bytes())));
        Ok(writer.finish())
    }

    /// The classifier that bytes hold. A dictionary with the same words of the bank that is handed in is shared; otherwise one is
    /// built when the classifier was trained with one.
    ///
    /// # Errors
    /// When the bytes are damaged, of another version or of something else.
    pub fn from_bytes(bytes: &[u8], dictionary: Option<&Arc<Dictionary>>) -> Result<Self> {
        let mut reader = Reader::new(WHAT, bytes, MARK, VERSION)?;
        let head: Head = serde_json::from_slice(reader.section()?).map_err(|e| reader.bad(e.to_string()))?;
        let words = head.bank_words.as_deref().map(|words| shared(words, dictionary)).transpose()?;
        let analyser = Analyser::new(&head.settings.views, words, head.settings.simplify)?;
        let vectoriser = Vectoriser::load(Saved { analyser, forgot: head.forgot }, &mut reader)?;
        let slope = reader.numbers(f64::from_le_bytes)?;
        let calibration_biases = reader.numbers(f64::from_le_bytes)?;
        let offsets = reader.numbers(f64::from_le_bytes)?;
        let biases = reader.numbers(f64::from_le_bytes)?;
        let trials = reader.numbers(f64::from_le_bytes)?;
        let scales = reader.numbers(f32::from_le_bytes)?;
        let steps = reader.numbers(i16::from_le_bytes)?;
        let labels = head.labels.len();
        let machines = biases.len();
        let columns = vectoriser.width().saturating_add(head.dimensions);
        let fits = labels >= 2
            && machines == if labels == 2 { 1 } else { labels }
            && slope.len() == 1
            && calibration_biases.len() == labels
            && offsets.len() == labels
            && head.candidate < trials.len()
            && scales.len() == columns
            && Some(steps.len()) == machines.checked_mul(columns);
        if !fits {
            return Err(reader.bad("its parts do not fit together"));
        }
        reader.end()?;
        let weights = Weights { machines, steps, scales, biases };
        let calibration = Calibration { slope: slope.iter().sum(), biases: calibration_biases };
        let Head { labels, settings, candidate, dimensions, .. } = head;
        Ok(Self { labels, settings, vectoriser, dimensions, weights, calibration, offsets, candidate, trials })
    }
}

fn shared(words: &[String], dictionary: Option<&Arc<Dictionary>>) -> Result<Arc<Dictionary>> {
    match dictionary {
        Some(dictionary) if dictionary.bank_words() == words => Ok(Arc::clone(dictionary)),
        _ => Ok(Arc::new(Dictionary::new(words)?)),
    }
}

fn flat<const N: usize>(numbers: impl Iterator<Item = [u8; N]>) -> Vec<u8> {
    numbers.flatten().collect()
}
