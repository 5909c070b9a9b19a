//! Public holidays of mainland China and the working days that are moved for them (调休), 2023 to 2026.
//!
//! Source: the State Council's yearly notices on the arrangement of holidays (国务院办公厅关于部分节假日安排的通知) for
//! 2023, 2024, 2025 and 2026. A holiday is a first day, a length in days, and the weekend days worked in exchange.

/// A time off for everybody.
pub(crate) struct Holiday {
    /// What it is called.
    pub(crate) name: &'static str,
    /// Its first day: year, month, day.
    pub(crate) from: (i16, i8, i8),
    /// How long it is.
    pub(crate) days: i32,
    /// Weekend days that are worked in exchange: month, day of the year of `from`.
    pub(crate) worked: &'static [(i8, i8)],
}

const fn holiday(name: &'static str, from: (i16, i8, i8), days: i32, worked: &'static [(i8, i8)]) -> Holiday {
    Holiday { name, from, days, worked }
}

/// All of them, in order.
pub(crate) const HOLIDAYS: [Holiday; 26] = [
    holiday("new_year", (2022, 12, 31), 3, &[]),
    holiday("spring_festival", (2023, 1, 21), 7, &[(1, 28), (1, 29)]),
    holiday("qingming", (2023, 4, 5), 1, &[]),
    holiday("labour_day", (2023, 4, 29), 5, &[(4, 23), (5, 6)]),
    holiday("dragon_boat", (2023, 6, 22), 3, &[(6, 25)]),
    holiday("mid_autumn_national_day", (2023, 9, 29), 8, &[(10, 7), (10, 8)]),
    holiday("new_year", (2023, 12, 30), 3, &[]),
    holiday("spring_festival", (2024, 2, 10), 8, &[(2, 4), (2, 18)]),
    holiday("qingming", (2024, 4, 4), 3, &[(4, 7)]),
    holiday("labour_day", (2024, 5, 1), 5, &[(4, 28), (5, 11)]),
    holiday("dragon_boat", (2024, 6, 8), 3, &[]),
    holiday("mid_autumn", (2024, 9, 15), 3, &[(9, 14)]),
    holiday("national_day", (2024, 10, 1), 7, &[(9, 29), (10, 12)]),
    holiday("new_year", (2025, 1, 1), 1, &[]),
    holiday("spring_festival", (2025, 1, 28), 8, &[(1, 26), (2, 8)]),
    holiday("qingming", (2025, 4, 4), 3, &[]),
    holiday("labour_day", (2025, 5, 1), 5, &[(4, 27)]),
    holiday("dragon_boat", (2025, 5, 31), 3, &[]),
    holiday("national_day_mid_autumn", (2025, 10, 1), 8, &[(9, 28), (10, 11)]),
    holiday("new_year", (2026, 1, 1), 3, &[(1, 4)]),
    holiday("spring_festival", (2026, 2, 15), 9, &[(2, 14), (2, 28)]),
    holiday("qingming", (2026, 4, 4), 3, &[]),
    holiday("labour_day", (2026, 5, 1), 5, &[(5, 9)]),
    holiday("dragon_boat", (2026, 6, 19), 3, &[]),
    holiday("mid_autumn", (2026, 9, 25), 3, &[]),
    holiday("national_day", (2026, 10, 1), 7, &[(9, 20), (10, 10)]),
];

/// First days of the lunar year.
pub(crate) const LUNAR_NEW_YEARS: [(i16, i8, i8); 5] =
    [(2023, 1, 22), (2024, 2, 10), (2025, 1, 29), (2026, 2, 17), (2027, 2, 6)];
