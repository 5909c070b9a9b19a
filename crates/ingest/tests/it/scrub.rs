//! What identifies a person in free text, and what only looks like it.

use std::{path::Path, sync::LazyLock};

use arrow::array::StringArray;
use florin_ingest::scrub::{Found, Scrubber, normalise};
use proptest::{prelude::*, sample::select};

static SCRUBBER: LazyLock<Scrubber> = LazyLock::new(Scrubber::new);

/// Each text as it is stored: what was found stands as `[kind:normalised]`.
fn stored(text: &str) -> String {
    let column = StringArray::from(vec![text]);
    let scrubbed = SCRUBBER.scrub(&column, &mut |_, kind, value| format!("[{kind}:{value}]")).unwrap();
    scrubbed.map_or(text.to_owned(), |column| column.value(0).to_owned())
}

#[test]
#[rustfmt::skip]
fn what_identifies_a_person_does_not_stay() {
    let cases = [
        // Chinese mobile numbers, as customers type them.
        ("我的手机是13812345678，请回电",            "我的手机是[phone:+8613812345678]，请回电"),
        ("138 1234 5678",                            "[phone:+8613812345678]"),
        ("138-1234-5678。",                          "[phone:+8613812345678]。"),
        ("1 3 8 1 2 3 4 5 6 7 8",                    "[phone:+8613812345678]"),
        ("13 81 23 45 67 8",                         "[phone:+8613812345678]"),
        ("138  1234  5678",                          "[phone:+8613812345678]"),
        ("１３８１２３４５６７８",                   "[phone:+8613812345678]"),
        ("１３８　１２３４　５６７８谢谢",           "[phone:+8613812345678]谢谢"),
        ("138\u{200b}1234\u{200b}5678",              "[phone:+8613812345678]"),
        ("138–1234–5678",                            "[phone:+8613812345678]"),
        ("+86 138 1234 5678",                        "[phone:+8613812345678]"),
        ("＋８６－138－1234－5678",                  "[phone:+8613812345678]"),
        ("(+86)13812345678",                         "[phone:+8613812345678]"),
        ("+(86) 138 1234 5678",                      "[phone:+8613812345678]"),
        ("0086 138 1234 5678",                       "[phone:+8613812345678]"),
        ("8613812345678",                            "[phone:+8613812345678]"),
        ("86-138-1234-5678",                         "[phone:+8613812345678]"),
        ("tel13812345678 or wx13812345678",          "tel[phone:+8613812345678] or wx[phone:+8613812345678]"),
        ("尾号1234，电话13812345678。",              "尾号1234，电话[phone:+8613812345678]。"),
        ("2024年3月5日13812345678来电",              "2024年3月5日[phone:+8613812345678]来电"),
        // Landlines.
        ("请拨010-12345678",                         "请拨[phone:+861012345678]"),
        ("(0571) 8765 4321",                         "[phone:+8657187654321]"),
        ("电话：01012345678",                        "电话：[phone:+861012345678]"),
        ("02-2345-6789",                             "[phone:+886223456789]"),
        ("0912-345-678",                             "[phone:+886912345678]"),
        ("0912345678",                               "[phone:+886912345678]"),
        // With a country code.
        ("+44 20 7946 0958",                         "[phone:+442079460958]"),
        ("+44 (0)20 7946 0958",                      "[phone:+442079460958]"),
        ("0044 20 7946 0958",                        "[phone:+442079460958]"),
        ("+852 9123 4567",                           "[phone:+85291234567]"),
        ("+6591234567",                              "[phone:+6591234567]"),
        ("07911 123456",                             "[phone:+447911123456]"),
        ("07911123456",                              "[phone:+447911123456]"),
        // North American.
        ("call (212) 555-0123 now",                  "call [phone:+12125550123] now"),
        ("(212)5550123",                             "[phone:+12125550123]"),
        ("212-555-0123",                             "[phone:+12125550123]"),
        ("212.555.0123.",                            "[phone:+12125550123]."),
        ("1-212-555-0123",                           "[phone:+12125550123]"),
        ("+1 (212) 555-0123",                        "[phone:+12125550123]"),
        ("212 555 0123",                             "[phone:+12125550123]"),
        ("my phone is 2125550123",                   "my phone is [phone:+12125550123]"),
        ("call me at 12125550123",                   "call me at [phone:+12125550123]"),
        // E-mail.
        ("mail Li.Wei+bank@Example.COM.",            "mail [email:li.wei+bank@example.com]."),
        ("邮箱zhang_san@qq.com谢谢",                 "邮箱[email:zhang_san@qq.com]谢谢"),
        ("13812345678@163.com",                      "[email:13812345678@163.com]"),
        ("zhang @ qq . com",                         "[email:zhang@qq.com]"),
        ("zhang＠qq．com",                           "[email:zhang@qq.com]"),
        ("a@b.co.uk, c@d.org",                       "[email:a@b.co.uk], [email:c@d.org]"),
        // Resident ids.
        ("身份证11010519491231002X",                 "身份证[national_id:11010519491231002X]"),
        ("11010519491231002x",                       "[national_id:11010519491231002X]"),
        ("110105 19491231 002X",                     "[national_id:11010519491231002X]"),
        ("110105-19491231-002 X",                    "[national_id:11010519491231002X]"),
        ("１１０１０５１９４９１２３１００２Ｘ",     "[national_id:11010519491231002X]"),
        ("440524188001010014",                       "[national_id:440524188001010014]"),
        ("110105491231002",                          "[national_id:11010519491231002X]"),
        ("SSN 123-45-6789",                          "SSN [national_id:123456789]"),
        // Cards.
        ("card 4111111111111111",                    "card [card:4111111111111111]"),
        ("card4111111111111111",                     "card[card:4111111111111111]"),
        ("4111 1111 1111 1111",                      "[card:4111111111111111]"),
        ("4111-1111-1111-1111",                      "[card:4111111111111111]"),
        ("4111.1111.1111.1111",                      "[card:4111111111111111]"),
        ("4111 111 1111 11111",                     "[card:4111111111111111]"),
        ("卡号：6222 0212 3456 7890 128",            "卡号：[card:6222021234567890128]"),
        ("6222021234567890128转账500元",             "[card:6222021234567890128]转账500元"),
        ("3782 822463 10005",                        "[card:378282246310005]"),
        ("paid 500 with 4111 1111 1111 1111 on 05",  "paid 500 with [card:4111111111111111] on 05"),
        ("4111111111111111,13812345678",             "[card:4111111111111111],[phone:+8613812345678]"),
        ("4111111111111111 13812345678",             "[card:4111111111111111] [phone:+8613812345678]"),
        ("４１１１　１１１１　１１１１　１１１１",   "[card:4111111111111111]"),
        ("4111111111111111.",                        "[card:4111111111111111]."),
        // IBANs.
        ("GB29 NWBK 6016 1331 9268 19",              "[iban:GB29NWBK60161331926819]"),
        ("IBAN: gb29nwbk60161331926819, thanks",     "IBAN: [iban:GB29NWBK60161331926819], thanks"),
        ("账号DE89370400440532013000。",             "账号[iban:DE89370400440532013000]。"),
        ("FR14 2004 1010 0505 0001 3M02 606",        "[iban:FR1420041010050500013M02606]"),
        ("NO93 8601 1117 947 and 12",                "[iban:NO9386011117947] and 12"),
    ];
    for (text, expected) in cases {
        assert_eq!(stored(text), expected, "{text}");
    }
}

#[test]
#[rustfmt::skip]
fn what_only_looks_like_it_stays() {
    let cases = [
        // Amounts and balances.
        "转账13812345678元", "余额 ¥13812345678", "$13812345678", "13812345678.50", "1,381,234,567.80", "0.13812345678",
        "balance 4521302020.15", "100000000000", "+5000000", "+12345678.90 points", "增长+1381234567%",
        // Dates and times.
        "2024-02-29 12:30:45", "20240229123045", "2024-02-29T12:30:45.123456Z", "20240229123045123", "1709208000000",
        "1999-01-01 123", "19-05-2021 123", "2021/03/15 2021/04/15", "29.02.2024 13.45", "2016-06-01 00:00:00+00",
        // Order, account and reference numbers whose check digits are wrong.
        "订单号4111111111111112", "6222021234567890123", "110105194912310021", "1234567890123456", "110105499931002",
        "GB29NWBK60161331926818", "order 123456789", "account 2125550123", "ref 9876543210", "123-456-7890",
        // Free numbers of companies.
        "请拨打95588", "400-820-8888", "1-800-555-0199", "+1 (866) 555-0199", "(888) 555-0199", "0800-024-111",
        // Codes.
        "550e8400-e29b-41d4-a716-446655440000", "a3f13812345678bc", "sha 4111111111111111a9", "d-1234567", "tok_5f1e9a",
        // At signs that are no addresses.
        "@home", "5 @ 3.20", "see you @ the bank. me too", "@招商银行信用卡",
        // Numbers in a row.
        "12 34 56 78 90 12", "1 2 3 4 5 6 7 8 9 10", "300 400 5000 6000",
    ];
    for text in cases {
        assert_eq!(stored(text), text);
    }
}

#[test]
fn the_same_value_written_twice_is_the_same_token() {
    let same = [
        (Found::Phone, ["138 1234 5678", "+86-138-1234-5678", "００８６ 13812345678"]),
        (Found::Phone, ["(212) 555-0123", "1-212-555-0123", "+1 212.555.0123"]),
        (Found::Phone, ["0571-87654321", "(0571) 8765 4321", "+86 571 8765 4321"]),
        (Found::Phone, ["07911 123456", "+44 7911 123456", "+44 (0)7911 123456"]),
        (Found::Email, ["A.B@Qq.com", "a.b @ qq.com", "ａ.ｂ＠qq.com"]),
        (Found::NationalId, ["110105491231002", "11010519491231002x", "110105 19491231 002X"]),
        (Found::Card, ["4111111111111111", "4111 1111 1111 1111", "４111-1111-1111-1111"]),
        (Found::Iban, ["GB29NWBK60161331926819", "gb29 nwbk 6016 1331 9268 19", "GB29-NWBK-6016-1331-9268-19"]),
    ];
    for (kind, writings) in same {
        let normalised = writings.map(|writing| normalise(kind, writing));
        assert!(normalised.iter().all(|one| *one == normalised[0]), "{normalised:?}");
    }
}

#[test]
fn spans_are_bytes_of_the_original_text() {
    let text = "电话１３８1234５６７８；mail a@b.cn";
    let found = SCRUBBER.find(text);
    let told: Vec<_> = found.iter().map(|(span, kind)| (&text[span.clone()], *kind)).collect();
    assert_eq!(told, [("１３８1234５６７８", Found::Phone), ("a@b.cn", Found::Email)]);
}

#[test]
fn a_column_keeps_its_nulls_and_other_rows_also_when_it_is_a_slice() {
    let whole = StringArray::from(vec![
        Some("before 13812345678"),
        Some("plain"),
        None,
        Some("a@b.cn, 13812345678"),
        Some(""),
        Some("after 13812345678"),
    ]);
    let column = whole.slice(1, 4);
    let mut rows = Vec::new();
    let mut token = |row, kind: Found, _: &str| {
        rows.push(row);
        format!("[{kind}]")
    };
    let scrubbed = SCRUBBER.scrub(&column, &mut token).unwrap().unwrap();
    assert_eq!(scrubbed, StringArray::from(vec![Some("plain"), None, Some("[email], [phone]"), Some("")]));
    assert_eq!(rows, [2, 2]);
}

#[test]
fn a_column_without_findings_is_not_copied() {
    let column = StringArray::from(vec![Some("VYBER"), None, Some("2024-02-29 12:30:45"), Some("4111111111111112")]);
    let scrubbed = SCRUBBER.scrub(&column, &mut |_, _, _| panic!("nothing to replace")).unwrap();
    assert!(scrubbed.is_none());
}

/// Every hit in these texts was read by a person: all are addresses and numbers, most of them of banks.
#[test]
#[allow(clippy::print_stderr, reason = "says why it checks nothing")]
fn real_comments_and_posts_have_these_and_no_others() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let cases = [
        ("banking77/train.csv", 0, 0),
        ("zh_bank_comments/train.csv", 1, 0),
        ("zh_ptt_creditcard/ptt_creditcard_posts.csv", 32, 23),
    ];
    for (file, phones, emails) in cases {
        let Ok(text) = std::fs::read_to_string(data.join(file)) else {
            eprintln!("skipped: no {file} in {}", data.display());
            continue;
        };
        let found: Vec<Found> = text.lines().flat_map(|line| SCRUBBER.find(line)).map(|(_, kind)| kind).collect();
        let count = |kind| found.iter().filter(|&&k| k == kind).count();
        assert_eq!(
            (found.len(), count(Found::Phone), count(Found::Email)),
            (phones + emails, phones, emails),
            "{file}"
        );
    }
}

/// The digit that makes the whole number pass the Luhn check, by trial against the definition.
fn luhn_digit(digits: &str) -> char {
    let sum = |digits: &str| -> u32 {
        let doubled = digits.chars().rev().enumerate().map(|(i, c)| c.to_digit(10).unwrap() * (1 + i as u32 % 2));
        doubled.map(|d| d / 10 + d % 10).sum()
    };
    ('0'..='9').find(|&check| sum(&format!("{digits}{check}")) % 10 == 0).unwrap()
}

fn card() -> impl Strategy<Value = String> {
    let issuers = vec![
        ("4", 16),
        ("4", 13),
        ("51", 16),
        ("55", 16),
        ("2221", 16),
        ("37", 15),
        ("62", 16),
        ("62", 19),
        ("6011", 16),
        ("3528", 16),
        ("36", 14),
        ("9558", 19),
    ];
    (select(issuers), "[0-9]{19}").prop_map(|((prefix, length), digits)| {
        let body = format!("{prefix}{digits}")[..length - 1].to_owned();
        format!("{body}{}", luhn_digit(&body))
    })
}

fn resident_id() -> impl Strategy<Value = String> {
    let regions = vec!["110105", "440305", "310104", "620102", "500101"];
    (select(regions), 1930u32..2010, 1u32..13, 1u32..29, 0u32..1000).prop_map(|(region, year, month, day, serial)| {
        let body = format!("{region}{year}{month:02}{day:02}{serial:03}");
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 = body.chars().zip(weights).map(|(c, w)| c.to_digit(10).unwrap() * w).sum();
        format!("{body}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum as usize % 11])
    })
}

fn mobile() -> impl Strategy<Value = String> {
    "1[3-9][0-9]{9}".prop_map(|number| number)
}

/// Digits with a blank or a hyphen (always the same) at random places, in ordinary or full width.
fn spaced(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (value, prop::collection::vec(prop::bool::weighted(0.3), 20), select(vec![" ", "-", "　"]), any::<bool>()).prop_map(
        |(value, gaps, gap, wide)| {
            let widen = |c: char| if wide { char::from_u32(c as u32 + 0xfee0).unwrap() } else { c };
            value
                .chars()
                .enumerate()
                .map(|(i, c)| if i > 0 && gaps[i] { format!("{gap}{}", widen(c)) } else { widen(c).into() })
                .collect()
        },
    )
}

fn group_sizes(value: &str) -> Vec<usize> {
    value.split([' ', '-', '　']).map(|group| group.chars().count()).collect()
}

fn email() -> impl Strategy<Value = String> {
    "[a-z0-9][a-z0-9._-]{0,10}[a-z0-9]@[a-z0-9]{1,10}\\.(com|cn|com\\.cn|net|co\\.uk|de)"
}

fn planted() -> impl Strategy<Value = (Found, String)> {
    prop_oneof![
        spaced(card()).prop_map(|value| (Found::Card, value)),
        spaced(resident_id()).prop_map(|value| (Found::NationalId, value)),
        // So grouped, 1 8xx is a free number of North America.
        spaced(mobile())
            .prop_filter("1 888 555 0123", |value| group_sizes(value) != [1, 3, 3, 4])
            .prop_map(|value| (Found::Phone, value)),
        "\\([235-7][02-9][0-9]\\) [2-9][02-9][0-9]-[0-9]{4}".prop_map(|value| (Found::Phone, value)),
        "\\+44 20 [0-9]{4} [0-9]{4}".prop_map(|value| (Found::Phone, value)),
        email().prop_map(|value| (Found::Email, value)),
    ]
}

/// Words, amounts and punctuation, ending in something that is no part of a number.
fn around() -> impl Strategy<Value = String> {
    let words = vec![
        "请",
        "my card is ",
        "号码：",
        "；",
        "paid 12.50, ",
        "（",
        "\n",
        "2024-02-29，",
        "。",
        "余额100元 ",
        "to: ",
        "x; ",
    ];
    prop::collection::vec(select(words), 1..6).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn a_planted_value_is_always_found(before in around(), (kind, value) in planted(), after in around()) {
        let after = format!("，{after}");
        let text = format!("{before}{value}{after}");
        let found = SCRUBBER.find(&text);
        let covered = found.iter().any(|(span, _)| {
            // A parenthesis or a plus that belongs to the number may be left over, its digits may not.
            let rest: String = text[..span.start].chars().skip(before.chars().count()).collect();
            span.end >= text.len() - after.len() && !rest.chars().any(char::is_alphanumeric)
        });
        prop_assert!(covered, "{kind} {text:?}: {found:?}");
    }

    #[test]
    fn spans_are_ascending_and_on_characters_whatever_the_text(text in "[0-9０-９ @+().\\-xX中a：，.]{0,60}") {
        let mut end = 0;
        for (span, _) in SCRUBBER.find(&text) {
            prop_assert!(span.start >= end && span.start < span.end);
            prop_assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
            end = span.end;
        }
    }

    #[test]
    fn scrubbed_text_has_nothing_left_to_scrub(before in around(), (_, value) in planted(), after in around()) {
        let column = StringArray::from(vec![format!("{before}{value}，{after}")]);
        let scrubbed = SCRUBBER.scrub(&column, &mut |_, kind, _| format!("[{kind}]")).unwrap().unwrap();
        prop_assert!(SCRUBBER.scrub(&scrubbed, &mut |_, _, _| String::new()).unwrap().is_none(), "{scrubbed:?}");
    }
}
