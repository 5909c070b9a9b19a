//! Versions of the app, one of which broke the application funnel on one kind of device.

use super::world::World;
use crate::{
    calendar::{Month, day_number},
    people::Device,
};

/// What broke, where and when.
#[derive(Clone, Copy)]
pub(crate) struct Release {
    pub(crate) device: Device,
    /// The day it came out, and the day it was mended.
    pub(crate) from: i32,
    pub(crate) mended: i32,
}

/// It comes three fifths through the time and is mended after three weeks.
pub(crate) fn broken(world: &World) -> Option<Release> {
    let month: &Month = world.calendar.months.get(world.calendar.months.len() * 3 / 5)?;
    let from = day_number(month.year, month.month, 12);
    Some(Release { device: Device::Harmony, from, mended: from + 21 })
}

pub(crate) fn is_broken(world: &World, device: Device, day: i32) -> bool {
    broken(world).is_some_and(|r| r.device == device && (r.from..r.mended).contains(&day))
}

/// The version on a day: a new one each month, a major one on the day that broke the funnel.
pub(crate) fn version(world: &World, day: i32) -> String {
    match broken(world) {
        Some(r) if day >= r.mended => format!("7.{}.1", (day - r.from) / 30),
        Some(r) if day >= r.from => "7.0.0".to_owned(),
        _ => format!("6.{}.0", world.calendar.month_of(day).unwrap_or(0)),
    }
}
