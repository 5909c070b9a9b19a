//! `core/co_holders.csv`: joint accounts. An account has one owner, in `core/accounts.csv`, and may have one co-holder.

use super::{SHAPE, SYSTEM};
use crate::{
    SimulationError,
    dirt::{Dirt, Spoil, Spot, spoil, twice},
    exports::{Last, files::PartFile, rows::Rows},
    keys::AccountKind,
    life::state::{Life, NEVER},
    people::{Person, household::Role, products::Holding},
    random::{Stream, Subject},
};

const HEADER: [&str; 4] = ["账号", "客户号", "角色", "起始日期"];
const SPOILS: [Spoil; 4] = [
    spoil(Spot::BrokenRecord, 0, "*"),
    spoil(Spot::WrongDate, 3, "起始日期"),
    spoil(Spot::BadCode, 2, "角色"),
    twice(0, "账号"),
];
const RATE: f64 = 0.006;
/// Share of couples who share an account.
const SHARED: f64 = 0.22;

struct Joint {
    owner: u32,
    kind: AccountKind,
    co_holder: u32,
    since: i32,
}

/// Writes the file, in the order of account numbers.
pub(crate) fn write(last: &mut Last<'_>) -> Result<u64, SimulationError> {
    let mut joint: Vec<Joint> = last.lives.iter().filter_map(|(owner, life)| joint(last, *owner, life)).collect();
    joint.sort_by_cached_key(|joint| last.keys.account(joint.owner, joint.kind));
    let mut file = PartFile::create(last.folder, SYSTEM, "core/co_holders.csv")?;
    let settings = &last.world.settings;
    let dirt = Dirt::new(settings.seed, settings.dirt, 8, 0, RATE);
    let mut rows = Rows::new(SHAPE);
    rows.header(&HEADER);
    for (number, joint) in joint.iter().enumerate() {
        rows.number_text(last.keys.account(joint.owner, joint.kind));
        rows.number_text(last.keys.customer(joint.co_holder));
        rows.text("共有人");
        rows.date(joint.since);
        rows.end(dirt.of(number as u64, &SPOILS));
        file.relieve(&mut rows, last.truth)?;
    }
    file.finish(rows, last.truth)
}

/// The account that the head of a household shares with their partner: the deposit of some, the current account of the others.
fn joint(last: &Last<'_>, owner: u32, life: &Life) -> Option<Joint> {
    let head = last.world.person(owner).filter(|person| person.role == Role::Head)?;
    let partner = partner(last, head)?;
    let mut stream = Stream::new(last.world.settings.seed, Subject::Family, u64::from(owner), 1);
    let (shares, saves) = (stream.chance(SHARED), stream.chance(0.4));
    let deposit = saves && life.held_since[Holding::Deposit as usize] != NEVER;
    let (holding, kind) =
        if deposit { (Holding::Deposit, AccountKind::Deposit) } else { (Holding::Current, AccountKind::Current) };
    let since = life.held_since[holding as usize].max(partner.joined);
    let gone = life.departure.is_some_and(|departure| departure.leaves <= since);
    (shares && !gone).then_some(Joint { owner, kind, co_holder: partner.number, since })
}

fn partner<'a>(last: &Last<'a>, head: &Person) -> Option<&'a Person> {
    let next = last.world.person(head.number + 1)?;
    (next.household == head.household && next.role == Role::Partner).then_some(next)
}
