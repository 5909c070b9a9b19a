//! `core/transactions_YYYY-MM.csv`: what was booked on current accounts, in the order of time.

use encoding_rs::GB18030;

use super::{SHAPE, SYSTEM};
use crate::{
    dirt::{Dirt, Spoil, Spot, spoil, twice},
    exports::{DayJob, FraudRow, rows::Rows},
    keys::{AccountKind, Keys},
    life::records::{Booking, Channel, Kind, OUTSIDERS, Scenario},
    people::products::Holding,
};

pub(crate) const HEADER: [&str; 12] = [
    "流水号",
    "客户号",
    "账号",
    "交易时间",
    "交易类型",
    "收支标志",
    "金额",
    "币种",
    "渠道",
    "对方账号",
    "余额",
    "状态",
];

const SPOILS: [Spoil; 10] = [
    spoil(Spot::BrokenRecord, 0, "*"),
    spoil(Spot::BadBytes, 4, "交易类型"),
    spoil(Spot::WrongDate, 3, "交易时间"),
    spoil(Spot::FutureDate, 3, "交易时间"),
    spoil(Spot::NotANumber, 6, "金额"),
    spoil(Spot::DecimalComma, 6, "金额"),
    spoil(Spot::Negative, 6, "金额"),
    spoil(Spot::BadCode, 5, "收支标志"),
    spoil(Spot::UnknownReference, 2, "账号"),
    twice(0, "流水号"),
];

const RATE: f64 = 0.002;
const KINDS: usize = 21;
const CHANNELS: usize = 6;

/// As the core system writes them, in the order of [`Kind`].
const KIND_WORDS: [&str; KINDS] = [
    "代发工资",
    "收入",
    "转账转入",
    "转账转出",
    "钱包充值",
    "红包",
    "代缴费",
    "房租",
    "刷卡消费",
    "信用卡还款",
    "现金存入",
    "现金支取",
    "基金申购",
    "基金赎回",
    "转存定期",
    "定期支取",
    "贷款发放",
    "贷款还款",
    "保险缴费",
    "利息",
    "手续费",
];
const CHANNEL_WORDS: [&str; CHANNELS] = ["手机银行", "网上银行", "柜面", "自助设备", "银行卡", "系统"];

/// The words of the hot path, encoded once.
pub(crate) struct Words {
    kinds: [Vec<u8>; KINDS],
    channels: [Vec<u8>; CHANNELS],
    income: Vec<u8>,
    outgo: Vec<u8>,
}

impl Words {
    pub(crate) fn new() -> Self {
        let encode = |word: &str| GB18030.encode(word).0.into_owned();
        Self {
            kinds: KIND_WORDS.map(encode),
            channels: CHANNEL_WORDS.map(encode),
            income: encode("收"),
            outgo: encode("支"),
        }
    }
}

/// The bookings of one day.
pub(crate) fn write_day(job: &DayJob<'_>, words: &Words, mut bookings: Vec<Booking>) -> (Rows, Vec<FraudRow>) {
    bookings.sort_by_key(|booking| booking.at);
    let mut rows = Rows::new(SHAPE);
    rows.bytes.reserve(bookings.len() * 110);
    let mut frauds = Vec::new();
    let dirt = Dirt::new(job.world.settings.seed, job.world.settings.dirt, 1, job.day.number, RATE);
    for (number, booking) in bookings.iter().enumerate() {
        let id = booking_id(job, number);
        if booking.plot.scenario != Scenario::Honest {
            frauds.push(FraudRow {
                system: SYSTEM,
                record: id,
                person: booking.person,
                plot: booking.plot,
                at: booking.at,
                cents: booking.amount.abs(),
                day: job.day.number,
            });
        }
        write(&mut rows, job, words, booking, id);
        rows.end(dirt.of(number as u64, &SPOILS));
    }
    (rows, frauds)
}

/// The day and the place in it.
fn booking_id(job: &DayJob<'_>, number: usize) -> u64 {
    let day = job.day;
    let date = day.year as u64 * 10_000 + day.month as u64 * 100 + day.day as u64;
    date * 100_000_000 + number as u64 + 1
}

#[inline]
fn write(rows: &mut Rows, job: &DayJob<'_>, words: &Words, booking: &Booking, id: u64) {
    let keys: &Keys = job.keys;
    rows.number_text(id);
    rows.number_text(keys.customer(booking.person));
    rows.number_text(keys.account(booking.person, AccountKind::Current));
    rows.moment(job.day.number, booking.at);
    rows.raw(&words.kinds[booking.kind as usize]);
    rows.raw(if booking.amount < 0 { &words.outgo } else { &words.income });
    rows.money(booking.amount.abs());
    rows.raw(b"CNY");
    rows.raw(&words.channels[booking.channel as usize]);
    rows.number_text(other_account(keys, booking));
    rows.money(booking.balance);
    rows.raw(b"0");
}

fn other_account(keys: &Keys, booking: &Booking) -> u64 {
    match booking.kind {
        Kind::DepositIn | Kind::DepositOut => keys.account(booking.person, AccountKind::Deposit),
        Kind::FundBuy | Kind::FundRedeem => keys.account(booking.person, AccountKind::Fund),
        Kind::CardRepayment => keys.card(booking.person, true),
        _ if booking.other >= OUTSIDERS => keys.foreign_account(booking.other),
        _ => keys.account(booking.other, AccountKind::Current),
    }
}

/// The account kind that goes with a holding, if any.
pub(crate) fn account_of(holding: Holding) -> Option<AccountKind> {
    match holding {
        Holding::Current => Some(AccountKind::Current),
        Holding::Deposit => Some(AccountKind::Deposit),
        Holding::MoneyFund => Some(AccountKind::Fund),
        _ => None,
    }
}

const _: () =
    assert!(KIND_WORDS.len() == Kind::Fee as usize + 1 && CHANNEL_WORDS.len() == Channel::System as usize + 1);
