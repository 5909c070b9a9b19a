//! Loans: who asks for one, who gets it under which policy, who repays.
//!
//! The true probability of default is a logistic function of the burden (instalment over income), of how unsafe the income
//! is, of thrift and of savings. One uniform number decides, for those who are refused as well: so the truth knows what the refused
//! would have done. Who would default loses most of their income some months into the loan, and it shows: wages stop, the balance
//! runs down, instalments are missed. Others miss one at times and catch up.
//!
//! The bank saw only a noisy score. Its old policy took points from people who are registered elsewhere than where they live,
//! although that has no bearing on their risk. The new policy, from half-way on, does not.

use super::{
    money::Intent,
    outbox::Outbox,
    records::{Application, Cause, Channel, Kind, Loan, LoanWord, OUTSIDERS, Plot, Repayment, Standing},
    rhythm::{Hours, Rhythm},
    state::Life,
    visits::{Purpose, Visit},
    world::{MonthView, World},
};
use crate::{
    calendar::months_between,
    people::{Person, products::Holding, work::OCCUPATIONS},
    random::{Stream, Subject},
};

/// Interest a month.
const RATE: f64 = 0.0059;
/// Points from which an application is granted.
const PASS_SCORE: f64 = 560.0;
/// Points that the old policy took from newcomers.
pub(crate) const NEWCOMER_PENALTY: f64 = 70.0;
/// Instalments missed in a row that make a default.
const MISSED_MAX: u8 = 3;
const TERMS: [u8; 5] = [6, 12, 12, 24, 36];

/// The month in which the policy changed.
pub(crate) fn policy_change(world: &World) -> u16 {
    world.calendar.months.len() as u16 / 2
}

/// Loans that were running on the first day.
pub(crate) fn begin(world: &World, person: &Person, life: &mut Life) {
    let mut stream = Stream::new(world.settings.seed, Subject::Credit, u64::from(person.number), u64::MAX);
    let age = person.age_on(world.calendar.first());
    if person.joined >= world.calendar.first() - 700 || !(22..62).contains(&age) || !stream.chance(0.11) {
        return;
    }
    let request = Request::draw(person, life, &mut stream);
    let age_days = 20 + stream.below(usize::from(request.term) * 30 - 60) as i32;
    let granted = world.calendar.first() - age_days;
    let mut loan = request.loan(life.loans, granted, &mut stream);
    // The trouble of some came before the first day, and they are gone; that of the others comes before the last instalment.
    let left = i32::from(loan.term) - months_between(granted, world.calendar.first());
    loan.would_default &= left > 0 && stream.chance(0.6);
    loan.trouble = stream.below(left.clamp(1, 12) as usize) as i16;
    life.loan = Some(loan);
    life.loans += 1;
    life.hold(Holding::PersonalLoan, granted);
}

/// What somebody asks for.
struct Request {
    amount: u32,
    term: u8,
    pd: f64,
}

impl Request {
    fn draw(person: &Person, life: &Life, stream: &mut Stream) -> Self {
        let income = f64::from(person.income);
        let amount = ((income * stream.log_normal(3.0, 0.7)) / 1000.0).round().clamp(2.0, 300.0) as u32 * 1000;
        let term = stream.pick(&TERMS).max(6);
        let burden = f64::from(amount) * annuity(term) / income.max(800.0);
        let instability = OCCUPATIONS[usize::from(person.occupation) % OCCUPATIONS.len()].instability;
        let savings = (life.balance + life.deposit + life.fund) as f64 / 100.0 / income.max(800.0);
        let thrift = f64::from(person.traits.thrift);
        let logit = -2.3 + 2.4 * burden.min(1.5) + 9.0 * instability - 1.6 * thrift - 0.10 * savings.min(8.0)
            + 0.35 * stream.normal();
        Self { amount, term, pd: 1.0 / (1.0 + (-logit).exp()) }
    }

    fn loan(&self, which: u8, granted: i32, stream: &mut Stream) -> Loan {
        Loan {
            which,
            granted,
            amount: self.amount,
            term: self.term,
            instalment: (f64::from(self.amount) * annuity(self.term) * 100.0).round() as u32,
            pd: self.pd as f32,
            would_default: stream.chance(self.pd),
            trouble: 0,
        }
    }

    /// What the bank sees of the risk: points from 300 to 900.
    fn score(&self, stream: &mut Stream) -> f64 {
        let logit = (self.pd / (1.0 - self.pd)).ln();
        (500.0 - 62.0 * logit + 45.0 * stream.normal()).clamp(300.0, 900.0)
    }
}

/// The share of the amount that is paid each month.
fn annuity(term: u8) -> f64 {
    RATE / (1.0 - (1.0 + RATE).powi(-i32::from(term)))
}

/// Asks for a loan if there is reason to, before the month is planned.
pub(crate) fn ask(
    world: &World,
    view: &MonthView<'_>,
    (person, life): (&Person, &mut Life),
    stream: &mut Stream,
    (out, visits, causes): (&mut Outbox, &mut Vec<Visit>, &mut Vec<(Cause, u8)>),
) {
    let wants = 0.004 + if life.need == Some(Holding::PersonalLoan) { 0.09 } else { 0.0 };
    let age = person.age_on(view.month.first());
    if life.loan.is_some() || !(20..65).contains(&age) || !stream.chance(wants * f64::from(life.engagement).min(1.5)) {
        return;
    }
    let at_day = view.days.draw(Rhythm::Business, person.pay_day, stream);
    let day = view.month.first() + at_day as i32;
    if !life.is_here(person, day) {
        return;
    }
    let at = world.clock.draw(Hours::Office, stream);
    let (application, loan) = decide(world, view, (person, life), (day, at), stream);
    out.applications.push(application);
    if stream.chance(f64::from(person.traits.digital)) {
        let purpose = Purpose::Apply(Holding::PersonalLoan);
        visits.push(Visit { day: at_day as u8, at, purpose, web: false, amount: 0, plot: Plot::default() });
    }
    match loan {
        Some(loan) => {
            life.loan = Some(loan);
            life.loans += 1;
            life.missed = 0;
            life.need = None;
            life.hold(Holding::PersonalLoan, day);
        }
        None => causes.push((Cause::LoanRefused, at_day as u8)),
    }
}

fn decide(
    world: &World,
    view: &MonthView<'_>,
    (person, life): (&Person, &Life),
    (day, at): (i32, u32),
    stream: &mut Stream,
) -> (Application, Option<Loan>) {
    let request = Request::draw(person, life, stream);
    let old_policy = view.month.at < policy_change(world);
    let newcomer = person.is_newcomer();
    let penalty = if old_policy && newcomer { NEWCOMER_PENALTY } else { 0.0 };
    let score = (request.score(stream) - penalty).max(300.0);
    let approved = score >= PASS_SCORE;
    let mut loan = request.loan(life.loans, day, stream);
    // Before the last instalment, so that who would default does, unless they leave or the time is over.
    loan.trouble = view.month.at as i16 + 1 + stream.below(usize::from(loan.term).min(13) - 1) as i16;
    let application = Application {
        day,
        at,
        person: person.number,
        amount: request.amount,
        term: request.term,
        score: score as u16,
        approved,
        pd: loan.pd,
        would_default: loan.would_default,
        newcomer,
        old_policy,
    };
    (application, approved.then_some(loan))
}

/// Adds the payout and the instalment of the month, and lets trouble begin.
pub(crate) fn plan(
    world: &World,
    view: &MonthView<'_>,
    (person, life): (&Person, &mut Life),
    stream: &mut Stream,
    (out, intents): (&mut Outbox, &mut Vec<Intent>),
) {
    let Some(loan) = life.loan else { return };
    let in_month = |day: i32| (0..view.month.len() as i32).contains(&(day - view.month.first()));
    if in_month(loan.granted) {
        let day = (loan.granted - view.month.first()) as u8;
        let amount = i64::from(loan.amount) * 100;
        let at = world.clock.draw(Hours::Office, stream).saturating_add(60_000);
        intents.push(intent(day, at, Kind::LoanPayout, amount));
        out.loans.push(LoanWord { day: loan.granted, person: person.number, loan, standing: Standing::Current });
        return;
    }
    if loan.would_default && loan.trouble == view.month.at as i16 {
        life.income_factor *= 0.25;
        life.shock_until = view.month.at as i16 + 8;
    }
    instalment(world, view, (person, life), loan, stream, (out, intents));
}

fn instalment(
    world: &World,
    view: &MonthView<'_>,
    (person, life): (&Person, &mut Life),
    loan: Loan,
    stream: &mut Stream,
    (out, intents): (&mut Outbox, &mut Vec<Intent>),
) {
    let due = view.month.first() + 9;
    if !life.is_here(person, due) {
        return;
    }
    let troubled = loan.would_default && view.month.at as i16 > loan.trouble;
    let misses = troubled || (life.missed == 0 && stream.chance(0.025));
    let mut word = |standing, day| out.loans.push(LoanWord { day, person: person.number, loan, standing });
    if misses {
        life.missed += 1;
        let standing =
            [Standing::Arrears30, Standing::Arrears60, Standing::Default][usize::from(life.missed.min(MISSED_MAX)) - 1];
        word(standing, due + 1);
        out.repayments.push(Repayment { due, person: person.number, loan, paid: 0, paid_on: None });
        if life.missed >= MISSED_MAX {
            life.loan = None;
        }
        return;
    }
    let caught_up = life.missed > 0;
    let amount = i64::from(loan.instalment) * (1 + i64::from(life.missed));
    life.missed = 0;
    let late = u8::from(stream.chance(0.12)) * stream.below(6) as u8;
    intents.push(Intent {
        must: true,
        ..intent(9 + late, world.clock.draw(Hours::Office, stream), Kind::LoanInstalment, amount)
    });
    let over = months_between(loan.granted, view.month.first()) >= i32::from(loan.term);
    if over || caught_up {
        word(if over { Standing::Repaid } else { Standing::Current }, due + i32::from(late));
    }
    let paid = amount.min(i64::from(u32::MAX)) as u32;
    out.repayments.push(Repayment { due, person: person.number, loan, paid, paid_on: Some(due + i32::from(late)) });
    if over {
        life.loan = None;
    }
}

fn intent(day: u8, at: u32, kind: Kind, amount: i64) -> Intent {
    let (channel, plot) = (Channel::System, Plot::default());
    Intent { day, at, kind, channel, amount, other: OUTSIDERS + 6, plot, must: false }
}

/// Income comes back some months after it was lost; for others it may be lost at any time.
pub(crate) fn fortunes(view: &MonthView<'_>, person: &Person, life: &mut Life, stream: &mut Stream) {
    let month = view.month.at as i16;
    if month >= life.shock_until && life.income_factor < 0.6 {
        life.income_factor = stream.between(0.75, 1.0) as f32;
    }
    let instability = OCCUPATIONS[usize::from(person.occupation) % OCCUPATIONS.len()].instability;
    // Borrowers' troubles are their loan's; see `plan`.
    if life.loan.is_none() && stream.chance(instability * 0.7 / 12.0) {
        life.income_factor *= stream.between(0.2, 0.55) as f32;
        life.shock_until = month + 2 + stream.below(5) as i16;
    } else if stream.chance(0.008) {
        life.income_factor = (life.income_factor * 1.15).min(1.8);
    }
}
