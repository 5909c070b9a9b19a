//! What people write: sentences put together from parts, in Chinese and English.
//!
//! A text is an opening that fits the mood, a body about the cause with details in its slots, sometimes a consequence, sometimes a
//! demand that fits the urgency, sometimes a closing. Each part has several wordings, and some texts have typing errors, so that few texts are
//! alike. The words are our own.

mod en;
mod noise;
mod zh;

use crate::{
    life::records::{Cause, Words},
    random::{Stream, Subject},
};

/// The parts of a language.
struct Grammar {
    /// Openings of the angry, the annoyed, the neutral and the pleased.
    openings: [&'static [&'static str]; 4],
    bodies: fn(Cause, bool) -> &'static [&'static str],
    consequences: &'static [&'static str],
    /// From the patient to the urgent.
    demands: [&'static [&'static str]; 3],
    closings: [&'static [&'static str]; 2],
    slots: fn(&str, &mut Stream) -> String,
    joint: &'static str,
}

/// The words of an interaction.
pub(crate) fn of_words(seed: u64, words: &Words, english: bool) -> String {
    let mut stream = Stream::new(seed, Subject::Text, u64::from(words.person), u64::from(words.dice));
    compose(if english { &en::GRAMMAR } else { &zh::GRAMMAR }, words, &mut stream, english)
}

/// A remark in a survey.
pub(crate) fn of_answer(seed: u64, person: u32, dice: u32, score: u8, english: bool) -> String {
    let mut stream = Stream::new(seed, Subject::Text, u64::from(person), u64::from(dice) << 1);
    let remarks = if english { en::REMARKS } else { zh::REMARKS };
    let group = match score {
        0..=4 => 0,
        5..=7 => 1,
        _ => 2,
    };
    let first = stream.pick(remarks[group]).to_owned();
    let text = if stream.chance(0.3) {
        format!("{first}{}{}", if english { " " } else { "，" }, stream.pick(remarks[group]))
    } else {
        first
    };
    noise::add(&text, &mut stream, english)
}

fn compose(grammar: &Grammar, words: &Words, stream: &mut Stream, english: bool) -> String {
    let mood = match words.mood {
        i8::MIN..=-2 => 0,
        -1 => 1,
        0 => 2,
        _ => 3,
    };
    let mut parts: Vec<&str> = Vec::new();
    if stream.chance(0.7) {
        parts.push(stream.pick(grammar.openings[mood]));
    }
    parts.push(stream.pick((grammar.bodies)(words.cause, words.complaint)));
    if words.complaint && stream.chance(0.45) {
        parts.push(stream.pick(grammar.consequences));
    }
    if words.cause != Cause::Pleased && stream.chance(0.55 + 0.2 * f64::from(words.urgency)) {
        parts.push(stream.pick(grammar.demands[usize::from(words.urgency.min(2))]));
    }
    if stream.chance(0.35) {
        parts.push(stream.pick(grammar.closings[usize::from(words.mood >= 0)]));
    }
    let text = fill(&parts.join(grammar.joint), grammar.slots, stream);
    noise::add(&text, stream, english)
}

/// Replaces `{slot}` by what the language says for it.
fn fill(text: &str, slots: fn(&str, &mut Stream) -> String, stream: &mut Stream) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (slot, after) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(&slots(slot, stream));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn words(dice: u32, cause: Cause) -> Words {
        Words {
            day: 0,
            at: 0,
            person: 7,
            cause,
            cause_day: 0,
            complaint: true,
            mood: -1,
            urgency: 1,
            resolved_hours: None,
            score: None,
            dice,
        }
    }

    #[test]
    fn texts_differ_and_have_no_open_slots() {
        for english in [false, true] {
            let texts: HashSet<String> =
                (0..500).map(|dice| of_words(1, &words(dice, Cause::FeeCharged), english)).collect();
            assert!(texts.len() > 450, "{}", texts.len());
            assert!(texts.iter().all(|text| !text.contains(['{', '}'])));
        }
    }
}
