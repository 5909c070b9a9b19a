//! `cards/holders.parquet`: who holds a card, as embossed: names in capital pinyin.

use super::SYSTEM;
use crate::{
    SimulationError,
    dirt::{Dirt, Flaw, FoundAs, Spoil, Spot, copy, twice},
    exports::Last,
    life::state::Life,
    people::{Person, products::Holding},
    random::{Stream, Subject},
    table::{Cell, Table, Type},
};

const FILE: &str = "cards/holders.parquet";
const SPOILS: [Spoil; 3] =
    [copy(Spot::Missing, 0, "holder_no"), copy(Spot::ImpossibleValue, 3, "birth_date"), twice(0, "holder_no")];
const RATE: f64 = 0.005;
/// 1801-01-01.
const IMPOSSIBLE_BIRTH: i32 = -61_727;

/// Writes the file, in the order of holder numbers.
pub(crate) fn write(last: &mut Last<'_>) -> Result<u64, SimulationError> {
    use Type::{Date, Int, Text};
    let path = last.folder.join(FILE);
    let columns = [
        ("holder_no", Int),
        ("embossed_name", Text),
        ("gender", Text),
        ("birth_date", Date),
        ("phone", Text),
        ("debit_card", Text),
        ("credit_card", Text),
        ("city", Text),
        ("issued_on", Date),
        ("credit_issued_on", Date),
    ];
    let mut table = Table::create(&path, &columns)?;
    let dirt = Dirt::new(last.world.settings.seed, last.world.settings.dirt, 10, 0, RATE);
    let mut holders: Vec<&(u32, _)> = last.lives.iter().collect();
    holders.sort_by_key(|(person, _)| last.keys.holder(*person));
    let mut rows = 0;
    for (number, (person, life)) in holders.into_iter().enumerate() {
        let Some(person) = last.world.person(*person) else { continue };
        last.truth.identity(SYSTEM, &last.keys.holder(person.number).to_string(), person)?;
        write_one(&mut table, last, person, credit_since(life), None)?;
        rows += 1;
        if let Some(spoil) = dirt.of(number as u64, &SPOILS) {
            write_one(&mut table, last, person, credit_since(life), Some(spoil))?;
            rows += 1;
            let flaw = Flaw { row: rows, column: spoil.column_name, kind: spoil.spot, found_as: spoil.found_as };
            last.truth.flaw(SYSTEM, FILE, 0, &flaw)?;
        }
    }
    table.close()?;
    Ok(rows)
}

fn write_one(
    table: &mut Table,
    last: &Last<'_>,
    person: &Person,
    credit: Option<i32>,
    spoil: Option<&Spoil>,
) -> Result<(), SimulationError> {
    let holder = last.keys.holder(person.number) as i64;
    let debit_card = last.keys.card(person.number, false).to_string();
    let credit_card = last.keys.card(person.number, true).to_string();
    let (name, phone) = (embossed(last, person), phone(last, person));
    let mut cells = [
        Cell::Int(holder),
        Cell::Text(&name),
        Cell::Text(if person.woman { "F" } else { "M" }),
        Cell::Date(person.born),
        Cell::Text(&phone),
        Cell::Text(&debit_card),
        credit.map_or(Cell::None, |_| Cell::Text(&credit_card)),
        Cell::Text(person.home.city().pinyin),
        Cell::Date(person.joined),
        credit.map_or(Cell::None, Cell::Date),
    ];
    match spoil {
        Some(Spoil { spot: Spot::Missing, .. }) => cells[0] = Cell::None,
        Some(Spoil { spot: Spot::ImpossibleValue, found_as: FoundAs::Quarantined, .. }) => {
            cells[3] = Cell::Date(IMPOSSIBLE_BIRTH);
        }
        _ => {}
    }
    table.push(&cells)
}

/// The day on which a credit card was issued.
fn credit_since(life: &Life) -> Option<i32> {
    life.holdings.has(Holding::CreditCard).then_some(life.held_since[Holding::CreditCard as usize])
}

/// Embossing machines have room for 19 letters.
fn embossed(last: &Last<'_>, person: &Person) -> String {
    let mut stream = Stream::new(last.world.settings.seed, Subject::Records, u64::from(person.number), 10);
    let name = person.name.embossed();
    let name = if stream.chance(0.1) { name.replace(' ', "") } else { name };
    name.chars().take(19).collect()
}

/// The phone the card was ordered with; some have changed since.
fn phone(last: &Last<'_>, person: &Person) -> String {
    let mut stream = Stream::new(last.world.settings.seed, Subject::Records, u64::from(person.number), 11);
    if stream.chance(0.04) {
        return format!("169{:08}", stream.below(100_000_000));
    }
    let phone = person.phone(&last.world.phones);
    if stream.chance(0.3) { format!("+86{phone}") } else { phone }
}
