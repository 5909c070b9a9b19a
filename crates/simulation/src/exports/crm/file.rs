//! `crm/contacts.csv` and `crm/private_banking_N.xlsx`.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

use super::{
    SYSTEM,
    record::{Record, copies, of},
};
use crate::{
    SimulationError,
    calendar::civil,
    dirt::{Dirt, Flaw, Spoil, Spot, copy, twice},
    exports::{
        Last,
        files::PartFile,
        rows::{Rows, Shape},
    },
    people::Person,
};

const COLUMNS: [&str; 11] = [
    "crm_id",
    "name",
    "national_id",
    "phone",
    "email",
    "birth_date",
    "gender",
    "address",
    "city",
    "manager",
    "created_on",
];
const SPOILS: [Spoil; 4] = [
    copy(Spot::BrokenRecord, 0, "*"),
    copy(Spot::WrongDate, 10, "created_on"),
    copy(Spot::BadCode, 6, "gender"),
    twice(0, "crm_id"),
];
const SHEET_SPOILS: [Spoil; 4] = [
    copy(Spot::WrongDate, 10, "created_on"),
    copy(Spot::BadCode, 6, "gender"),
    copy(Spot::Missing, 0, "crm_id"),
    twice(0, "crm_id"),
];
const RATE: f64 = 0.006;
/// Rows of one workbook. A sheet could hold a million, but nobody could open it.
const SHEET_ROWS_MAX: usize = 50_000;
/// Yuan a month from which customers belong to private banking.
const PRIVATE_FROM: u32 = 26_000;

/// Writes all files, in the order of CRM numbers.
pub(crate) fn write(last: &mut Last<'_>) -> Result<u64, SimulationError> {
    let (mut branches, mut private) = (Vec::new(), Vec::new());
    for person in &last.world.people {
        for number in 0..copies(last, person) {
            let record = (last.keys.crm(person.number, number), person, number);
            if person.income >= PRIVATE_FROM { private.push(record) } else { branches.push(record) }
        }
    }
    branches.sort_by(|a, b| a.0.cmp(&b.0));
    private.sort_by(|a, b| a.0.cmp(&b.0));
    for (key, person, _) in branches.iter().chain(&private) {
        last.truth.identity(SYSTEM, key, person)?;
    }
    let mut rows = write_csv(last, &branches)?;
    for (number, part) in private.chunks(SHEET_ROWS_MAX).enumerate() {
        rows += write_workbook(last, number, part)?;
    }
    Ok(rows)
}

type Entry<'a> = (String, &'a Person, u32);

fn write_csv(last: &mut Last<'_>, entries: &[Entry<'_>]) -> Result<u64, SimulationError> {
    let mut rows = Rows::new(Shape::Delimited { gb18030: false });
    rows.header(&COLUMNS);
    let dirt = Dirt::new(last.world.settings.seed, last.world.settings.dirt, 30, 0, RATE);
    let mut file = PartFile::create(last.folder, SYSTEM, "crm/contacts.csv")?;
    for (number, (_, person, copy)) in entries.iter().enumerate() {
        for value in values(&of(last, person, *copy)) {
            rows.text(&value);
        }
        rows.end(dirt.of(number as u64, &SPOILS));
        file.relieve(&mut rows, last.truth)?;
    }
    file.finish(rows, last.truth)
}

fn values(record: &Record) -> [String; 11] {
    let (year, month, day) = civil(record.created_on);
    let text = |text: &String| text.clone();
    [
        text(&record.key),
        text(&record.name),
        text(&record.national_id),
        text(&record.phone),
        text(&record.email),
        text(&record.birth_date),
        text(&record.gender),
        text(&record.address),
        text(&record.city),
        text(&record.manager),
        format!("{year:04}-{month:02}-{day:02}"),
    ]
}

fn write_workbook(last: &mut Last<'_>, number: usize, entries: &[Entry<'_>]) -> Result<u64, SimulationError> {
    let name = format!("crm/private_banking_{}.xlsx", number + 1);
    let mut workbook = Workbook::new();
    // A workbook says when it was made; the first day of the bank is as good as any, and the same in each run.
    let made =
        DocProperties::new().set_author("private banking").set_creation_datetime(&ExcelDateTime::from_ymd(2023, 1, 1)?);
    workbook.set_properties(&made);
    let sheet = workbook.add_worksheet();
    sheet.set_name("客户")?;
    for (at, column) in COLUMNS.iter().enumerate() {
        sheet.write_string(0, at as u16, *column)?;
    }
    let dirt = Dirt::new(last.world.settings.seed, last.world.settings.dirt, 31, number as i32, RATE);
    let mut row = 0;
    for (at, (_, person, copy)) in entries.iter().enumerate() {
        let clean = values(&of(last, person, *copy)).map(String::into_bytes);
        let spoil = dirt.of(at as u64, &SHEET_SPOILS);
        if spoil.is_none_or(|spoil| spoil.keeps_original) {
            row += 1;
            write_cells(sheet, row, &clean)?;
        }
        if let Some(spoil) = spoil {
            row += 1;
            write_cells(sheet, row, &spoil.apply(&clean, false))?;
            let flaw =
                Flaw { row: u64::from(row), column: spoil.column_name, kind: spoil.spot, found_as: spoil.found_as };
            last.truth.flaw(SYSTEM, &name, 0, &flaw)?;
        }
    }
    let path = last.folder.join(&name);
    workbook.save(&path)?;
    Ok(u64::from(row))
}

fn write_cells(sheet: &mut rust_xlsxwriter::Worksheet, row: u32, values: &[Vec<u8>]) -> Result<(), SimulationError> {
    for (at, value) in values.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
        sheet.write_string(row, at as u16, String::from_utf8_lossy(value))?;
    }
    Ok(())
}
