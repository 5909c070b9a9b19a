//! What everybody shares: the calendar, the clock, prices, releases of the app, campaigns and crimes.

use super::{
    campaigns::Campaign,
    rhythm::{Clock, Days},
};
use crate::{
    Settings,
    calendar::{Calendar, Month},
    fraud::Plots,
    people::{Person, places::CITIES},
    random::Shuffle,
};

/// The world in which people live.
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) calendar: Calendar,
    pub(crate) people: Vec<Person>,
    pub(crate) plots: Plots,
    pub(crate) campaigns: Vec<Campaign>,
    pub(crate) clock: Clock,
    pub(crate) phones: Shuffle,
}

/// One month, as everybody sees it.
pub(crate) struct MonthView<'a> {
    pub(crate) month: &'a Month,
    pub(crate) days: Days,
}

impl World {
    pub(crate) fn new(settings: &Settings) -> Self {
        let calendar = Calendar::new(settings.months);
        let span =
            crate::people::person::Span { seed: settings.seed, first_day: calendar.first(), end_day: calendar.end() };
        let people = crate::people::populate(span, settings.customers);
        let plots = Plots::plan(settings, &people, &calendar);
        let campaigns = super::campaigns::plan(&calendar);
        let phones = Shuffle::new(settings.seed, 90, u64::from(settings.customers));
        Self { settings: settings.clone(), calendar, people, plots, campaigns, clock: Clock::new(), phones }
    }

    pub(crate) fn person(&self, number: u32) -> Option<&Person> {
        self.people.get(number as usize)
    }

    /// Prices where somebody lives; on the web they are the same everywhere.
    pub(crate) fn price_level(&self, person: &Person, online: bool) -> f64 {
        if online { 1.0 } else { person.home.city().level.sqrt() }
    }

    /// How many shops of a category there are in a city.
    pub(crate) fn shops(&self, city: u8) -> f64 {
        let total: f64 = CITIES.iter().map(|city| city.weight).sum();
        let share = CITIES[usize::from(city) % CITIES.len()].weight / total;
        (f64::from(self.settings.customers) * share / 30.0).clamp(12.0, 4000.0)
    }
}
