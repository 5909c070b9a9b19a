//! Beside the originals: `golden/make.py` made what is expected.

use std::path::{Path, PathBuf};

use florin_embeddings::Encoder;
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    texts: Vec<String>,
    ids: Vec<Vec<u32>>,
    /// Of the first texts.
    vectors: Vec<Vec<f32>>,
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

fn expected(file: &str) -> Expected {
    serde_json::from_slice(&std::fs::read(golden(file)).unwrap()).unwrap()
}

/// The weights that `cargo xtask models` brought, when it did.
fn brought(name: &str) -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache")));
    let models = std::env::var_os("FLORIN_MODELS").map(PathBuf::from).or_else(|| Some(cache?.join("florin/models")));
    let folder = models?.join(name);
    if !folder.is_dir() {
        println!("skipped: `{}` is not there; `cargo xtask models` brings it", folder.display());
        return None;
    }
    Some(folder)
}

fn compare(folder: &Path, expected: &Expected, within: f32) {
    let encoder = Encoder::open(folder).unwrap();
    for (text, ids) in expected.texts.iter().zip(&expected.ids) {
        assert_eq!(&encoder.tokens(text), ids, "{text:?}");
    }
    let vectors = encoder.encode(&expected.texts);
    assert_eq!(vectors.len(), expected.texts.len());
    for (at, row) in expected.vectors.iter().enumerate() {
        assert_eq!(row.len(), encoder.dimensions());
        let apart = row.iter().zip(vectors.row(at)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(apart < within, "{:?}: {apart} apart", expected.texts[at]);
    }
    let lengths = (0..vectors.len()).map(|at| vectors.row(at).iter().map(|v| v * v).sum::<f32>());
    assert!(lengths.into_iter().all(|length| (length - 1.0).abs() < 1e-5));
}

#[test]
fn a_tiny_bert_says_what_the_original_says() {
    compare(&golden("tiny_bert"), &expected("tiny_bert/expected.json"), 1e-5);
}

#[test]
fn a_tiny_universal_encoder_says_what_the_original_says() {
    compare(&golden("tiny_universal"), &expected("tiny_universal/expected.json"), 1e-5);
}

#[test]
fn minilm_says_what_the_original_says() {
    let Some(folder) = brought("minilm") else { return };
    compare(&folder, &expected("minilm.json"), 1e-5);
}

#[test]
fn the_universal_encoder_says_what_the_original_says() {
    let Some(folder) = brought("universal") else { return };
    compare(&folder, &expected("universal.json"), 1e-5);
}

#[test]
fn a_chinese_question_finds_the_english_complaint() {
    let Some(folder) = brought("universal") else { return };
    let encoder = Encoder::open(folder).unwrap();
    let complaints = [
        "The cash machine swallowed my card",
        "Your staff at the branch were rude to me",
        "The transfer to my brother has not arrived",
        "I was charged a fee twice for the same payment",
        "The app crashes whenever I log in",
    ];
    let complaints = encoder.encode(&complaints);
    for (question, answer) in [
        ("ATM把我的卡吞了", 0),
        ("网点员工态度恶劣", 1),
        ("转账还没有到账", 2),
        ("同一笔付款被重复收费", 3),
        ("手机银行一登录就闪退", 4),
    ] {
        let nearest = complaints.nearest(encoder.encode(&[question]).row(0), 1).unwrap();
        assert_eq!(nearest[0].0, answer, "{question}");
    }
}

#[test]
fn a_vector_does_not_depend_on_the_texts_beside_it() {
    for name in ["tiny_bert", "tiny_universal"] {
        let encoder = Encoder::open(golden(name)).unwrap();
        let texts: Vec<String> = (0..200).map(|at| format!("block my card {}", "please ".repeat(at % 7))).collect();
        let together = encoder.encode(&texts);
        for at in [0, 13, 57, 199] {
            assert_eq!(together.row(at), encoder.encode(&texts[at..=at]).row(0), "{name}");
        }
        assert!(encoder.encode::<&str>(&[]).is_empty());
    }
}
