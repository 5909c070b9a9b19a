//! Made-up people and their records in five systems, with the mistakes that people and systems make. Same seed, same
//! records. A model of dirt for measuring speed, not of a bank.

use florin_identity::RecordRef;

const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴";
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国志文宇浩然子轩欣怡梓涵晨曦思雨佳雪婷琳峰鹏飞旭东海波龙云凤春燕晓光辉成亮俊豪博睿嘉泽天乐安康宁瑞祥福生金银山川林森木火炎焱土圭垚";
const STREETS: &str = "建国中山人民解放和平新华胜利文化友谊朝阳长江黄河";
const CITIES: [&str; 12] = [
    "北京市",
    "上海市",
    "广州市",
    "深圳市",
    "成都市",
    "武汉市",
    "杭州市",
    "西安市",
    "南京市",
    "重庆市",
    "天津市",
    "苏州市",
];
const MAIL: [&str; 4] = ["qq.com", "163.com", "126.com", "gmail.com"];

/// Systems that records come from.
pub(crate) const SYSTEMS: u64 = 5;

/// SplitMix64.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// Small numbers more often than large ones.
    fn skewed(&mut self, end: u64) -> u64 {
        let (a, b) = (self.below(end), self.below(end));
        a * b / end
    }
}

/// One person, as they would spell themselves.
struct Person {
    surname: String,
    given: String,
    born: (u64, u64, u64),
    phone: String,
    address: String,
    email: String,
    national_id: String,
}

/// A record: where it is, whose it is, and its values in the order of [`florin_identity::people::fields`].
pub(crate) struct Record {
    pub(crate) id: RecordRef,
    pub(crate) person: u32,
    pub(crate) values: [Option<String>; 6],
}

/// That many records, in random order of systems; each person has one to five.
pub(crate) fn records(count: usize, seed: u64) -> Vec<Record> {
    let mut dice = Dice::new(seed);
    let mut records = Vec::with_capacity(count + 5);
    let mut number = 0;
    while records.len() < count {
        let person = person(&mut dice, number);
        let first = dice.below(SYSTEMS);
        for nth in 0..=dice.skewed(SYSTEMS) {
            let id = RecordRef { system: ((first + nth) % SYSTEMS) as u16, key: records.len() as u64 };
            records.push(Record { id, person: number, values: dirty(&mut dice, &person) });
        }
        number += 1;
    }
    records.truncate(count);
    records
}

fn pick(dice: &mut Dice, letters: &str) -> char {
    let letters: Vec<char> = letters.chars().collect();
    letters[dice.skewed(letters.len() as u64) as usize]
}

fn person(dice: &mut Dice, number: u32) -> Person {
    let surname = pick(dice, SURNAMES).to_string();
    let given: String = (0..=u64::from(!dice.one_in(4))).map(|_| pick(dice, GIVEN)).collect();
    let born = (1940 + dice.below(66), 1 + dice.below(12), 1 + dice.below(28));
    let phone = format!("1{}{:09}", 3 + dice.below(7), dice.below(1_000_000_000));
    let street: String = (0..2).map(|_| pick(dice, STREETS)).collect();
    let address =
        format!("{}{street}路{}号{}室", CITIES[dice.skewed(12) as usize], 1 + dice.below(300), 100 + dice.below(2000));
    let email = format!("u{:x}{}@{}", dice.below(1 << 28), number % 97, MAIL[dice.skewed(4) as usize]);
    let national_id = national_id(dice, born);
    Person { surname, given, born, phone, address, email, national_id }
}

fn national_id(dice: &mut Dice, (year, month, day): (u64, u64, u64)) -> String {
    const WEIGHTS: [u64; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = format!("{}{year}{month:02}{day:02}{:03}", 110_101 + dice.below(400_000), dice.below(1000));
    let sum: u64 = digits.bytes().zip(WEIGHTS).map(|(digit, weight)| u64::from(digit - b'0') * weight).sum();
    digits + ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][(sum % 11) as usize]
}

fn dirty(dice: &mut Dice, person: &Person) -> [Option<String>; 6] {
    let (year, month, day) = person.born;
    let birth_date = match dice.below(40) {
        0 => format!("{year}-{:02}-{:02}", day.min(12), month),
        1 => format!("{year}-{month:02}-{:02}", 1 + dice.below(28)),
        2..12 => format!("{year}/{month}/{day}"),
        _ => format!("{year}-{month:02}-{day:02}"),
    };
    let phone = if dice.one_in(8) {
        format!("1{}{:09}", 3 + dice.below(7), dice.below(1_000_000_000))
    } else {
        person.phone.clone()
    };
    let spelt = if dice.one_in(3) { format!("+86 {phone}") } else { phone };
    let values = [
        (name(dice, person), 200),
        (birth_date, 12),
        (typo(dice, spelt, 25), 7),
        (typo(dice, person.national_id.clone(), 30), 3),
        (typo(dice, person.email.clone(), 25), 2),
        (typo(dice, person.address.clone(), 6), 3),
    ];
    values.map(|(value, missing)| (!dice.one_in(missing)).then_some(value))
}

fn name(dice: &mut Dice, person: &Person) -> String {
    match dice.below(60) {
        0 => format!("{}{}", person.surname, pick(dice, GIVEN)),
        1 => format!("{} {}", person.surname, person.given),
        2 => format!("{}{}先生", person.surname, person.given),
        _ => format!("{}{}", person.surname, person.given),
    }
}

/// One character in `one_in` texts is replaced by a digit or swapped with the one before.
fn typo(dice: &mut Dice, text: String, one_in: u64) -> String {
    if !dice.one_in(one_in) {
        return text;
    }
    let mut letters: Vec<char> = text.chars().collect();
    let at = 1 + dice.below(letters.len() as u64 - 1) as usize;
    if dice.one_in(2) {
        letters.swap(at - 1, at);
    } else {
        letters[at] = char::from(b'0' + dice.below(10) as u8);
    }
    letters.into_iter().collect()
}
