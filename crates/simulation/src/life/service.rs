//! Reasons to write or call: what happened, what it does to satisfaction, who complains about it and how, and how well the bank
//! answers.

use super::{
    money::Aftermath,
    outbox::Outbox,
    records::{Answer, Cause, Words},
    rhythm::{Hours, Rhythm},
    state::Life,
    world::{MonthView, World},
};
use crate::{people::Person, random::Stream};

/// What a cause does.
struct Effect {
    /// To the satisfaction of somebody without patience.
    hurts: f32,
    /// Probability that somebody without patience says something.
    speaks: f64,
    /// How urgent, from 0 to 2.
    urgency: f64,
    /// Share of those who speak who complain; the others ask.
    complains: f64,
}

fn effect(cause: Cause) -> Effect {
    let of = |hurts, speaks, urgency, complains| Effect { hurts, speaks, urgency, complains };
    match cause {
        Cause::FeeCharged => of(0.10, 0.22, 0.4, 0.75),
        Cause::PaymentDeclined => of(0.10, 0.20, 1.3, 0.5),
        Cause::ReleaseBroke => of(0.20, 0.45, 0.9, 0.9),
        Cause::FraudSuffered => of(0.38, 0.92, 2.0, 0.7),
        Cause::LoanRefused => of(0.24, 0.40, 0.8, 0.6),
        Cause::AppCrashed => of(0.08, 0.25, 0.7, 0.9),
        Cause::BranchQueue => of(0.12, 0.30, 0.3, 0.95),
        Cause::CallPressure => of(0.16, 0.35, 0.3, 0.95),
        Cause::RateChange => of(0.05, 0.10, 0.2, 0.3),
        Cause::Need | Cause::Question => of(0.0, 0.6, 0.4, 0.0),
        Cause::Pleased => of(-0.03, 0.5, 0.0, 0.0),
    }
}

/// Adds what happens to people without their doing, then lets them speak of all that happened.
pub(crate) fn speak(
    world: &World,
    view: &MonthView<'_>,
    (person, life): (&Person, &mut Life),
    stream: &mut Stream,
    (out, after): (&mut Outbox, &mut Aftermath),
) {
    by_chance(view, person, life, stream, after);
    life.feel(0.12 * (0.74 - life.satisfaction));
    for (cause, day) in &after.causes {
        let date = view.month.first() + i32::from(*day);
        if life.is_here(person, date) {
            one(world, view, (person, life), (*cause, date), stream, out);
        }
    }
}

fn by_chance(view: &MonthView<'_>, person: &Person, life: &Life, stream: &mut Stream, after: &mut Aftermath) {
    let analog = 1.0 - f64::from(person.traits.digital);
    let engaged = f64::from(life.engagement).min(1.5);
    let mut maybe = |cause, probability: f64| {
        if stream.chance(probability * engaged) {
            let day = view.days.draw(Rhythm::Business, person.pay_day, stream) as u8;
            after.causes.push((cause, day));
        }
    };
    maybe(Cause::BranchQueue, 0.035 * analog);
    maybe(Cause::RateChange, if matches!(view.month.month, 6 | 9 | 12) { 0.03 } else { 0.004 });
    maybe(Cause::Question, 0.022);
    maybe(Cause::Need, if life.need.is_some() { 0.06 } else { 0.0 });
    maybe(Cause::Pleased, 0.06 * f64::from((life.satisfaction - 0.5).max(0.0)));
    maybe(Cause::CallPressure, f64::from(life.pressure - 1.6).clamp(0.0, 0.12));
}

fn one(
    world: &World,
    view: &MonthView<'_>,
    (person, life): (&Person, &mut Life),
    (cause, date): (Cause, i32),
    stream: &mut Stream,
    out: &mut Outbox,
) {
    let effect = effect(cause);
    let impatience = 1.0 - 0.65 * person.traits.patience;
    life.feel(-effect.hurts * impatience);
    if !stream.chance(effect.speaks * f64::from(impatience).max(0.45)) {
        return;
    }
    let day = (date + stream.below(3) as i32).min(view.month.first() + view.month.len() as i32 - 1);
    let complaint = stream.chance(effect.complains);
    let mood = mood(stream, complaint, cause, life.satisfaction);
    let resolved_hours = resolution(stream, complaint, effect.urgency);
    // A complaint that stays open, or takes days, hurts once more; one that is settled quickly heals.
    life.feel(match resolved_hours {
        _ if !complaint => 0.0,
        None => -0.16 * impatience,
        Some(hours) if hours > 72 => -0.06 * impatience,
        Some(_) => 0.05,
    });
    let score = stream.chance(0.4).then(|| satisfaction_score(stream, life.satisfaction, resolved_hours));
    out.words.push(Words {
        day,
        at: world.clock.draw(Hours::Phone, stream),
        person: person.number,
        cause,
        cause_day: date,
        complaint,
        mood,
        urgency: (effect.urgency + 0.45 * stream.normal()).round().clamp(0.0, 2.0) as u8,
        resolved_hours,
        score,
        dice: stream.bits() as u32,
    });
}

fn mood(stream: &mut Stream, complaint: bool, cause: Cause, satisfaction: f32) -> i8 {
    let centre = match (complaint, cause) {
        (true, _) => -1.9 + 1.1 * f64::from(satisfaction),
        (false, Cause::Pleased) => 1.6,
        (false, _) => 0.0,
    };
    let low = if cause == Cause::Pleased { 1 } else { -2 };
    (centre + 0.5 * stream.normal()).round().clamp(f64::from(low), if complaint { 0.0 } else { 2.0 }) as i8
}

/// Hours; urgent things are done sooner, one complaint in nine is never resolved.
fn resolution(stream: &mut Stream, complaint: bool, urgency: f64) -> Option<u16> {
    if stream.chance(if complaint { 0.11 } else { 0.02 }) {
        return None;
    }
    let median = if complaint { 40.0 } else { 5.0 } / (1.0 + urgency);
    Some(stream.log_normal(median, 1.0).clamp(1.0, 1500.0) as u16)
}

fn satisfaction_score(stream: &mut Stream, satisfaction: f32, resolved: Option<u16>) -> u8 {
    let base = 1.0 + 4.6 * f64::from(satisfaction) - if resolved.is_none() { 1.3 } else { 0.0 };
    (base + 0.6 * stream.normal()).round().clamp(1.0, 5.0) as u8
}

/// Once a quarter some are asked how they like the bank; those who feel strongly answer more often.
pub(crate) fn survey(
    world: &World,
    view: &MonthView<'_>,
    person: &Person,
    life: &Life,
    stream: &mut Stream,
    out: &mut Outbox,
) {
    if view.month.month % 3 != 2 || life.engagement < 0.2 || !stream.chance(0.16) {
        return;
    }
    let strong = f64::from((life.satisfaction - 0.65).abs());
    if !stream.chance(0.22 + 0.9 * strong) {
        return;
    }
    let day = view.month.first() + view.days.draw(Rhythm::Daily, person.pay_day, stream) as i32;
    if !life.is_here(person, day) {
        return;
    }
    let at = world.clock.draw(Hours::Evening, stream);
    let satisfaction = f64::from(life.satisfaction);
    let mut answer = |question, score: f64, dice| {
        out.answers.push(Answer { day, at, person: person.number, question, score: score as u8, dice });
    };
    let recommend = (10.5 * satisfaction.powf(0.8) + 1.4 * stream.normal()).round().clamp(0.0, 10.0);
    answer(0, recommend, stream.chance(0.45).then(|| stream.bits() as u32));
    answer(1, (1.2 + 3.9 * satisfaction + 0.8 * stream.normal()).round().clamp(1.0, 5.0), None);
    answer(2, (1.0 + 4.2 * satisfaction + 0.7 * stream.normal()).round().clamp(1.0, 5.0), None);
}
