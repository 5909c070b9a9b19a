//! `core/applications.csv`, `core/loans.csv`, `core/repayments.csv`: who asked for credit, what was granted and how it stood, and
//! which instalments were paid.

use std::collections::HashMap;

use super::{SHAPE, SYSTEM};
use crate::{
    SimulationError,
    dirt::{Dirt, Spoil, Spot, spoil, twice},
    exports::{
        Few,
        files::{Part, PartFile},
        rows::Rows,
    },
    keys::{AccountKind, Keys},
    life::{
        outbox::Outbox,
        records::{Application, Loan, LoanWord, Repayment, Standing},
        world::World,
    },
    truth::Truth,
};

const APPLICATION_HEADER: [&str; 8] =
    ["申请编号", "客户号", "申请时间", "申请金额", "期限", "评分", "户籍", "审批结果"];
const LOAN_HEADER: [&str; 9] = ["借据号", "客户号", "账号", "放款日期", "放款金额", "期限", "月供", "状态", "状态日期"];
const REPAYMENT_HEADER: [&str; 6] = ["借据号", "客户号", "应还日期", "应还金额", "实还金额", "实还日期"];
const APPLICATION_SPOILS: [Spoil; 6] = [
    spoil(Spot::BrokenRecord, 0, "*"),
    spoil(Spot::WrongDate, 2, "申请时间"),
    spoil(Spot::Negative, 3, "申请金额"),
    spoil(Spot::BadCode, 7, "审批结果"),
    spoil(Spot::UnknownReference, 1, "客户号"),
    twice(0, "申请编号"),
];
const LOAN_SPOILS: [Spoil; 6] = [
    spoil(Spot::BrokenRecord, 0, "*"),
    spoil(Spot::WrongDate, 8, "状态日期"),
    spoil(Spot::Negative, 4, "放款金额"),
    spoil(Spot::BadCode, 7, "状态"),
    spoil(Spot::UnknownReference, 1, "客户号"),
    twice(0, "借据号"),
];
const REPAYMENT_SPOILS: [Spoil; 5] = [
    spoil(Spot::BrokenRecord, 0, "*"),
    spoil(Spot::WrongDate, 2, "应还日期"),
    spoil(Spot::NotANumber, 3, "应还金额"),
    spoil(Spot::Missing, 1, "客户号"),
    twice(0, "借据号"),
];
const RATE: f64 = 0.006;

/// The three files, and what is known of loans so far.
pub(crate) struct Loans {
    applications: PartFile,
    loans: PartFile,
    repayments: PartFile,
    /// By person and loan: the loan, and when it defaulted.
    known: HashMap<(u32, u8), (Loan, Option<i32>)>,
}

impl Loans {
    pub(crate) fn create(few: &mut Few<'_>, loans: &[(u32, Loan)]) -> Result<Self, SimulationError> {
        let mut create = |name, header: &[&str]| {
            let mut file = PartFile::create(few.folder, SYSTEM, name)?;
            let mut rows = Rows::new(SHAPE);
            rows.header(header);
            file.append(&Part::from(rows), few.truth)?;
            Ok::<_, SimulationError>(file)
        };
        let mut this = Self {
            applications: create("core/applications.csv", &APPLICATION_HEADER)?,
            loans: create("core/loans.csv", &LOAN_HEADER)?,
            repayments: create("core/repayments.csv", &REPAYMENT_HEADER)?,
            known: HashMap::new(),
        };
        this.running(few, loans)?;
        Ok(this)
    }

    /// Loans that ran on the first day.
    fn running(&mut self, few: &mut Few<'_>, loans: &[(u32, Loan)]) -> Result<(), SimulationError> {
        let mut rows = Rows::new(SHAPE);
        let standing = Standing::Current;
        for (person, loan) in loans {
            let word = LoanWord { day: loan.granted, person: *person, loan: *loan, standing };
            self.known.insert((word.person, word.loan.which), (word.loan, None));
            write_loan(&mut rows, few.keys, &word);
            rows.end(None);
        }
        self.loans.append(&Part::from(rows), few.truth)
    }

    /// What happened to loans in a month.
    pub(crate) fn month(&mut self, few: &mut Few<'_>, outbox: &Outbox) -> Result<(), SimulationError> {
        let (seed, on, part) = (few.world.settings.seed, few.world.settings.dirt, i32::from(few.month.at));
        let dirt = |file| Dirt::new(seed, on, file, part, RATE);
        let (mut applications, mut loans, mut repayments) = (Rows::new(SHAPE), Rows::new(SHAPE), Rows::new(SHAPE));
        for (number, application) in outbox.applications.iter().enumerate() {
            few.truth.application(few.keys, application)?;
            write_application(&mut applications, few.world, few.keys, application);
            applications.end(dirt(5).of(number as u64, &APPLICATION_SPOILS));
        }
        for (number, word) in outbox.loans.iter().enumerate() {
            let known = self.known.entry((word.person, word.loan.which)).or_insert((word.loan, None));
            if word.standing == Standing::Default {
                known.1 = Some(word.day);
            }
            write_loan(&mut loans, few.keys, word);
            loans.end(dirt(6).of(number as u64, &LOAN_SPOILS));
        }
        for (number, repayment) in outbox.repayments.iter().enumerate() {
            write_repayment(&mut repayments, few.keys, repayment);
            repayments.end(dirt(7).of(number as u64, &REPAYMENT_SPOILS));
        }
        self.applications.append(&Part::from(applications), few.truth)?;
        self.loans.append(&Part::from(loans), few.truth)?;
        self.repayments.append(&Part::from(repayments), few.truth)
    }

    /// Writes the truth about all loans.
    pub(crate) fn close(self, keys: &Keys, truth: &mut Truth) -> Result<u64, SimulationError> {
        let mut known: Vec<_> = self.known.into_iter().collect();
        known.sort_by_key(|(key, _)| *key);
        for ((person, _), (loan, defaulted)) in known {
            truth.loan(keys, person, &loan, defaulted)?;
        }
        Ok(self.applications.close()? + self.loans.close()? + self.repayments.close()?)
    }
}

fn write_application(rows: &mut Rows, world: &World, keys: &Keys, a: &Application) {
    rows.word(&keys.application(a.person, a.day));
    rows.number_text(keys.customer(a.person));
    rows.moment(a.day, a.at);
    rows.money(i64::from(a.amount) * 100);
    rows.int(a.term.into());
    rows.int(a.score.into());
    let local = world.person(a.person).is_some_and(|person| !person.is_newcomer());
    rows.text(if local { "本地" } else { "外地" });
    rows.text(if a.approved { "通过" } else { "拒绝" });
}

fn write_loan(rows: &mut Rows, keys: &Keys, word: &LoanWord) {
    let loan = &word.loan;
    rows.word(&keys.loan(word.person, loan.which));
    rows.number_text(keys.customer(word.person));
    rows.number_text(keys.account(word.person, AccountKind::Current));
    rows.date(loan.granted);
    rows.money(i64::from(loan.amount) * 100);
    rows.int(loan.term.into());
    rows.money(loan.instalment.into());
    rows.word(word.standing.name());
    rows.date(word.day);
}

fn write_repayment(rows: &mut Rows, keys: &Keys, repayment: &Repayment) {
    rows.word(&keys.loan(repayment.person, repayment.loan.which));
    rows.number_text(keys.customer(repayment.person));
    rows.date(repayment.due);
    rows.money(repayment.loan.instalment.into());
    rows.money(repayment.paid.into());
    rows.maybe_date(repayment.paid_on);
}
