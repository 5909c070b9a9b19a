//! `mood(text)`: how a text sounds, in Chinese or English, from -1 (cross) to 1 (content).

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, AsArray, Float64Array},
    compute::cast,
    datatypes::DataType,
};
use datafusion::{
    common::Result,
    logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility},
};
use florin_text::MoodReader;

const NAME: &str = "mood";

/// Reads moods by the lists of words that ship with Florin: the same for everybody, whatever labels a bank has.
#[derive(Debug)]
pub(super) struct MoodOf {
    reader: Arc<MoodReader>,
    signature: Signature,
}

impl MoodOf {
    pub(super) fn new(reader: Arc<MoodReader>) -> Self {
        let text = [DataType::Utf8View, DataType::Utf8, DataType::LargeUtf8].map(|ty| TypeSignature::Exact(vec![ty]));
        Self { reader, signature: Signature::one_of(text.to_vec(), Volatility::Immutable) }
    }

    fn of_all(&self, texts: &ArrayRef) -> Result<Float64Array> {
        let texts = cast(texts, &DataType::Utf8View)?;
        Ok(texts.as_string_view().iter().map(|text| text.map(|text| self.reader.score(text).value)).collect())
    }
}

/// There is only one.
impl PartialEq for MoodOf {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for MoodOf {}

impl Hash for MoodOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        NAME.hash(state);
    }
}

impl ScalarUDFImpl for MoodOf {
    fn name(&self) -> &'static str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let texts = ColumnarValue::values_to_arrays(&args.args)?;
        match texts.as_slice() {
            [texts] => Ok(ColumnarValue::Array(Arc::new(self.of_all(texts)?))),
            _ => datafusion::common::exec_err!("{NAME}: write {NAME}(text)"),
        }
    }
}
