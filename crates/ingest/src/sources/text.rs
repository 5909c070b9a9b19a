//! Files of delimited text, from opening to report.

use std::path::Path;

use super::{
    Chunk, FileReport, ReadError, ReadOptions, SourceError,
    bytes::Bytes,
    delimited::{
        fields::Cutter,
        parse::Parser,
        records::{Block, Rules, Sizes, Splitter},
    },
    encoding::Text,
    plan::{Layout, Plan, record_bytes_max},
    reject::RejectReason,
    workers::{self, Jobs, Totals},
};
use crate::definition::InputDef;

/// How the records of delimited text are cut.
pub(super) fn rules(input: &InputDef) -> Rules {
    Rules {
        delimiter: input.delimiter.to_string().into_bytes(),
        quote: input.quote.and_then(|quote| u8::try_from(quote).ok()),
        record_bytes_max: record_bytes_max(input),
    }
}

/// How the fields of delimited text are cut.
pub(super) fn cutter(input: &InputDef) -> Cutter {
    let rules = rules(input);
    Cutter::new(&rules.delimiter, rules.quote)
}

/// What bytes that are no text are called, in a file of this encoding.
pub(super) fn encoding_name(text: &Text<'_>) -> &'static str {
    text.found().label
}

pub(super) fn open<'a>(
    input: &InputDef,
    path: &Path,
    on_bytes: &'a (dyn Fn(u64) + Sync),
) -> Result<Text<'a>, SourceError> {
    Text::open(input, Bytes::open(input, path, on_bytes)?)
}

pub(super) fn header(input: &InputDef, path: &Path) -> Result<Vec<String>, SourceError> {
    let mut splitter = Splitter::new(open(input, path, &|_| ())?, rules(input), Sizes::DEFAULT);
    read_header(input, &mut splitter)
}

fn read_header(input: &InputDef, splitter: &mut Splitter<'_>) -> Result<Vec<String>, SourceError> {
    let path = splitter.source().path().to_owned();
    let encoding = encoding_name(splitter.source());
    let Some(record) = splitter.header()? else { return Err(SourceError::Empty { path }) };
    let names = cutter(input).texts(&record).into_iter().map(String::from_utf8);
    let names = names
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| SourceError::Header { path: path.clone(), reason: RejectReason::Encoding { encoding } })?;
    if names.iter().any(|name| name.contains('\0')) {
        return Err(SourceError::Header { path, reason: RejectReason::Nul });
    }
    Ok(names)
}

pub(super) fn read_delimited<E: Send>(
    sizes: Sizes,
    input: &InputDef,
    plan: &Plan,
    path: &Path,
    options: &ReadOptions<'_>,
    each: &(dyn Fn(Chunk) -> Result<(), E> + Sync),
) -> Result<FileReport, ReadError<E>> {
    let mut splitter = Splitter::new(open(input, path, options.on_bytes)?, rules(input), sizes);
    let layout = if input.header {
        let names = read_header(input, &mut splitter)?;
        Layout::by_name(input, plan, path, &names)?
    } else {
        Layout::as_declared(plan)
    };
    let parser = Parser {
        plan,
        cutter: cutter(input),
        fields: layout.fields,
        width: layout.header.len(),
        encoding: encoding_name(splitter.source()),
    };
    let damaged = |e| SourceError::damaged(path, "delimited text", e);
    let totals = workers::run(options.workers, each, |jobs| split(&mut splitter, jobs), &|block: Block, hand_out| {
        hand_out(parser.parse(&block).map_err(damaged)?)
    })?;
    Ok(report(splitter.into_source(), totals, layout.header, layout.extra)?)
}

/// Sends all blocks of a text to the workers.
pub(super) fn split(splitter: &mut Splitter<'_>, jobs: &Jobs<'_, Block>) -> Result<(), SourceError> {
    while let Some(blocks) = splitter.next_block()? {
        for block in blocks {
            if !jobs.send(block) {
                return Ok(());
            }
        }
    }
    Ok(())
}

pub(super) fn report(
    text: Text<'_>,
    totals: Totals,
    header: Vec<String>,
    extra_columns: Vec<String>,
) -> Result<FileReport, SourceError> {
    let encoding = Some(text.found().clone());
    let whole = text.into_bytes().finish()?;
    Ok(FileReport {
        records: totals.records,
        rejected: totals.rejected,
        bytes: whole.bytes,
        content: whole.content,
        encoding,
        header,
        extra_columns,
    })
}
