//! The truth beside the exports: one Parquet file a subject. What a method is judged by lies here and nowhere in the exports.

mod subjects;

use std::{fs, path::Path};

use crate::{
    SimulationError,
    calendar::{self, Day, utc_ms},
    dirt::Flaw,
    keys::Keys,
    life::{
        campaigns::{self, Campaign},
        records::{Application, Cause, Chance, Loan, Need, Offer, Plot, Words},
        state::Life,
        world::World,
    },
    people::Person,
    table::{Cell, Table, Type},
};

/// All files of the truth.
pub(crate) struct Truth {
    identity: Table,
    departure: Table,
    chance: Table,
    default: Table,
    response: Table,
    prospect: Table,
    need: Table,
    complaint: Table,
    fraud: Table,
    release: Table,
    policy: Table,
    calendar: Table,
    error: Table,
    pub(crate) counts: Counts,
}

/// How much of what was planted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) frauds: u64,
    pub(crate) flaws: u64,
    pub(crate) departures: u64,
    pub(crate) defaults: u64,
}

impl Truth {
    /// Makes the files in a folder.
    pub(crate) fn create(folder: &Path) -> Result<Self, SimulationError> {
        fs::create_dir_all(folder).map_err(SimulationError::file("make", folder))?;
        let table =
            |name: &str, columns: &[(&str, Type)]| Table::create(&folder.join(format!("{name}.parquet")), columns);
        Ok(Self {
            identity: table("identity", &subjects::IDENTITY)?,
            departure: table("departure", &subjects::DEPARTURE)?,
            chance: table("chance", &subjects::CHANCE)?,
            default: table("default", &subjects::DEFAULT)?,
            response: table("response", &subjects::RESPONSE)?,
            prospect: table("prospect", &subjects::PROSPECT)?,
            need: table("need", &subjects::NEED)?,
            complaint: table("complaint", &subjects::COMPLAINT)?,
            fraud: table("fraud", &subjects::FRAUD)?,
            release: table("release", &subjects::RELEASE)?,
            policy: table("policy", &subjects::POLICY)?,
            calendar: table("calendar", &subjects::CALENDAR)?,
            error: table("error", &subjects::ERROR)?,
            counts: Counts::default(),
        })
    }

    /// Whose a key is.
    pub(crate) fn identity(&mut self, system: &str, key: &str, person: &Person) -> Result<(), SimulationError> {
        let (number, household) = (Cell::Int(person.number.into()), Cell::Int(person.household.into()));
        self.identity.push(&[Cell::Text(system), Cell::Text(key), number, household])
    }

    /// A flaw; `before` records are ahead of its part of the file.
    pub(crate) fn flaw(&mut self, system: &str, file: &str, before: u64, flaw: &Flaw) -> Result<(), SimulationError> {
        self.counts.flaws += 1;
        let row = Cell::Int((before + flaw.row) as i64);
        self.error.push(&[
            Cell::Text(system),
            Cell::Text(file),
            row,
            Cell::Text(flaw.column),
            Cell::Text(flaw.kind.name()),
            Cell::Text(flaw.found_as.name()),
        ])
    }

    /// A record that is part of a fraud.
    pub(crate) fn fraud(
        &mut self,
        system: &str,
        record: &str,
        person: u32,
        plot: Plot,
        when: (i32, u32, i64),
    ) -> Result<(), SimulationError> {
        self.counts.frauds += 1;
        let (day, at, cents) = when;
        self.fraud.push(&[
            Cell::Text(system),
            Cell::Text(record),
            Cell::Int(person.into()),
            Cell::Text(plot.scenario.name()),
            Cell::Int(plot.case.into()),
            Cell::Time(utc_ms(day, at)),
            Cell::Float(cents as f64 / 100.0),
        ])
    }

    pub(crate) fn response(&mut self, keys: &Keys, offer: &Offer, campaign: &Campaign) -> Result<(), SimulationError> {
        self.response.push(&[
            Cell::Int(offer.person.into()),
            Cell::Text(&keys.customer(offer.person).to_string()),
            Cell::Text(&campaign.name),
            Cell::Bool(offer.treated),
            Cell::Float(offer.p[0].into()),
            Cell::Float(offer.p[1].into()),
            Cell::Bool(offer.buys[0]),
            Cell::Bool(offer.buys[1]),
            offer.bought_on.map_or(Cell::None, Cell::Date),
        ])
    }

    pub(crate) fn chance(&mut self, keys: &Keys, chance: &Chance) -> Result<(), SimulationError> {
        self.chance.push(&[
            Cell::Int(chance.person.into()),
            Cell::Text(&keys.customer(chance.person).to_string()),
            Cell::Date(chance.day),
            Cell::Float(chance.p.into()),
            Cell::Float(chance.by_formula.into()),
        ])
    }

    pub(crate) fn need(&mut self, keys: &Keys, need: &Need) -> Result<(), SimulationError> {
        self.need.push(&[
            Cell::Int(need.person.into()),
            Cell::Text(&keys.customer(need.person).to_string()),
            Cell::Date(need.day),
            Cell::Text(need.holding.product().code),
            Cell::Text(need.driver.name()),
            Cell::Float(need.strength.into()),
        ])
    }

    pub(crate) fn words(
        &mut self,
        system: &str,
        id: &str,
        kind: &str,
        words: &Words,
        language: &str,
    ) -> Result<(), SimulationError> {
        let cause: Cause = words.cause;
        self.complaint.push(&[
            Cell::Text(system),
            Cell::Text(id),
            Cell::Int(words.person.into()),
            Cell::Text(kind),
            Cell::Text(cause.topic()),
            Cell::Int(words.mood.into()),
            Cell::Int(words.urgency.into()),
            Cell::Text(cause.name()),
            Cell::Date(words.cause_day),
            Cell::Text(language),
        ])
    }

    pub(crate) fn application(&mut self, keys: &Keys, application: &Application) -> Result<(), SimulationError> {
        let a = application;
        self.policy.push(&[
            Cell::Text(&keys.application(a.person, a.day)),
            Cell::Int(a.person.into()),
            Cell::Text(&keys.customer(a.person).to_string()),
            Cell::Date(a.day),
            Cell::Bool(a.newcomer),
            Cell::Bool(a.old_policy),
            Cell::Int(a.score.into()),
            Cell::Bool(a.approved),
            Cell::Float(a.pd.into()),
            Cell::Bool(a.would_default),
        ])
    }

    /// A loan that was granted, and when it defaulted within the time.
    pub(crate) fn loan(
        &mut self,
        keys: &Keys,
        person: u32,
        loan: &Loan,
        defaulted: Option<i32>,
    ) -> Result<(), SimulationError> {
        self.counts.defaults += u64::from(defaulted.is_some());
        self.default.push(&[
            Cell::Int(person.into()),
            Cell::Text(&keys.customer(person).to_string()),
            Cell::Text(&keys.loan(person, loan.which)),
            Cell::Date(loan.granted),
            Cell::Float(loan.pd.into()),
            Cell::Bool(loan.would_default),
            defaulted.map_or(Cell::None, Cell::Date),
        ])
    }

    /// Who leaves within the time, when and why; everybody has a row.
    pub(crate) fn departures(
        &mut self,
        world: &World,
        keys: &Keys,
        lives: &[(u32, Life)],
    ) -> Result<(), SimulationError> {
        for (person, life) in lives {
            let departure = life.departure.filter(|departure| departure.leaves < world.calendar.end());
            self.counts.departures += u64::from(departure.is_some());
            let customer = keys.customer(*person).to_string();
            let head = [Cell::Int((*person).into()), Cell::Text(&customer), Cell::Bool(departure.is_some())];
            let tail = departure.map_or([Cell::None; 4], |d| {
                [Cell::Date(d.decided), Cell::Date(d.leaves), Cell::Text(d.reason.name()), Cell::Bool(d.closes)]
            });
            self.departure.push(&[&head[..], &tail[..]].concat())?;
        }
        Ok(())
    }

    /// What those who are there at the end would do with what they do not have.
    pub(crate) fn prospects(
        &mut self,
        world: &World,
        keys: &Keys,
        lives: &[(u32, Life)],
    ) -> Result<(), SimulationError> {
        for (number, life) in lives {
            let Some(person) = world.person(*number) else { continue };
            if !life.is_here(person, world.calendar.end()) {
                continue;
            }
            let customer = keys.customer(*number).to_string();
            for prospect in campaigns::prospects(person, life) {
                let [sms, push, call] = prospect.with.map(|p| Cell::Float(p.into()));
                self.prospect.push(&[
                    Cell::Int((*number).into()),
                    Cell::Text(&customer),
                    Cell::Text(prospect.holding.product().code),
                    Cell::Bool(life.marketing),
                    Cell::Float(prospect.without.into()),
                    sms,
                    push,
                    call,
                ])?;
            }
        }
        Ok(())
    }

    /// The days, and how much of everything happens on them.
    pub(crate) fn days(&mut self, world: &World) -> Result<(), SimulationError> {
        use crate::life::rhythm::{Rhythm, of_day};
        for day in world.calendar.days() {
            let Day { number, weekday, working, holiday, moved, from_lunar_new_year, .. } = *day;
            let level = |rhythm| Cell::Float(of_day(rhythm, day));
            self.calendar.push(&[
                Cell::Date(number),
                Cell::Int(i64::from(weekday) + 1),
                Cell::Bool(working),
                holiday.map_or(Cell::None, Cell::Text),
                Cell::Bool(moved),
                Cell::Int(from_lunar_new_year.into()),
                level(Rhythm::Daily),
                level(Rhythm::Leisure),
                level(Rhythm::Online),
                level(Rhythm::Business),
            ])?;
        }
        Ok(())
    }

    /// The release that broke the application funnel.
    pub(crate) fn release(&mut self, world: &World) -> Result<(), SimulationError> {
        let Some(broken) = crate::life::release::broken(world) else { return Ok(()) };
        self.release.push(&[
            Cell::Text(&crate::life::release::version(world, broken.from)),
            Cell::Text(broken.device.name()),
            Cell::Text("application"),
            Cell::Text("apply_identity"),
            Cell::Date(broken.from),
            Cell::Date(broken.mended.min(calendar::Calendar::end(&world.calendar))),
        ])
    }

    /// Writes what is left.
    pub(crate) fn close(self) -> Result<Counts, SimulationError> {
        let tables = [
            self.identity,
            self.departure,
            self.chance,
            self.default,
            self.response,
            self.prospect,
            self.need,
            self.complaint,
            self.fraud,
            self.release,
            self.policy,
            self.calendar,
            self.error,
        ];
        tables.into_iter().try_for_each(Table::close)?;
        Ok(self.counts)
    }
}
