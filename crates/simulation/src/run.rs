//! The run of a bank: month by month, then what is known at the end.
//!
//! A month is lived by groups of people, each group on some thread; then its days are sorted and written, each day on some
//! thread, the results in order. Of a month's records [`Settings::records_in_memory`] are in memory; the others wait in a
//! file ([`Spool`]).

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crate::{
    Settings, SimulationError, bank,
    exports::{
        DayJob, Few, FraudRow, Last,
        app::{self, events},
        cards::{self, payments},
        contact::{callers, interactions},
        core::{self, bookings},
        crm,
        files::{Part, PartFile},
        marketing::{self, MarketingFiles},
    },
    keys::Keys,
    life::{
        credit,
        month::{Desk, live},
        outbox::{DayBox, Outbox},
        records::Loan,
        rhythm::Days,
        state::Life,
        world::{MonthView, World},
    },
    parallel::in_order,
    spool::Spool,
    truth::Truth,
};

/// People who are lived by one thread at a time.
const GROUP: usize = 2048;

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Months that are written.
    pub months: u16,
    /// Months there will be.
    pub months_total: u16,
    /// Records so far.
    pub records: u64,
}

/// What was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Customers.
    pub customers: u32,
    /// Bookings of the core system.
    pub bookings: u64,
    /// Card payments.
    pub payments: u64,
    /// Events of the app and the web.
    pub events: u64,
    /// All other records.
    pub others: u64,
    /// Flaws that were planted.
    pub flaws: u64,
    /// Records that are part of a fraud.
    pub frauds: u64,
    /// Customers who leave within the time.
    pub departures: u64,
    /// Loans that default within the time.
    pub defaults: u64,
}

impl Summary {
    /// All records.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.bookings + self.payments + self.events + self.others
    }
}

/// Makes a bank in `out`: `exports/`, `truth/`, and the bank directory that maps the exports.
///
/// # Errors
/// Settings that cannot be; a folder that is not empty; a file that cannot be written.
pub fn simulate(settings: &Settings, out: &Path, progress: &dyn Fn(Progress)) -> Result<Summary, SimulationError> {
    settings.check()?;
    prepare(out)?;
    bank::write(settings, out)?;
    let mut run = Run::new(settings, out)?;
    for at in 0..run.world.calendar.months.len() {
        run.month(at)?;
        progress(Progress { months: at as u16 + 1, months_total: settings.months, records: run.summary.records() });
    }
    run.finish()
}

fn prepare(out: &Path) -> Result<(), SimulationError> {
    if fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(SimulationError::NotEmpty { path: out.to_owned() });
    }
    for folder in ["core", "cards", "app", "crm", "contact", "social", "marketing", "consent", "surveys"] {
        let path = out.join("exports").join(folder);
        fs::create_dir_all(&path).map_err(SimulationError::file("make", &path))?;
    }
    Ok(())
}

/// People who are lived together.
struct Group {
    first: usize,
    lives: Vec<Life>,
}

struct Run {
    world: World,
    keys: Keys,
    groups: Vec<Mutex<Group>>,
    words: bookings::Words,
    out: PathBuf,
    exports: PathBuf,
    truth: Truth,
    loans: core::loans::Loans,
    marketing: MarketingFiles,
    heard: interactions::Heard,
    summary: Summary,
}

/// A day's parts of the three big files.
struct DayParts {
    bookings: Part,
    payments: payments::DayPayments,
    events: Part,
    frauds: Vec<FraudRow>,
}

impl Run {
    fn new(settings: &Settings, out: &Path) -> Result<Self, SimulationError> {
        let world = World::new(settings);
        let keys = Keys::new(settings.seed, settings.customers);
        let exports = out.join("exports");
        let mut truth = Truth::create(&out.join("truth"))?;
        let groups = begin(&world);
        let month = &world.calendar.months[0];
        let mut few = Few { world: &world, keys: &keys, month, folder: &exports, truth: &mut truth };
        let loans = core::loans::Loans::create(&mut few, &running_loans(&groups))?;
        let marketing = MarketingFiles::create(&exports, &mut truth)?;
        let summary = Summary { customers: settings.customers, ..Summary::default() };
        let (words, heard) = (bookings::Words::new(), interactions::Heard::default());
        let out = out.to_owned();
        Ok(Self { world, keys, groups, words, out, exports, truth, loans, marketing, heard, summary })
    }

    fn month(&mut self, at: usize) -> Result<(), SimulationError> {
        let mut spool = Spool::new(&self.out, self.world.settings.records_in_memory);
        let mut few = live_month(&self.world, &self.groups, at, &mut spool)?;
        few.sort_few();
        self.write_days(at, &spool)?;
        drop(spool);
        self.write_few(at, &few)
    }

    fn write_days(&mut self, at: usize, spool: &Spool) -> Result<(), SimulationError> {
        let Self { world, keys, words, exports, truth, summary, .. } = self;
        let month = &world.calendar.months[at];
        let name = month.name();
        let mut booking_file = PartFile::create(exports, core::SYSTEM, &format!("core/transactions_{name}.csv"))?;
        let mut header = crate::exports::rows::Rows::new(core::SHAPE);
        header.header(&bookings::HEADER);
        booking_file.append(&Part::from(header), truth)?;
        let mut payment_file = payments::PaymentFile::create(exports, &name)?;
        let mut event_file = PartFile::create(exports, app::SYSTEM, &format!("app/events_{name}.jsonl.gz"))?;
        let write = |day: usize| {
            let records = spool.day(day)?;
            Ok(write_day(&DayJob { world, keys, month, day: month.days[day] }, words, records))
        };
        in_order(world.settings.workers, month.len(), &write, &mut |parts: Result<DayParts, SimulationError>| {
            let parts = parts?;
            booking_file.append(&parts.bookings, truth)?;
            payment_file.append(parts.payments, truth)?;
            event_file.append(&parts.events, truth)?;
            parts.frauds.iter().try_for_each(|fraud| note_fraud(truth, fraud))
        })?;
        summary.bookings += booking_file.close()?;
        summary.payments += payment_file.close()?;
        summary.events += event_file.close()?;
        Ok(())
    }

    fn write_few(&mut self, at: usize, outbox: &Outbox) -> Result<(), SimulationError> {
        let Self { world, keys, exports, truth, loans, marketing, heard, summary, .. } = self;
        let mut few = Few { world, keys, month: &world.calendar.months[at], folder: exports, truth };
        summary.others += interactions::write(&mut few, &outbox.words, heard)?;
        loans.month(&mut few, outbox)?;
        marketing.month(&mut few, outbox)?;
        outbox.chances.iter().try_for_each(|chance| few.truth.chance(few.keys, chance))?;
        outbox.needs.iter().try_for_each(|need| few.truth.need(few.keys, need))
    }

    /// Writes what is known at the end: master data and the truth.
    fn finish(self) -> Result<Summary, SimulationError> {
        let Self { world, keys, groups, exports, mut truth, loans, marketing, heard, mut summary, .. } = self;
        let lives = all_lives(groups);
        truth.departures(&world, &keys, &lives)?;
        truth.prospects(&world, &keys, &lives)?;
        truth.days(&world)?;
        truth.release(&world)?;
        summary.others += loans.close(&keys, &mut truth)?;
        summary.others += marketing.close()?;
        summary.others += marketing::campaigns(&world, &exports, &mut truth)?;
        let mut last = Last { world: &world, keys: &keys, folder: &exports, lives: &lives, truth: &mut truth };
        summary.others += core::customers::write(&mut last)?;
        summary.others += core::accounts::write(&mut last)?;
        summary.others += core::co_holders::write(&mut last)?;
        summary.others += core::assessments::write(&mut last)?;
        summary.others += core::products::write(&mut last)?;
        summary.others += cards::holders::write(&mut last)?;
        summary.others += app::users::write(&mut last)?;
        summary.others += crm::write(&mut last)?;
        summary.others += callers::write(&mut last, &heard)?;
        let counts = truth.close()?;
        let (flaws, frauds, departures, defaults) = (counts.flaws, counts.frauds, counts.departures, counts.defaults);
        Ok(Summary { flaws, frauds, departures, defaults, ..summary })
    }
}

fn begin(world: &World) -> Vec<Mutex<Group>> {
    let (seed, first_day) = (world.settings.seed, world.calendar.first());
    let groups = world.people.chunks(GROUP).enumerate().map(|(at, people)| {
        let lives = people.iter().map(|person| {
            let mut life = Life::begin(seed, person, first_day);
            credit::begin(world, person, &mut life);
            life
        });
        Mutex::new(Group { first: at * GROUP, lives: lives.collect() })
    });
    groups.collect()
}

/// Everybody's life; groups are given up one after the other.
fn all_lives(groups: Vec<Mutex<Group>>) -> Vec<(u32, Life)> {
    let mut all = Vec::with_capacity(groups.len() * GROUP);
    for group in groups {
        let Group { first, lives } = group.into_inner().unwrap_or_else(PoisonError::into_inner);
        all.extend(lives.into_iter().enumerate().map(|(at, life)| ((first + at) as u32, life)));
    }
    all
}

/// Who has which loan.
fn running_loans(groups: &[Mutex<Group>]) -> Vec<(u32, Loan)> {
    let mut all = Vec::new();
    for group in groups {
        let group = group.lock().unwrap_or_else(PoisonError::into_inner);
        let loans =
            group.lives.iter().enumerate().filter_map(|(at, life)| Some(((group.first + at) as u32, life.loan?)));
        all.extend(loans);
    }
    all
}

/// Lets everybody live a month; the many records go to the spool, the few are returned.
fn live_month(world: &World, groups: &[Mutex<Group>], at: usize, spool: &mut Spool) -> Result<Outbox, SimulationError> {
    let month = &world.calendar.months[at];
    let view = MonthView { month, days: Days::new(month) };
    let work = |group: usize| {
        let mut group = groups[group].lock().unwrap_or_else(PoisonError::into_inner);
        let Group { first, lives } = &mut *group;
        let people = &world.people[*first..*first + lives.len()];
        let (mut desk, mut outbox) = (Desk::default(), Outbox::of_days(month.len()));
        for (person, life) in people.iter().zip(lives) {
            live(world, &view, (person, life), &mut desk, &mut outbox);
        }
        outbox
    };
    let mut few = Outbox::default();
    in_order(world.settings.workers, groups.len(), &work, &mut |mut outbox| {
        few.take_few(&mut outbox);
        spool.push(outbox.days)
    })?;
    Ok(few)
}

fn write_day(job: &DayJob<'_>, words: &bookings::Words, records: DayBox) -> DayParts {
    let (booking_rows, mut frauds) = bookings::write_day(job, words, records.bookings);
    let (payments, payment_frauds) = payments::write_day(job, records.payments);
    let (events, event_frauds) = events::write_day(job, records.events);
    frauds.extend(payment_frauds);
    frauds.extend(event_frauds);
    DayParts { bookings: Part::from(booking_rows), payments, events, frauds }
}

fn note_fraud(truth: &mut Truth, fraud: &FraudRow) -> Result<(), SimulationError> {
    let record = if fraud.system == app::SYSTEM { format!("{:016x}", fraud.record) } else { fraud.record.to_string() };
    truth.fraud(fraud.system, &record, fraud.person, fraud.plot, (fraud.day, fraud.at, fraud.cents))
}
