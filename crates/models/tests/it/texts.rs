//! Whether a classifier of texts may be released.

use florin_models::{
    definition::{Known, LearnerDef, ModelDef, ModelFile, Source, Task, Words, compile},
    evaluation::{GroupBy, TextAsked, TextEvaluation, TextsSaid, evaluate_texts},
};

use crate::data::Chance;

const DEFINITION: &str = r#"
name = "intent"
meaning = { zh = "什么事", en = "what it is about" }
owner = "ana"
purposes = ["service"]
[texts]
sql = "SELECT interaction_id AS id, customer_id, ts, text, kind AS label FROM interaction"
[learner]
kind = "text"
[split]
by = "time"
test_from = 2024-06-01
[guards]
accuracy_min = 0.7
class_f1_min = 0.3
accuracy_above_baseline_min = 0.1
calibration_error_max = 0.1
"#;

fn compiled(text: &str) -> Result<ModelDef, String> {
    let columns = ["interaction_id", "customer_id", "ts", "text", "kind"].map(str::to_owned).to_vec();
    let known = Known {
        tables: [("interaction".to_owned(), columns)].into(),
        users: ["ana".to_owned()].into(),
        ..Known::default()
    };
    let file = ModelFile::parse("models/intent.toml", text).map_err(|e| e.to_string())?;
    compile(&[("models/intent.toml".to_owned(), file)], &known).map(|mut all| all.remove(0)).map_err(|e| e.to_string())
}

/// Verdicts of which 85 of 100 are right (of English ones 60, when it fails them), with chances that say so, over labels of which the last is rare.
fn evaluated(right: f64, english: f64) -> TextEvaluation {
    let definition = compiled(DEFINITION).expect("sound");
    let mut chance = Chance(7);
    let labels = ["app", "card", "fees", "rare"].map(str::to_owned);
    let class = |chance: &mut Chance| if chance.unit() < 0.01 { 3 } else { (3.0 * chance.unit().powi(2)) as usize };
    let train: Vec<usize> = (0..3000).map(|_| class(&mut chance)).collect();
    let (mut truth, mut said, mut chances, mut known, mut language) = (vec![], vec![], vec![], vec![], vec![]);
    for row in 0..2000 {
        let (is, in_english) = (class(&mut chance), row % 4 == 0);
        let sure = (if in_english { english } else { right }) + 0.1 * (chance.unit() - 0.5);
        let hit = chance.unit() < sure;
        truth.push(is);
        said.push(if hit { is } else { (is + 1 + (2.0 * chance.unit()) as usize) % 4 });
        chances.push(sure);
        known.push(row % 10 == 0);
        language.push(u32::from(in_english));
    }
    let words = |en: &str| Words { zh: en.to_owned(), en: en.to_owned() };
    let axis = GroupBy::new("language", words("language"), false, vec![words("Chinese"), words("English")], language);
    evaluate_texts(&TextAsked {
        definition: &definition,
        kind: "text classifier",
        labels: &labels,
        words: &vec![vec!["word".to_owned()]; 4],
        left_out: &[("tiny".to_owned(), 2)],
        train: &train,
        train_periods: None,
        test: TextsSaid {
            truth: &truth,
            said: &said,
            chances: &chances,
            known: &known,
            groups: &[axis.expect("two languages")],
            periods: None,
        },
        seed: 3,
    })
    .expect("an evaluation")
}

#[test]
fn a_good_classifier_passes_and_its_figures_are_those_that_were_planted() {
    let found = evaluated(0.85, 0.85);
    assert!(found.guards.iter().all(|guard| guard.passes), "{:?}", found.guards);
    assert!(found.accuracy.low < 0.85 && 0.85 < found.accuracy.high, "{:?}", found.accuracy);
    assert!(found.calibration.expected_error < 0.05 && found.baseline.label == "app", "{:?}", found.baseline);
    assert!(found.baseline.above.low > 0.2, "{:?}", found.baseline);
    let all: usize = found.table.iter().flatten().sum();
    let mistakes: usize = found.confused.iter().map(|pair| pair.texts).sum();
    let hits: usize = (0..4).map(|class| found.table[class][class]).sum();
    assert_eq!((all, all - hits), (2000, mistakes));
    assert!(found.sure.windows(2).all(|pair| pair[0].share >= pair[1].share));
    assert_eq!((found.rows.known, found.groups[0].groups.len()), (200, 2));
    assert!(found.groups[0].groups.iter().all(|group| !group.fails));
    let told = |what: &str| found.findings.iter().any(|finding| finding.words.en.contains(what));
    assert!(told("too few texts to be learnt") && told("word for word"), "{:?}", found.findings);
    let text = serde_json::to_string(&found).expect("text");
    assert_eq!(serde_json::from_str::<TextEvaluation>(&text).expect("the same"), found);
}

#[test]
fn whom_it_fails_is_said_first_and_guards_refuse() {
    let found = evaluated(0.85, 0.5);
    assert!(found.findings[0].words.en.starts_with("fails texts of language English"), "{:?}", found.findings);
    assert_eq!(found.groups[0].groups[0].words.en, "English");
    let poor = evaluated(0.3, 0.3);
    let refused: Vec<&str> = poor.guards.iter().filter(|g| !g.passes).map(|g| g.guard.as_str()).collect();
    assert_eq!(refused, ["accuracy_min", "accuracy_above_baseline_min", "class_f1_min"], "{:?}", poor.guards);
    assert!(poor.findings.iter().any(|f| f.words.en.contains("not surely better than always saying `app`")));
}

#[test]
fn definitions_of_texts_are_checked() {
    let sound = compiled(DEFINITION).expect("sound");
    assert_eq!((sound.learner.task(), sound.horizon()), (Task::Text, None));
    assert!(matches!(sound.source, Source::Texts { sql: Some(_), file: None }));
    let refused = |from: &str, to: &str| compiled(&DEFINITION.replace(from, to)).expect_err("refused");
    assert!(
        refused("accuracy_min = 0.7", "auc_min = 0.7")
            .contains("guards models of chances, times and the odd ones, and this one is of texts")
    );
    assert!(refused("kind AS label", "kind AS topic").contains("gives no column `label`"));
    assert!(refused("kind = \"text\"", "kind = \"trees\"").contains("the learner does not read them"));
    assert!(refused("[split]", "[features]\ncolumns = [\"kind\"]\n[split]").contains("stands beside `[features]`"));
    let line = "sql = \"SELECT interaction_id AS id, customer_id, ts, text, kind AS label FROM interaction\"";
    assert!(refused(line, "").contains("names no texts"));
    assert!(refused(line, "file = \"/etc/passwd\"").contains("is not in the bank directory"));
    assert!(refused(line, "file = \"data/a.csv\"").contains("no time to split by"));
    let flat = DEFINITION
        .replace(line, "file = \"data/a.csv\"")
        .replace("by = \"time\"\ntest_from = 2024-06-01", "by = \"customer\"\ntest_share = 0.3");
    assert!(
        matches!(compiled(&flat).expect("sound").source, Source::Texts { sql: None, file: Some(file) } if file.label == "label")
    );
    let no_texts = DEFINITION
        .replace("[texts]", "[table]\nname = \"interaction\"\nlabel = \"kind\"\nid = \"ts\"")
        .replace(line, "");
    assert!(compiled(&no_texts).expect_err("refused").contains("texts are learnt from, and it names none"));
}

#[test]
fn encoders_of_meaning_are_known_once_each_and_read_the_language() {
    let with = |learner: &str| compiled(&DEFINITION.replace("kind = \"text\"", &format!("kind = \"text\"\n{learner}")));
    let both = with("meaning = [\"minilm\", \"universal\"]\nmeaning_weight = 4").expect("sound");
    let LearnerDef::Text(text) = &both.learner else { panic!("{:?}", both.learner) };
    assert_eq!((text.meaning.len(), text.meaning_weight), (2, Some(4.0)));
    let refused = |learner: &str| with(learner).expect_err("refused");
    assert!(refused("meaning = [\"universal\", \"universal\"]").contains("names an encoder twice"));
    assert!(refused("meaning = [\"minilm\"]").contains("`minilm` reads English, and texts are Chinese"));
    assert!(refused("meaning_weight = 2").contains("no encoder says one"));
    assert!(refused("meaning = [\"universal\"]\nmeaning_weight = 0").contains("it is above 0"));
}
