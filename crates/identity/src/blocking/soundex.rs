//! Soundex, the American archives' code of how a Latin name sounds (Russell & Odell, US patent 1261167, 1918).

/// A letter and three digits; empty when the name does not begin with a Latin letter.
pub(super) fn soundex(name: &str) -> String {
    let mut letters = name.bytes().filter(u8::is_ascii_alphabetic);
    let Some(first) = letters.next() else { return String::new() };
    let mut code = String::from(char::from(first.to_ascii_lowercase()));
    let mut last = digit(first);
    for letter in letters {
        let digit = digit(letter);
        match digit {
            Some(b'0') => last = None,
            Some(new) if digit != last => {
                code.push(char::from(new));
                last = digit;
            }
            _ => {}
        }
    }
    code.truncate(4);
    format!("{code:0<4}")
}

/// The digit of a consonant, `0` for a vowel, None for `h` and `w`, which part nothing.
fn digit(letter: u8) -> Option<u8> {
    Some(match letter.to_ascii_lowercase() {
        b'b' | b'f' | b'p' | b'v' => b'1',
        b'c' | b'g' | b'j' | b'k' | b'q' | b's' | b'x' | b'z' => b'2',
        b'd' | b't' => b'3',
        b'l' => b'4',
        b'm' | b'n' => b'5',
        b'r' => b'6',
        b'h' | b'w' => return None,
        _ => b'0',
    })
}

#[cfg(test)]
mod tests {
    use super::soundex;

    #[test]
    fn names_that_sound_alike_have_one_code() {
        let known =
            [("robert", "r163"), ("Rupert", "r163"), ("ashcraft", "a261"), ("tymczak", "t522"), ("pfister", "p236")];
        for (name, code) in known {
            assert_eq!(soundex(name), code, "{name}");
        }
        assert_eq!(soundex("lee"), "l000");
        assert_eq!(soundex("张"), "");
    }
}
