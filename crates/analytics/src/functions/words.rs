//! What a text says, without labels: `mood(text)`, `urgency(text)`, `language(text)`, `complains_of(text)`, `opinion(text, aspect)`.

use std::{
    hash::{Hash, Hasher},
    sync::{Arc, LazyLock},
};

use arrow::{
    array::{Array as _, ArrayRef, AsArray, Float64Array, StringArray, StringViewArray},
    compute::cast,
    datatypes::DataType,
};
use datafusion::{
    common::{Result, exec_err},
    logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility},
};
use florin_text::{AspectReader, MoodReader, UrgencyReader, aspects::Aspect, detect, language::Language};

// Lists of words are those that ship with Florin, the same for everybody, whatever labels a bank has. Each is unpacked once.
static MOODS: LazyLock<MoodReader> = LazyLock::new(MoodReader::new);
static URGENCIES: LazyLock<UrgencyReader> = LazyLock::new(UrgencyReader::new);
static ASPECTS: LazyLock<AspectReader> = LazyLock::new(AspectReader::new);

/// What is read of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Reads {
    Mood,
    Urgency,
    Language,
    ComplainsOf,
    /// Of the aspect that the second argument names.
    Opinion,
}

/// All of them.
pub(super) fn functions() -> Vec<ScalarUDF> {
    let all = [Reads::Mood, Reads::Urgency, Reads::Language, Reads::ComplainsOf, Reads::Opinion];
    all.map(|reads| OfText::new(reads).into()).to_vec()
}

#[derive(Debug)]
struct OfText {
    reads: Reads,
    signature: Signature,
}

impl OfText {
    fn new(reads: Reads) -> Self {
        let arguments = |ty: DataType| match reads {
            Reads::Opinion => vec![ty, DataType::Utf8],
            _ => vec![ty],
        };
        let texts = [DataType::Utf8View, DataType::Utf8, DataType::LargeUtf8];
        let kinds = texts.map(|ty| TypeSignature::Exact(arguments(ty))).to_vec();
        Self { reads, signature: Signature::one_of(kinds, Volatility::Immutable) }
    }

    fn numbers(texts: &StringViewArray, of: impl Fn(&str) -> Option<f64>) -> ArrayRef {
        Arc::new(texts.iter().map(|text| text.and_then(&of)).collect::<Float64Array>())
    }

    fn words(texts: &StringViewArray, of: impl Fn(&str) -> Option<&'static str>) -> ArrayRef {
        Arc::new(texts.iter().map(|text| text.and_then(&of)).collect::<StringArray>())
    }
}

/// There is only one of each name.
impl PartialEq for OfText {
    fn eq(&self, other: &Self) -> bool {
        self.reads == other.reads
    }
}

impl Eq for OfText {}

impl Hash for OfText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.reads.hash(state);
    }
}

impl ScalarUDFImpl for OfText {
    fn name(&self) -> &'static str {
        match self.reads {
            Reads::Mood => "mood",
            Reads::Urgency => "urgency",
            Reads::Language => "language",
            Reads::ComplainsOf => "complains_of",
            Reads::Opinion => "opinion",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.reads {
            Reads::Mood | Reads::Urgency | Reads::Opinion => DataType::Float64,
            Reads::Language | Reads::ComplainsOf => DataType::Utf8,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arguments = ColumnarValue::values_to_arrays(&args.args)?;
        let Some(texts) = arguments.first() else {
            return exec_err!("{}: write {}(text)", self.name(), self.name());
        };
        let texts = cast(texts, &DataType::Utf8View)?;
        let texts = texts.as_string_view();
        Ok(ColumnarValue::Array(match self.reads {
            Reads::Mood => Self::numbers(texts, |text| Some(MOODS.score(text).value)),
            Reads::Urgency => Self::numbers(texts, |text| Some(URGENCIES.read(text).score)),
            Reads::Language => Self::words(texts, |text| code(detect(text).language)),
            Reads::ComplainsOf => Self::words(texts, complaint),
            Reads::Opinion if texts.is_empty() => Self::numbers(texts, |_| None),
            Reads::Opinion => {
                let aspect = aspect(arguments.get(1))?;
                Self::numbers(texts, |text| feeling(text, aspect))
            }
        }))
    }
}

/// As RFC 5646 calls languages; nothing where there are no letters.
fn code(language: Language) -> Option<&'static str> {
    match language {
        Language::Simplified => Some("zh-Hans"),
        Language::Traditional => Some("zh-Hant"),
        Language::English => Some("en"),
        Language::Other => Some("other"),
        Language::None => None,
    }
}

/// The aspect that is complained of most.
fn complaint(text: &str) -> Option<&'static str> {
    let opinions = ASPECTS.read(text);
    let worst = opinions.iter().filter(|opinion| opinion.feeling < 0.0).min_by(|a, b| a.feeling.total_cmp(&b.feeling));
    worst.map(|opinion| opinion.aspect.code())
}

/// How a text feels of an aspect; nothing where it does not name it.
fn feeling(text: &str, aspect: Aspect) -> Option<f64> {
    ASPECTS.read(text).into_iter().find(|opinion| opinion.aspect == aspect).map(|opinion| opinion.feeling)
}

/// One aspect for all rows.
fn aspect(argument: Option<&ArrayRef>) -> Result<Aspect> {
    let names = argument.map(|names| cast(names, &DataType::Utf8View)).transpose()?;
    let names = names.as_ref().map(AsArray::as_string_view);
    let named = names.filter(|names| !names.is_empty() && names.is_valid(0)).map(|names| names.value(0));
    let same = names.is_some_and(|names| names.iter().all(|name| name == named));
    let known = Aspect::ALL.iter().find(|aspect| same && Some(aspect.code()) == named);
    known.copied().map_or_else(
        || {
            let all: Vec<&str> = Aspect::ALL.iter().map(|aspect| aspect.code()).collect();
            exec_err!(
                "opinion: write opinion(text, 'fees'), with one aspect for all rows; there are: {}",
                all.join(", ")
            )
        },
        Ok,
    )
}
