//! Parquet, Arrow and Excel: files that know their types.

use std::{fs::File, io::Write, path::Path, sync::Arc};

use arrow::{
    array::{
        ArrayRef, BooleanArray, Date32Array, Decimal128Array, Decimal256Array, DictionaryArray, Float32Array,
        Float64Array, Int32Array, Int64Array, LargeStringArray, RecordBatch, StringArray, StringViewArray,
        TimestampMillisecondArray, TimestampNanosecondArray, UInt64Array,
    },
    datatypes::{Int32Type, i256},
    ipc::writer::{FileWriter, StreamWriter},
};
use florin_ingest::{
    definition::InputDef,
    sources::{SourceError, header, reread},
};
use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};

use super::sources_support::*;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

fn ten_thousand() -> RecordBatch {
    let ids: Int64Array = (1..=10_000).collect();
    let names: StringArray = (1..=10_000).map(|n| Some(format!("name {n}"))).collect();
    batch(vec![("name", Arc::new(names)), ("id", Arc::new(ids))])
}

fn write_parquet(path: &Path, batch: &RecordBatch, rows_in_group: usize) {
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(rows_in_group)).build();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

fn write_arrow(path: &Path, batch: &RecordBatch, stream: bool) {
    let file = File::create(path).unwrap();
    if stream {
        let mut writer = StreamWriter::try_new(file, &batch.schema()).unwrap();
        writer.write(batch).unwrap();
        writer.finish().unwrap();
    } else {
        let mut writer = FileWriter::try_new(file, &batch.schema()).unwrap();
        writer.write(batch).unwrap();
        writer.finish().unwrap();
    }
}

const ID_NAME: &str = "id = \"int\"\nname = \"text\"";

fn parquet_input(columns: &str) -> InputDef {
    input("format = \"parquet\"", columns)
}

#[test]
fn row_groups_keep_their_row_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    write_parquet(&path, &ten_thousand(), 999);
    let read = read(&parquet_input(ID_NAME), &path);
    assert_eq!(read.rows.len(), 10_000);
    assert!((1..=10_000).all(|n| read.rows[n - 1] == format!("{n} | name {n}")));
    assert_eq!(read.raw[4], "{\"name\":\"name 5\",\"id\":5}");
    assert_eq!(header(&parquet_input(ID_NAME), &path).unwrap(), ["name", "id"]);
}

#[test]
fn arrow_files_and_streams_read_alike() {
    let folder = tempfile::tempdir().unwrap();
    for stream in [false, true] {
        let path = folder.path().join("a.arrow");
        write_arrow(&path, &ten_thousand(), stream);
        let read = read(&input("format = \"arrow\"", ID_NAME), &path);
        assert_eq!((read.rows.len(), read.rows[9_999].as_str()), (10_000, "10000 | name 10000"));
        let whole = std::fs::read(&path).unwrap();
        for cut in [whole.len() - 1, whole.len() - 8, whole.len() / 2, 3, 0] {
            let error = refusal(&input("format = \"arrow\"", ID_NAME), &file("a.arrow", &whole[..cut]).path);
            assert!(matches!(error, SourceError::Truncated { .. }), "{stream} {cut}: {error}");
        }
    }
}

#[test]
fn a_truncated_parquet_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    write_parquet(&path, &ten_thousand(), 999);
    let whole = std::fs::read(&path).unwrap();
    for cut in [whole.len() - 1, whole.len() / 2, 4, 0] {
        let error = refusal(&parquet_input(ID_NAME), &file("a.parquet", &whole[..cut]).path);
        assert!(error.to_string().ends_with("ends in the middle of its Parquet data; copy it again"), "{error}");
    }
    let error = refusal(&parquet_input(ID_NAME), &file("a.parquet", "id,name\n1,a\n").path);
    assert!(error.to_string().contains("is not a Parquet file, or is damaged"), "{error}");
    let error = refusal(&parquet_input(ID_NAME), &file("a.parquet.gz", &whole).path);
    assert!(error.to_string().contains("cannot be read compressed: Parquet files are read plain"), "{error}");
}

#[test]
fn typed_values_convert_exactly_or_reject_their_row() {
    let dictionary: DictionaryArray<Int32Type> = vec![Some("7"), None, Some("x")].into_iter().collect();
    let batch = batch(vec![
        ("small", Arc::new(Int32Array::from(vec![Some(1), None, Some(3)]))),
        ("big", Arc::new(UInt64Array::from(vec![1, 2, u64::MAX]))),
        ("whole", Arc::new(Float64Array::from(vec![12.0, 13.0, 12.5]))),
        ("money", Arc::new(Float64Array::from(vec![0.1 + 0.2, 12.34, f64::NAN]))),
        ("single", Arc::new(Float32Array::from(vec![0.1, 2.5, 0.12345]))),
        ("wide", Arc::new(Decimal128Array::from(vec![1_500_000, 20, 1]).with_precision_and_scale(20, 6).unwrap())),
        (
            "wider",
            Arc::new(
                Decimal256Array::from(vec![i256::from(15), i256::ONE, i256::MAX])
                    .with_precision_and_scale(76, 1)
                    .unwrap(),
            ),
        ),
        ("code", Arc::new(dictionary)),
        ("day", Arc::new(LargeStringArray::from(vec!["930101", "930102", "930231"]))),
        ("on", Arc::new(Date32Array::from(vec![0, 1, 2]))),
        ("at", Arc::new(TimestampMillisecondArray::from(vec![0, 1, 2]).with_timezone("UTC"))),
        ("local", Arc::new(TimestampNanosecondArray::from(vec![0, 1_001, 2]))),
        ("flag", Arc::new(BooleanArray::from(vec![true, false, true]))),
        ("text", Arc::new(StringViewArray::from(vec!["a", "b", "c"]))),
        ("number", Arc::new(Int64Array::from(vec![20_240_101, 20_240_102, 3]))),
    ]);
    let columns = "small = \"int\"\nbig = \"int\"\nwhole = \"int\"\nmoney = \"decimal\"\nsingle = \"decimal\"\nwide = \"decimal\"\n\
        wider = \"decimal\"\ncode = \"int\"\nday = { type = \"date\", format = \"%y%m%d\" }\non = \"date\"\nat = \"timestamp\"\n\
        local = { type = \"timestamp\", time_zone = \"Asia/Shanghai\" }\nflag = \"bool\"\ntext = \"text\"\nnumber = { type = \"date\", format = \"%Y%m%d\" }";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.arrow");
    write_arrow(&path, &batch, false);
    let definition = input("format = \"arrow\"", columns);
    let read = read(&definition, &path);
    assert_eq!(
        read.rows,
        [
            "1 | 1 | 12 | 0.3000 | 0.1000 | 1.5000 | 1.5000 | 7 | 1993-01-01 | 1970-01-01 | 1970-01-01T00:00:00Z | 1969-12-31T16:00:00Z | true | a | 2024-01-01",
        ]
    );
    assert_eq!(
        read.reasons(),
        reasons([(2, "column `wide`: more than 4 decimals"), (3, "column `big`: a number that is too large")])
    );
    // What was kept of rows and rejects reads again as the same.
    let kept = vec![(1, read.raw[0].clone().into_bytes()), (2, read.rejects[0].raw.clone())];
    let again = reread(&definition, &read.report.header, &kept, &options()).unwrap();
    assert_eq!(shown(&again), read.rows, "{:?}", again.rejects);
    assert_eq!(again.rejects[0].reason, read.rejects[0].reason);
}

#[test]
fn a_column_that_can_never_be_what_is_declared_refuses_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    write_parquet(&path, &batch(vec![("day", Arc::new(BooleanArray::from(vec![true])))]), 10);
    let error = refusal(&parquet_input("day = \"date\""), &path).to_string();
    assert!(
        error.starts_with("column `day` of `") && error.ends_with("holds Boolean, which cannot be read as date"),
        "{error}"
    );
    let error = refusal(&parquet_input("days = \"date\""), &path).to_string();
    assert!(error.contains("did it become `day`?"), "{error}");
}

/// A minimal workbook: a sheet `data` of the given rows of cells.
fn workbook(path: &Path, rows: &str) {
    let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let document = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    for (name, content) in [
        ("[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>".to_owned()),
        ("_rels/.rels", format!("<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{document}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>")),
        ("xl/workbook.xml", format!("<workbook xmlns=\"{main}\" xmlns:r=\"{document}\"><sheets><sheet name=\"data\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>")),
        ("xl/_rels/workbook.xml.rels", format!("<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{document}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"{document}/styles\" Target=\"styles.xml\"/></Relationships>")),
        ("xl/styles.xml", format!("<styleSheet xmlns=\"{main}\"><cellXfs count=\"3\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"22\"/></cellXfs></styleSheet>")),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>")),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

fn text(cell: &str, value: &str) -> String {
    format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{value}</t></is></c>")
}

fn number(cell: &str, style: u8, value: &str) -> String {
    format!("<c r=\"{cell}\" s=\"{style}\"><v>{value}</v></c>")
}

fn row(number: u32, cells: &[String]) -> String {
    format!("<row r=\"{number}\">{}</row>", cells.concat())
}

#[test]
fn workbooks_are_read_by_row_with_their_own_types() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xlsx");
    let head = ["id", "amount", "day", "at", "note"];
    let header_cells: Vec<String> =
        head.iter().zip(["A1", "B1", "C1", "D1", "E1"]).map(|(name, at)| text(at, name)).collect();
    let rows = [
        row(1, &header_cells),
        row(
            2,
            &[
                number("A2", 0, "1"),
                number("B2", 0, "0.30000000000000004"),
                number("C2", 1, "43313"),
                number("D2", 2, "43313.5"),
                text("E2", "x"),
            ],
        ),
        row(4, &[number("A4", 0, "2.5")]),
        row(5, &[number("A5", 0, "3"), number("B5", 0, "1.23456")]),
        row(6, &[number("A6", 0, "4"), number("C6", 0, "43313")]),
        row(7, &[number("A7", 0, "5"), number("C7", 1, "43313.25")]),
        row(8, &["<c r=\"B8\" t=\"e\"><v>#N/A</v></c>".to_owned()]),
        row(
            9,
            &[
                text("A9", " 6 "),
                text("B9", "7.5"),
                text("C9", "2018-08-01"),
                text("D9", "2018-08-01T01:01:15.000+0000"),
                number("E9", 0, "17"),
            ],
        ),
        row(10, &[number("A10", 0, "7"), text("F10", "beyond")]),
    ];
    workbook(&path, &rows.concat());
    let definition = input(
        "format = \"excel\"",
        "id = \"int\"\namount = \"decimal\"\nday = \"date\"\nat = \"timestamp\"\nnote = \"text\"",
    );
    let read = read(&definition, &path);
    assert_eq!(
        read.rows,
        ["1 | 0.3000 | 2018-08-01 | 2018-08-01T10:00:00Z | x", "6 | 7.5000 | 2018-08-01 | 2018-08-01T01:01:15Z | 17"]
    );
    assert_eq!(
        read.reasons(),
        reasons([
            (2, "column `id`: not an integer"),
            (3, "column `amount`: more than 4 decimals"),
            (4, "column `day`: not a date of the form `%Y-%m-%d`"),
            (5, "column `day`: not a date of the form `%Y-%m-%d`"),
            (6, "column `amount`: the cell holds the error `#N/A`"),
            (8, "6 fields where 5 were expected"),
        ])
    );
    assert_eq!(header(&definition, &path).unwrap(), head);
    let kept: Vec<(u64, Vec<u8>)> =
        read.row_numbers.iter().copied().zip(read.raw.iter().map(|raw| raw.clone().into_bytes())).collect();
    assert_eq!(shown(&reread(&definition, &read.report.header, &kept, &options()).unwrap()), read.rows);
    let errors = vec![(6, read.rejects[4].raw.clone())];
    let again = reread(&input("format = \"excel\"", "amount = \"text\""), &[], &errors, &options()).unwrap();
    assert_eq!((again.rows.num_rows(), again.rejects.len()), (0, 1), "an error cell never becomes a text");
}

#[test]
fn a_workbook_that_is_none_or_lacks_the_sheet_is_refused() {
    let definition = input("format = \"excel\"", ID_NAME);
    let error = refusal(&definition, &file("a.xlsx", "id,name\n1,a\n").path);
    assert!(error.to_string().contains("is not an Excel workbook, or is damaged"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xlsx");
    workbook(&path, "");
    assert!(matches!(refusal(&definition, &path), SourceError::Empty { .. }));
    let error = refusal(&input("format = \"excel\"\nsheet = \"other\"", ID_NAME), &path).to_string();
    assert!(error.ends_with("has no sheet `other`; it has: `data`"), "{error}");
    let whole = std::fs::read(&path).unwrap();
    let error = refusal(&definition, &file("a.xlsx", &whole[..whole.len() / 2]).path);
    assert!(matches!(error, SourceError::Damaged { .. }), "{error}");
}
