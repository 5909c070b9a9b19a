//! Typing errors and habits: doubled signs, letters that change places, characters that sound alike.

use crate::random::Stream;

const ALIKE: [(&str, &str); 8] = [
    ("的", "得"),
    ("在", "再"),
    ("账", "帐"),
    ("做", "作"),
    ("已经", "以经"),
    ("为什么", "为啥"),
    ("非常", "灰常"),
    ("怎么", "咋"),
];

pub(crate) fn add(text: &str, stream: &mut Stream, english: bool) -> String {
    let mut text = text.to_owned();
    if stream.chance(0.14) {
        text = if english { swap_letters(&text, stream) } else { sound_alike(&text, stream) };
    }
    if stream.chance(0.10) {
        text = text.replacen(if english { "." } else { "。" }, if english { "!!" } else { "！！" }, 1);
    }
    if english && stream.chance(0.15) {
        text = text.to_lowercase();
    }
    text
}

fn sound_alike(text: &str, stream: &mut Stream) -> String {
    let (right, wrong) = ALIKE[stream.below(ALIKE.len())];
    text.replacen(right, wrong, 1)
}

fn swap_letters(text: &str, stream: &mut Stream) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() > 6 {
        let at = 2 + stream.below(letters.len() - 4);
        if letters[at].is_alphabetic() && letters[at + 1].is_alphabetic() {
            letters.swap(at, at + 1);
        }
    }
    letters.into_iter().collect()
}
