//! `core/customers.csv`: everybody who ever had an account, as the core system knows them today.

use super::{SHAPE, SYSTEM};
use crate::{
    SimulationError,
    dirt::{Dirt, Spoil, Spot, copy, twice, warned},
    exports::{Last, files::PartFile, rows::Rows},
    people::{
        Person,
        work::{OCCUPATIONS, income_band},
    },
};

const FILE: &str = "core/customers.csv";
const HEADER: [&str; 13] = [
    "客户号",
    "姓名",
    "证件号码",
    "出生日期",
    "性别",
    "手机号",
    "电子邮箱",
    "地址",
    "城市",
    "职业",
    "月收入",
    "风险等级",
    "开户日期",
];
const SPOILS: [Spoil; 8] = [
    copy(Spot::BrokenRecord, 0, "*"),
    copy(Spot::BadBytes, 1, "姓名"),
    copy(Spot::WrongDate, 3, "出生日期"),
    copy(Spot::ImpossibleValue, 3, "出生日期"),
    copy(Spot::BadCode, 4, "性别"),
    copy(Spot::Missing, 0, "客户号"),
    warned(Spot::Malformed, 6, "电子邮箱"),
    twice(0, "客户号"),
];
const RATE: f64 = 0.008;

/// Writes the file, in the order of customer numbers.
pub(crate) fn write(last: &mut Last<'_>) -> Result<u64, SimulationError> {
    let mut rows = Rows::new(SHAPE);
    rows.header(&HEADER);
    let settings = &last.world.settings;
    let dirt = Dirt::new(settings.seed, settings.dirt, 2, 0, RATE);
    let mut file = PartFile::create(last.folder, SYSTEM, FILE)?;
    let mut order: Vec<&Person> = last.world.people.iter().collect();
    order.sort_by_key(|person| last.keys.customer(person.number));
    for (number, person) in order.into_iter().enumerate() {
        last.truth.identity(SYSTEM, &last.keys.customer(person.number).to_string(), person)?;
        write_one(&mut rows, last, person);
        rows.end(dirt.of(number as u64, &SPOILS));
        file.relieve(&mut rows, last.truth)?;
    }
    file.finish(rows, last.truth)
}

fn write_one(rows: &mut Rows, last: &Last<'_>, person: &Person) {
    let first_day = last.world.calendar.first();
    rows.number_text(last.keys.customer(person.number));
    rows.text(&person.name.characters());
    rows.word(&person.national_id());
    rows.date(person.born);
    rows.text(if person.woman { "女" } else { "男" });
    rows.word(&person.phone(&last.world.phones));
    rows.word(&person.email());
    rows.text(&person.home.formal());
    rows.text(person.home.city().name);
    rows.text(OCCUPATIONS[usize::from(person.occupation) % OCCUPATIONS.len()].chinese);
    rows.text(income_band(person.income));
    rows.word(risk_tolerance(person, person.age_on(first_day)));
    rows.date(person.joined);
}

/// C1 to C5, as the questionnaire of the bank has it: boldness, less in old age.
pub(crate) fn risk_tolerance(person: &Person, age: i32) -> &'static str {
    let bold = person.traits.boldness - if age > 60 { 0.2 } else { 0.0 };
    ["C1", "C2", "C3", "C4", "C5"][((bold.max(0.0) * 6.0) as usize).min(4)]
}
