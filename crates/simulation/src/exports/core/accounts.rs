//! `core/accounts.csv`, `core/closures.csv`: accounts as they were opened, and those that were closed.

use super::{SHAPE, SYSTEM, bookings::account_of};
use crate::{
    SimulationError,
    dirt::{Dirt, Spoil, Spot, copy, spoil, twice},
    exports::{Last, files::PartFile, rows::Rows},
    keys::AccountKind,
    life::state::{Life, NEVER},
    people::{Person, products::Holding},
};

const HEADER: [&str; 6] = ["账号", "客户号", "产品代码", "开户日期", "币种", "状态"];
const CLOSURE_HEADER: [&str; 6] = ["账号", "客户号", "产品代码", "开户日期", "销户日期", "币种"];
const SPOILS: [Spoil; 6] = [
    copy(Spot::BrokenRecord, 0, "*"),
    copy(Spot::WrongDate, 3, "开户日期"),
    copy(Spot::BadCode, 4, "币种"),
    copy(Spot::Missing, 1, "客户号"),
    copy(Spot::UnknownReference, 1, "客户号"),
    twice(0, "账号"),
];
const CLOSURE_SPOILS: [Spoil; 3] =
    [spoil(Spot::BrokenRecord, 0, "*"), spoil(Spot::WrongDate, 4, "销户日期"), twice(0, "账号")];
const RATE: f64 = 0.006;

struct Account<'a> {
    person: &'a Person,
    life: &'a Life,
    kind: AccountKind,
    product: &'static str,
    opened: i32,
}

/// Writes both files.
pub(crate) fn write(last: &mut Last<'_>) -> Result<u64, SimulationError> {
    let settings = &last.world.settings;
    let dirt = |file| Dirt::new(settings.seed, settings.dirt, file, 0, RATE);
    let (dirt, closure_dirt) = (dirt(3), dirt(4));
    let (mut open, mut closed) = (Rows::new(SHAPE), Rows::new(SHAPE));
    open.header(&HEADER);
    closed.header(&CLOSURE_HEADER);
    let mut open_file = PartFile::create(last.folder, SYSTEM, "core/accounts.csv")?;
    let mut closed_file = PartFile::create(last.folder, SYSTEM, "core/closures.csv")?;
    for (number, account) in accounts(last).iter().enumerate() {
        write_open(&mut open, last, account);
        open.end(dirt.of(number as u64, &SPOILS));
        let closure = account.life.departure.filter(|d| d.closes && d.leaves < last.world.calendar.end());
        if let Some(departure) = closure {
            write_closed(&mut closed, last, account, departure.leaves);
            closed.end(closure_dirt.of(number as u64, &CLOSURE_SPOILS));
        }
        open_file.relieve(&mut open, last.truth)?;
        closed_file.relieve(&mut closed, last.truth)?;
    }
    Ok(open_file.finish(open, last.truth)? + closed_file.finish(closed, last.truth)?)
}

/// All accounts in the order of their numbers.
fn accounts<'a>(last: &Last<'a>) -> Vec<Account<'a>> {
    let mut accounts = Vec::new();
    for (number, life) in last.lives {
        let Some(person) = last.world.person(*number) else { continue };
        for holding in Holding::ALL {
            let opened = life.held_since[holding as usize];
            // Money moved without an account of its own before: the fund account came with the first purchase.
            let Some(kind) = account_of(holding).filter(|_| opened != NEVER) else { continue };
            accounts.push(Account { person, life, kind, product: holding.product().code, opened });
        }
    }
    accounts.sort_by_cached_key(|account| last.keys.account(account.person.number, account.kind));
    accounts
}

fn write_open(rows: &mut Rows, last: &Last<'_>, account: &Account<'_>) {
    rows.number_text(last.keys.account(account.person.number, account.kind));
    rows.number_text(last.keys.customer(account.person.number));
    rows.word(account.product);
    rows.date(account.opened);
    rows.word("CNY");
    rows.text("正常");
}

fn write_closed(rows: &mut Rows, last: &Last<'_>, account: &Account<'_>, day: i32) {
    rows.number_text(last.keys.account(account.person.number, account.kind));
    rows.number_text(last.keys.customer(account.person.number));
    rows.word(account.product);
    rows.date(account.opened);
    rows.date(day);
    rows.word("CNY");
}
