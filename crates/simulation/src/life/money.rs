//! Money in and out of accounts: what is meant to happen in a month, and what becomes of it.
//!
//! [`plan`] says what a person and those around them mean to do; [`settle`] goes through it in the order of time with the
//! balance in hand. What cannot be paid is first covered from funds and deposits, then declined: nobody's balance is ever below zero.

use super::{
    outbox::Outbox,
    records::{Booking, Cause, Channel, Kind, MACHINES, OUTSIDERS, Payment, Plot, counter},
    rhythm::{Hours, Rhythm},
    spending::Wish,
    state::{Life, Reason},
    sums,
    visits::{Purpose, Visit},
    world::{MonthView, World},
};
use crate::{
    calendar::DAY_MS,
    people::{
        Person,
        household::Role,
        products::Holding,
        work::{OCCUPATIONS, PAY_DAYS},
    },
    random::{Stream, Subject},
};

/// Something that is meant to happen to the current account.
#[derive(Clone, Copy)]
pub(crate) struct Intent {
    pub(crate) day: u8,
    pub(crate) at: u32,
    pub(crate) kind: Kind,
    pub(crate) channel: Channel,
    /// Cents, not negative.
    pub(crate) amount: i64,
    pub(crate) other: u32,
    pub(crate) plot: Plot,
    /// Happens even if money must be borrowed for it.
    pub(crate) must: bool,
}

impl Kind {
    pub(crate) fn is_in(self) -> bool {
        matches!(
            self,
            Self::Salary
                | Self::Income
                | Self::TransferIn
                | Self::CashDeposit
                | Self::FundRedeem
                | Self::DepositOut
                | Self::LoanPayout
                | Self::Interest
        )
    }
}

/// Who plans: everything a plan looks at.
pub(crate) struct Planner<'a> {
    pub(crate) world: &'a World,
    pub(crate) view: &'a MonthView<'a>,
    pub(crate) person: &'a Person,
    pub(crate) life: &'a Life,
    pub(crate) stream: &'a mut Stream,
    pub(crate) out: &'a mut Vec<Intent>,
}

impl Planner<'_> {
    fn push(&mut self, day: usize, hours: Hours, kind: Kind, channel: Channel, yuan: f64, other: u32) {
        let at = self.world.clock.draw(hours, self.stream);
        let amount = (yuan * 100.0).round() as i64;
        let on_screen = matches!(channel, Channel::App | Channel::Web);
        let channel = if on_screen && !self.person.has_app() { Channel::Branch } else { channel };
        if amount > 0 {
            let day = day.min(self.view.month.len() - 1) as u8;
            self.out.push(Intent { day, at, kind, channel, amount, other, plot: Plot::default(), must: false });
        }
    }

    /// Some number that stays the same for one person and purpose: an employer, a landlord.
    fn outsider(&self, which: u32) -> u32 {
        OUTSIDERS + (self.person.number.wrapping_mul(31).wrapping_add(which * 7919)) % (1 << 22)
    }

    fn income(&self) -> f64 {
        f64::from(self.person.income) * f64::from(self.life.income_factor)
    }

    fn own_channel(&mut self) -> Channel {
        let digital = f64::from(self.person.traits.digital);
        if self.stream.chance(0.25 + 0.73 * digital) {
            if self.person.web && self.stream.chance(0.2) { Channel::Web } else { Channel::App }
        } else if self.stream.chance(0.6) {
            Channel::Branch
        } else {
            Channel::Atm
        }
    }

    fn screen_channel(&mut self) -> Channel {
        match self.own_channel() {
            Channel::Web => Channel::Web,
            _ => Channel::App,
        }
    }
}

/// What is meant to happen in a month, unsorted.
pub(crate) fn plan(p: &mut Planner<'_>) {
    earn(p);
    pay_bills(p);
    keep_standing_orders(p);
    share_with_family(p);
    move_money(p);
    use_cash(p);
    invest(p);
    repay_card(p);
    bank_itself(p);
}

/// Wages on the employer's day, or takings spread over the month; a bonus before Spring Festival.
fn earn(p: &mut Planner<'_>) {
    let job = &OCCUPATIONS[usize::from(p.person.occupation) % OCCUPATIONS.len()];
    let moved = p.life.departure.is_some_and(|d| d.reason == Reason::NewEmployer);
    // Those who bank mostly elsewhere have their wages there.
    if moved || (job.salaried && p.life.engagement < 0.25) {
        return;
    }
    let income = p.income();
    let employer = p.outsider(1) / 40 * 40;
    if job.salaried {
        let day = p.view.month.pay_day(PAY_DAYS[usize::from(p.person.pay_day)]);
        let wage = income * (1.0 + 0.03 * p.stream.normal());
        p.push(day, Hours::Office, Kind::Salary, Channel::System, round_to(wage, 0.01), employer);
        bonus(p, day, employer);
        return;
    }
    let parts = 1 + p.stream.poisson(3.0);
    for _ in 0..parts {
        let day = p.view.days.draw(Rhythm::Daily, p.person.pay_day, p.stream);
        let part = income / parts as f64 * p.stream.log_normal(0.92, 0.4);
        p.push(day, Hours::Phone, Kind::Income, Channel::System, round_to(part, 0.1), employer + 1);
    }
}

fn bonus(p: &mut Planner<'_>, day: usize, employer: u32) {
    let festival_near = p.view.month.days.iter().any(|d| d.from_lunar_new_year == -10);
    if festival_near && p.life.income_factor > 0.6 && p.stream.chance(0.55) {
        let bonus = p.income() * p.stream.log_normal(1.1, 0.6);
        let day = (day + 2).min(p.view.month.len() - 1);
        p.push(day, Hours::Office, Kind::Salary, Channel::System, round_to(bonus, 1.0), employer);
    }
}

fn pay_bills(p: &mut Planner<'_>) {
    let share = f64::from(p.life.engagement).min(1.0);
    if p.person.role == Role::Head && !p.person.owns_home && p.stream.chance(0.75 * share) {
        let mut habit = Stream::new(p.world.settings.seed, Subject::Habit, u64::from(p.person.household), 2);
        let rent = round_to(f64::from(p.person.income) * habit.between(0.18, 0.34), 100.0);
        let day = habit.below(5);
        let channel = p.own_channel();
        p.push(day, Hours::Phone, Kind::Rent, channel, rent, p.outsider(2));
    }
    for _ in 0..p.stream.poisson(0.8 * share) {
        let day = p.view.days.draw(Rhythm::Business, p.person.pay_day, p.stream);
        let phone = p.stream.chance(0.5);
        let yuan = if phone {
            p.stream.pick(&[30.0, 50.0, 50.0, 100.0, 100.0, 200.0])
        } else {
            p.stream.log_normal(118.0, 0.6)
        };
        let channel = p.own_channel();
        p.push(day, Hours::Phone, Kind::Bill, channel, round_to(yuan, 0.01), OUTSIDERS + u32::from(phone));
    }
}

/// The same sum to the same account on the same day of each month (or the next on which banks work), and a utility that draws
/// what was used.
fn keep_standing_orders(p: &mut Planner<'_>) {
    let mut habit = Stream::new(p.world.settings.seed, Subject::Habit, u64::from(p.person.number), 4);
    let orders = habit.weighted(&[0.62, 0.28, 0.10]);
    let utility = habit.chance(0.35);
    for which in 0..orders {
        let day = p.view.month.next_working(habit.below(28));
        let yuan = habit.log_normal(0.05 * f64::from(p.person.income) + 80.0, 0.6);
        let yuan = sums::transfer(&mut habit, yuan);
        if p.life.engagement > 0.25 {
            let payee = p.outsider(90 + which as u32);
            p.push(day, Hours::Office, Kind::TransferOut, Channel::System, yuan, payee);
        }
    }
    let day = p.view.month.next_working(habit.below(28));
    if utility && p.life.engagement > 0.25 {
        let yuan = round_to(p.stream.log_normal(118.0, 0.4), 0.01);
        p.push(day, Hours::Office, Kind::Bill, Channel::System, yuan, OUTSIDERS);
    }
}

/// What the head of a household sends to the second member each month, if they do: yuan, day, and time of the day.
fn support(p: &Planner<'_>, head: &Person, second: &Person) -> Option<(f64, usize, u32)> {
    let mut family = Stream::new(p.world.settings.seed, Subject::Family, u64::from(head.number), 0);
    let first = p.view.month.first();
    let both_here = head.joined <= first && second.joined <= first && head.has_app();
    let yuan = family.pick(&[500.0, 1000.0, 1000.0, 1500.0, 2000.0, 3000.0]);
    let (day, at) = (family.below(28), p.world.clock.draw(Hours::Evening, &mut family));
    (family.chance(0.3) && both_here).then_some((yuan, day, at))
}

/// Partners share, children support their parents: the same transfer on both accounts. At Spring Festival everybody gives red packets.
fn share_with_family(p: &mut Planner<'_>) {
    let head = p.world.person(p.person.household_first);
    let second = p.world.person(p.person.household_first + 1).filter(|o| o.household == p.person.household);
    if let Some((head, second)) = head.zip(second)
        && let Some((yuan, day, at)) = support(p, head, second)
    {
        let amount = (yuan * 100.0) as i64;
        // It is sent whatever else is to be paid, so that it arrives as well.
        let (day, channel, plot, must) = (day as u8, Channel::App, Plot::default(), true);
        let transfer = |kind, other| Intent { day, at, kind, channel, amount, other, plot, must };
        if p.person.number == head.number {
            p.out.push(transfer(Kind::TransferOut, second.number));
        } else if p.person.number == second.number {
            p.out.push(transfer(Kind::TransferIn, head.number));
        }
    }
    let festival: Vec<usize> =
        (0..p.view.month.len()).filter(|day| (-1..=6).contains(&p.view.month.days[*day].from_lunar_new_year)).collect();
    if !festival.is_empty() {
        for _ in 0..p.stream.poisson(2.2 * f64::from(p.life.engagement).min(1.5)) {
            let day = p.stream.pick(&festival);
            let yuan = p.stream.pick(&[66.0, 88.0, 100.0, 168.0, 200.0, 200.0, 500.0, 600.0, 666.0, 888.0, 1000.0]);
            p.push(day, Hours::Evening, Kind::RedPacketOut, Channel::App, yuan, p.outsider(20 + day as u32));
        }
    }
}

/// Transfers to and from others, and to the wallets that most small things are paid from.
fn move_money(p: &mut Planner<'_>) {
    let share = f64::from(p.life.engagement).min(2.0) * p.world.settings.activity;
    for _ in 0..p.stream.poisson(0.6 * share) {
        let day = p.view.days.draw(Rhythm::Leisure, p.person.pay_day, p.stream);
        let yuan = transfer_amount(p);
        let channel = p.own_channel();
        let which = 40 + p.stream.below(6) as u32;
        p.push(day, Hours::Phone, Kind::TransferOut, channel, yuan, p.outsider(which));
    }
    for _ in 0..p.stream.poisson(0.55 * share) {
        let day = p.view.days.draw(Rhythm::Leisure, p.person.pay_day, p.stream);
        let yuan = transfer_amount(p);
        p.push(day, Hours::Phone, Kind::TransferIn, Channel::App, yuan, p.outsider(60));
    }
    for _ in 0..p.stream.poisson(1.6 * share * (0.3 + f64::from(p.person.traits.digital))) {
        let day = p.view.days.draw(Rhythm::Online, p.person.pay_day, p.stream);
        let yuan = p.stream.pick(&[50.0, 100.0, 100.0, 200.0, 200.0, 300.0, 500.0, 500.0, 1000.0, 2000.0]);
        p.push(day, Hours::Phone, Kind::WalletTopUp, Channel::System, yuan, OUTSIDERS + 10);
    }
    // What is more than they like to have at hand goes to their other bank.
    let buffer = p.income() * (0.8 + 2.5 * f64::from(p.person.traits.thrift));
    let surplus = p.life.balance as f64 / 100.0 - buffer;
    if surplus > p.income() * 0.3 {
        let day = p.view.days.draw(Rhythm::Business, p.person.pay_day, p.stream);
        let yuan = surplus * p.stream.between(0.35, 0.9);
        let yuan = sums::transfer(p.stream, yuan);
        let channel = p.screen_channel();
        p.push(day, Hours::Phone, Kind::TransferOut, channel, yuan, p.outsider(80));
    }
}

fn transfer_amount(p: &mut Planner<'_>) -> f64 {
    let yuan = p.stream.log_normal(0.07 * p.income() + 60.0, 1.0);
    sums::transfer(p.stream, yuan)
}

fn use_cash(p: &mut Planner<'_>) {
    let cash = (1.1 - f64::from(p.person.traits.digital)) * f64::from(p.life.engagement).min(1.5);
    for _ in 0..p.stream.poisson(1.0 * cash) {
        let day = p.view.days.draw(Rhythm::Daily, p.person.pay_day, p.stream);
        let yuan = p.stream.log_normal(900.0, 0.9).min(20_000.0);
        let yuan = sums::cash(p.stream, yuan);
        p.push(day, Hours::Shops, Kind::CashWithdrawal, Channel::Atm, yuan, MACHINES);
    }
    let trades = OCCUPATIONS[usize::from(p.person.occupation) % OCCUPATIONS.len()].name == "self_employed";
    for _ in 0..p.stream.poisson(if trades { 1.6 } else { 0.06 }) {
        let day = p.view.days.draw(Rhythm::Business, p.person.pay_day, p.stream);
        let yuan = p.stream.log_normal(6000.0, 0.9);
        let (yuan, desk) = (sums::cash(p.stream, yuan), counter(p.stream));
        p.push(day, Hours::Office, Kind::CashDeposit, Channel::Branch, yuan, desk);
    }
}

fn invest(p: &mut Planner<'_>) {
    let spare = p.life.balance as f64 / 100.0 - 0.4 * p.income();
    if p.life.holdings.has(Holding::MoneyFund) && spare > 500.0 && p.stream.chance(0.45) {
        let day = p.view.days.draw(Rhythm::Business, p.person.pay_day, p.stream);
        let yuan = round_to(spare * p.stream.between(0.15, 0.6), 100.0);
        let channel = p.screen_channel();
        p.push(day, Hours::Phone, Kind::FundBuy, channel, yuan, OUTSIDERS + 4);
    }
    if p.life.holdings.has(Holding::Deposit) && spare > 3000.0 && p.stream.chance(0.18) {
        let day = p.view.days.draw(Rhythm::Business, p.person.pay_day, p.stream);
        let channel = p.own_channel();
        p.push(day, Hours::Office, Kind::DepositIn, channel, round_to(spare * 0.5, 1000.0), p.person.number);
    }
    if p.life.holdings.has(Holding::Insurance) && p.view.month.at % 3 == (p.person.number % 3) as u16 {
        p.push(
            14,
            Hours::Office,
            Kind::Insurance,
            Channel::System,
            186.0 + f64::from(p.person.number % 9) * 42.0,
            OUTSIDERS + 5,
        );
    }
    if p.life.holdings.has(Holding::Mortgage) {
        let rate = 0.2 + f64::from(p.person.number % 7) * 0.02;
        p.push(
            19,
            Hours::Office,
            Kind::LoanInstalment,
            Channel::System,
            round_to(f64::from(p.person.income) * rate, 0.01),
            OUTSIDERS + 6,
        );
    }
}

fn repay_card(p: &mut Planner<'_>) {
    if p.life.owed > 0 {
        let full = p.stream.chance(0.35 + 0.6 * f64::from(p.person.traits.thrift));
        let owed = p.life.owed as f64 / 100.0;
        let yuan = if full { owed } else { round_to((owed * 0.1).max(100.0).min(owed), 0.01) };
        let channel = p.screen_channel();
        let day = 7 + p.stream.below(3);
        p.push(day, Hours::Phone, Kind::CardRepayment, channel, yuan, p.person.number);
    }
}

/// Interest each quarter, fees for messages.
fn bank_itself(p: &mut Planner<'_>) {
    let month = p.view.month.month;
    if month % 3 == 0 && p.view.month.len() > 20 {
        let interest = (p.life.balance as f64 * 0.000_5 + p.life.deposit as f64 * 0.0045) / 100.0;
        p.push(20, Hours::Office, Kind::Interest, Channel::System, round_to(interest, 0.01), OUTSIDERS + 7);
    }
    if p.stream.chance(0.10) {
        let fee = p.stream.pick(&[2.0, 2.0, 3.0, 5.0, 10.0, 15.0, 25.0]);
        p.push(27, Hours::Office, Kind::Fee, Channel::System, fee, OUTSIDERS + 8);
    }
}

fn round_to(yuan: f64, step: f64) -> f64 {
    ((yuan / step).round() * step).max(0.0)
}

/// What came of a month's plans, beside the records.
#[derive(Default)]
pub(crate) struct Aftermath {
    pub(crate) causes: Vec<(Cause, u8)>,
    pub(crate) visits: Vec<Visit>,
    /// Cents of wages that arrived.
    pub(crate) earned: i64,
}

impl Aftermath {
    pub(crate) fn clear(&mut self) {
        self.causes.clear();
        self.visits.clear();
        self.earned = 0;
    }
}

/// The account on its way through a month.
pub(crate) struct Ledger<'a> {
    person: &'a Person,
    life: &'a mut Life,
    first_day: i32,
    out: &'a mut Outbox,
    after: &'a mut Aftermath,
    /// Cents of today's card purchases, booked at night.
    pending: i64,
    today: u8,
}

/// Goes through a month: everything that is meant to happen, in the order of time.
pub(crate) fn settle(
    (person, life): (&Person, &mut Life),
    first_day: i32,
    (intents, wishes): (&mut [Intent], &mut [Wish]),
    stream: &mut Stream,
    (out, after): (&mut Outbox, &mut Aftermath),
) {
    intents.sort_by_key(|i| (i.day, i.at));
    wishes.sort_by_key(|w| (w.day, w.payment.at));
    let mut ledger = Ledger { person, life, first_day, out, after, pending: 0, today: 0 };
    let (mut intents, mut wishes) = (intents.iter().peekable(), wishes.iter().peekable());
    loop {
        let intent_first = match (intents.peek(), wishes.peek()) {
            (Some(intent), Some(wish)) => (intent.day, intent.at) <= (wish.day, wish.payment.at),
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => break,
        };
        if intent_first {
            if let Some(intent) = intents.next() {
                ledger.act(intent, stream);
            }
        } else if let Some(wish) = wishes.next() {
            ledger.buy(wish, stream);
        }
    }
    ledger.close_day(stream);
}

impl Ledger<'_> {
    fn act(&mut self, intent: &Intent, stream: &mut Stream) {
        self.turn_to(intent.day, stream);
        if !self.goes_on(intent.day, intent.must || intent.kind.is_in(), stream) {
            return;
        }
        if intent.kind.is_in() {
            self.book(intent, intent.amount);
            self.note(intent);
            return;
        }
        if !self.can_pay(intent) {
            if matches!(intent.kind, Kind::Bill | Kind::Rent | Kind::LoanInstalment) {
                self.after.causes.push((Cause::PaymentDeclined, intent.day));
            }
            return;
        }
        self.book(intent, -intent.amount);
        self.note(intent);
    }

    /// Whether somebody who may be leaving still does a thing here.
    fn goes_on(&self, day: u8, certain: bool, stream: &mut Stream) -> bool {
        let day = self.first_day + i32::from(day);
        self.life.is_here(self.person, day) && (certain || stream.chance(self.life.presence(day)))
    }

    /// Whether there is enough, if need be from funds and deposits; what must happen is lent.
    fn can_pay(&mut self, intent: &Intent) -> bool {
        let short = |ledger: &Self| intent.amount - (ledger.life.balance - ledger.pending);
        if short(self) > 0 && self.life.fund > 0 {
            let amount = self.life.fund.min((short(self) / 10_000 + 1) * 10_000);
            self.bring(intent, Kind::FundRedeem, amount);
        }
        if short(self) > 0 && self.life.deposit > 0 {
            let amount = self.life.deposit.min((short(self) / 100_000 + 1) * 100_000);
            self.bring(intent, Kind::DepositOut, amount);
        }
        if short(self) > 0 && intent.must {
            self.bring(intent, Kind::LoanPayout, (short(self) / 100_000 + 1) * 100_000);
        }
        short(self) <= 0
    }

    /// Money from elsewhere in the bank, a minute before it is needed and through the same channel.
    fn bring(&mut self, intent: &Intent, kind: Kind, amount: i64) {
        let at = intent.at.saturating_sub(55_000);
        let other = if kind == Kind::DepositOut { self.person.number } else { OUTSIDERS + 4 };
        let channel = if intent.channel == Channel::System { Channel::App } else { intent.channel };
        self.book(&Intent { kind, at, amount, other, channel, ..*intent }, amount);
        match kind {
            Kind::FundRedeem => self.life.fund -= amount,
            Kind::DepositOut => self.life.deposit -= amount,
            _ => {}
        }
    }

    fn book(&mut self, intent: &Intent, amount: i64) {
        self.life.balance += amount;
        let Some(day) = self.out.days.get_mut(usize::from(intent.day)) else { return };
        day.bookings.push(Booking {
            at: intent.at,
            person: self.person.number,
            amount,
            balance: self.life.balance,
            other: intent.other,
            kind: intent.kind,
            channel: intent.channel,
            plot: intent.plot,
        });
    }

    /// What follows from a booking: other balances, visits, reasons to complain.
    fn note(&mut self, intent: &Intent) {
        match intent.kind {
            Kind::FundBuy => self.life.fund += intent.amount,
            Kind::DepositIn => self.life.deposit += intent.amount,
            Kind::CardRepayment => self.life.owed = (self.life.owed - intent.amount).max(0),
            Kind::Salary | Kind::Income => self.after.earned += intent.amount,
            Kind::Fee => self.after.causes.push((Cause::FeeCharged, intent.day)),
            _ => {}
        }
        let purpose = match intent.kind {
            Kind::TransferOut | Kind::Rent | Kind::RedPacketOut => Purpose::Transfer,
            Kind::Bill => Purpose::Bill,
            Kind::FundBuy => Purpose::Fund,
            Kind::CardRepayment => Purpose::RepayCard,
            Kind::DepositIn => Purpose::Deposit,
            _ => return,
        };
        let taken_over = intent.must && intent.plot.scenario == super::records::Scenario::AccountTakeover;
        if matches!(intent.channel, Channel::App | Channel::Web) && !taken_over {
            let web = intent.channel == Channel::Web;
            let amount = intent.amount.min(i64::from(u32::MAX)) as u32;
            self.after.visits.push(Visit { day: intent.day, at: intent.at, purpose, web, amount, plot: intent.plot });
        }
    }

    fn buy(&mut self, wish: &Wish, stream: &mut Stream) {
        self.turn_to(wish.day, stream);
        if !self.goes_on(wish.day, false, stream) {
            return;
        }
        let amount = i64::from(wish.payment.amount);
        let limit = i64::from(self.person.income) * 200;
        // Honest people do not try what they cannot pay, as a rule; thieves do not know.
        let honest = wish.payment.plot.scenario == super::records::Scenario::Honest;
        let credit = wish.payment.credit && self.life.owed + amount <= limit;
        let debit = amount <= self.life.balance - self.pending;
        let declined = !credit && !debit;
        if declined && honest && stream.chance(0.93) {
            return;
        }
        if !declined && credit {
            self.life.owed += amount;
        } else if !declined {
            self.pending += amount;
        } else if honest {
            self.after.causes.push((Cause::PaymentDeclined, wish.day));
        }
        let payment = Payment { credit: credit || (declined && wish.payment.credit), declined, ..wish.payment };
        if let Some(day) = self.out.days.get_mut(usize::from(wish.day)) {
            day.payments.push(payment);
        }
    }

    fn turn_to(&mut self, day: u8, stream: &mut Stream) {
        if day != self.today {
            self.close_day(stream);
            self.today = day;
        }
    }

    /// Debit card purchases of a day are booked in one sum before midnight.
    fn close_day(&mut self, stream: &mut Stream) {
        if self.pending == 0 {
            return;
        }
        let at = DAY_MS - 1 - stream.below(540_000) as u32;
        let (day, amount) = (self.today, std::mem::take(&mut self.pending));
        let plot = Plot::default();
        let channel = Channel::Card;
        let other = OUTSIDERS + 9;
        self.book(&Intent { day, at, kind: Kind::Purchase, channel, amount, other, plot, must: false }, -amount);
    }
}
