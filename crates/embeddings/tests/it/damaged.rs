//! Folders that are not what they should be are refused with what to do, and never panic.

use std::{
    fs,
    path::{Path, PathBuf},
};

use florin_embeddings::Encoder;
use tempfile::TempDir;

const MODELS: [&str; 2] = ["tiny_bert", "tiny_universal"];

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

/// A copy to spoil.
fn copy(name: &str) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in files(&golden(name)) {
        fs::copy(golden(name).join(&file), copy.path().join(&file)).unwrap();
    }
    copy
}

fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "expected.json").collect()
}

fn refusal(folder: &Path) -> String {
    Encoder::open(folder).err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn a_folder_without_a_model_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let said = refusal(folder.path());
    assert!(said.contains("holds no model") && said.contains("cargo xtask models"), "{said}");
    assert!(refusal(Path::new("/nowhere")).contains("holds no model"));
}

#[test]
fn each_file_that_is_missing_is_named() {
    for name in MODELS {
        // The length of texts has a default.
        for file in files(&golden(name)).iter().filter(|file| *file != "sentence_bert_config.json") {
            let copy = copy(name);
            fs::remove_file(copy.path().join(file)).unwrap();
            let said = refusal(copy.path());
            assert!(
                said.contains(file.as_str()) && said.contains("cargo xtask models"),
                "{name} without {file}: {said}"
            );
        }
    }
}

#[test]
fn each_file_that_is_cut_is_refused() {
    for name in MODELS {
        for file in files(&golden(name)) {
            let copy = copy(name);
            let path = copy.path().join(&file);
            let bytes = fs::read(&path).unwrap();
            // Nothing, inside the header, in the middle, and one byte short.
            for keep in [0, 9, bytes.len() / 2, bytes.len() - 1] {
                fs::write(&path, &bytes[..keep]).unwrap();
                let said = refusal(copy.path());
                // Without its last line break a list of pieces is whole.
                assert!(
                    !said.is_empty() || (file == "vocab.txt" && keep + 1 == bytes.len()),
                    "{name}: {file} cut at {keep}"
                );
            }
        }
    }
}

#[test]
fn the_file_of_another_array_is_refused() {
    let copy = copy("tiny_universal");
    for (from, to) in [("d0", "d3"), ("q1", "lo"), ("scale", "w1_3"), ("lo", "q2"), ("d1", "cnn_W")] {
        let path = copy.path().join(format!("{to}.npy"));
        let before = fs::read(&path).unwrap();
        fs::copy(golden("tiny_universal").join(format!("{from}.npy")), &path).unwrap();
        let said = refusal(copy.path());
        assert!(said.contains(&format!("{to}.npy")), "{from} as {to}: {said}");
        fs::write(&path, before).unwrap();
    }
}

#[test]
fn settings_that_do_not_fit_the_weights_are_refused() {
    let settings = fs::read_to_string(golden("tiny_bert/config.json")).unwrap();
    let changes = [
        ("\"hidden_size\": 12", "\"hidden_size\": 24", "should be F32"),
        ("\"num_attention_heads\": 3", "\"num_attention_heads\": 5", "sizes are out of bounds"),
        ("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "there is no `encoder.layer.2"),
        ("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 9999", "sizes are out of bounds"),
        ("gelu", "swish", "only `gelu` is known"),
    ];
    for (from, to, expected) in changes {
        let copy = copy("tiny_bert");
        fs::write(copy.path().join("config.json"), settings.replace(from, to)).unwrap();
        let said = refusal(copy.path());
        assert!(said.contains(expected), "{to}: {said}");
    }
}

#[test]
fn any_spoilt_byte_is_refused_or_read_but_never_panics() {
    for name in MODELS {
        for file in files(&golden(name)) {
            let copy = copy(name);
            let path = copy.path().join(&file);
            let bytes = fs::read(&path).unwrap();
            for at in (0..bytes.len()).step_by(1 + bytes.len() / 40) {
                let mut spoilt = bytes.clone();
                spoilt[at] ^= 0xff;
                fs::write(&path, spoilt).unwrap();
                if let Ok(encoder) = Encoder::open(copy.path()) {
                    let _ = encoder.encode(&["my card was stolen ３ 我", ""]);
                }
            }
        }
    }
}
