//! Records that were kept, read once more: after the mapping, or the data, was mended.

use std::{path::Path, sync::Arc};

use super::{
    Chunk, ReadOptions, SourceError,
    chunk::Span,
    delimited::{
        parse::Parser,
        records::{Block, Numbers, Rules},
    },
    encoding, json_lines,
    plan::{Layout, Plan, record_bytes_max},
    text,
};
use crate::definition::{Format, InputDef};

/// What messages call the place where kept records are.
const PLACE: &str = "kept records";
/// Text that is read once more in one call.
const TEXT_BYTES_MAX: usize = 1 << 30;

/// Reads records that were kept earlier: the raw text of rows or rejects of the same input, each with its row number in
/// its file. `header`: the columns as the file had them ([`super::FileReport::header`]). The chunk's rows and rejects
/// together are exactly the records given, in their order.
///
/// Text that is not UTF-8 is read in the encoding that the definition names, if it names one: it was kept from a file
/// that was taken for UTF-8.
///
/// # Errors
/// A definition that does not hold together, or needs a column that `header` does not have; more than 1 GiB of text in
/// one call.
pub fn reread(
    input: &InputDef,
    header: &[String],
    records: &[(u64, Vec<u8>)],
    options: &ReadOptions<'_>,
) -> Result<Chunk, SourceError> {
    let plan = Plan::compile(input, &options.time_zone)?;
    let chunk = match input.format {
        Format::Delimited => {
            let rules = text::rules(input);
            let layout = Layout::by_name(input, &plan, Path::new(PLACE), header)?;
            let parser = Parser {
                plan: &plan,
                cutter: text::cutter(input),
                fields: layout.fields,
                width: layout.header.len(),
                encoding: "UTF-8",
            };
            parser.parse(&block(input, &rules, records)?)
        }
        format => {
            let typed = format != Format::JsonLines;
            // Records of typed formats have no length in the file.
            let record_bytes_max = if typed { usize::MAX } else { record_bytes_max(input) };
            let rules = Rules { delimiter: b",".to_vec(), quote: None, record_bytes_max };
            json_lines::Parser::new(&plan, "UTF-8", typed).parse(&block(input, &rules, records)?)
        }
    };
    chunk.map_err(|e| SourceError::damaged(Path::new(PLACE), "records of this input", e))
}

fn block(input: &InputDef, rules: &Rules, records: &[(u64, Vec<u8>)]) -> Result<Block, SourceError> {
    let named = input.encoding.as_ref().map(|label| encoding::named(label.get_ref())).transpose()?;
    let mut block = Block {
        text: Arc::default(),
        records: Vec::with_capacity(records.len()),
        bad: Vec::new(),
        numbers: Numbers::Listed(records.iter().map(|(number, _)| *number).collect()),
    };
    let mut text = Vec::new();
    for (at, (_, raw)) in records.iter().enumerate() {
        let start = text.len();
        match named.and_then(|encoding| encoding::decoded(encoding, raw)) {
            Some(decoded) => text.extend_from_slice(decoded.as_bytes()),
            None => text.extend_from_slice(raw),
        }
        block.records.push(Span::new(start, text.len()));
        if let Err(reason) = rules.whole_record(&text[start..]) {
            block.bad.push((at, reason));
        }
    }
    if text.len() > TEXT_BYTES_MAX {
        return Err(SourceError::Definition(format!("more than {TEXT_BYTES_MAX} bytes of records at once")));
    }
    block.text = Arc::new(text);
    Ok(block)
}
