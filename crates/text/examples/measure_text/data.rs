//! Public data sets, read as they are.

use std::{fs, io, path::Path};

/// Records of a CSV file with quotes, the header left out.
pub(crate) fn csv(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut chars) = (false, text.trim_start_matches('\u{feff}').chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            '\r' if !quoted => {}
            _ => field.push(c),
        }
    }
    if !field.is_empty() || !record.is_empty() {
        record.push(field);
        records.push(record);
    }
    records.split_off(1.min(records.len()))
}

/// Texts and labels of one CSV file, by number of column.
pub(crate) fn labelled(path: &Path, text: usize, label: usize) -> io::Result<(Vec<String>, Vec<String>)> {
    let records = csv(&fs::read_to_string(path)?);
    Ok(records.into_iter().filter_map(|r| Some((r.get(text)?.clone(), r.get(label)?.clone()))).unzip())
}
