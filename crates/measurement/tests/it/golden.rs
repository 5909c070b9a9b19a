//! Golden files and how close to them we must be. `golden/make.py` makes them and names its references.

use serde_json::Value;

/// A golden file.
pub(crate) struct Golden(pub(crate) Value);

impl Golden {
    pub(crate) fn read(name: &str) -> Self {
        let path = format!("{}/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).expect("a golden file");
        Self(serde_json::from_str(&text).expect("JSON"))
    }

    pub(crate) fn at(&self, pointer: &str) -> &Value {
        self.0.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}"))
    }

    pub(crate) fn number(&self, pointer: &str) -> f64 {
        self.at(pointer).as_f64().expect("a number")
    }

    pub(crate) fn numbers(&self, pointer: &str) -> Vec<f64> {
        self.at(pointer).as_array().expect("a list").iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
    }

    pub(crate) fn bools(&self, pointer: &str) -> Vec<bool> {
        self.at(pointer).as_array().expect("a list").iter().map(|v| v.as_bool().expect("true or false")).collect()
    }
}

/// Within so much of the reference.
#[track_caller]
pub(crate) fn close(found: f64, reference: f64, within: f64) {
    assert!((found - reference).abs() <= within, "found {found}, the reference has {reference}");
}

/// Every one of them.
#[track_caller]
pub(crate) fn all_close(found: &[f64], reference: &[f64], within: f64) {
    assert_eq!(found.len(), reference.len());
    found.iter().zip(reference).for_each(|(found, reference)| close(*found, *reference, within));
}
