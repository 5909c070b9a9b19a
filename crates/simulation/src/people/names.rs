//! Chinese names, with their pinyin. Surnames are about as frequent as in the population (the 100 most frequent cover
//! some 85 % of it); given names are made of one or two characters that go with a generation and a sex.

use crate::random::{Stream, Wheel};

/// A character and how it is read.
pub(crate) type Syllable = (&'static str, &'static str);

/// No second character.
pub(crate) const NONE: u8 = u8::MAX;

/// Surnames, most frequent first.
#[rustfmt::skip]
pub(crate) const SURNAMES: [Syllable; 100] = [
    ("王", "Wang"), ("李", "Li"), ("张", "Zhang"), ("刘", "Liu"), ("陈", "Chen"), ("杨", "Yang"), ("黄", "Huang"),
    ("赵", "Zhao"), ("吴", "Wu"), ("周", "Zhou"), ("徐", "Xu"), ("孙", "Sun"), ("马", "Ma"), ("朱", "Zhu"),
    ("胡", "Hu"), ("郭", "Guo"), ("何", "He"), ("林", "Lin"), ("高", "Gao"), ("罗", "Luo"), ("郑", "Zheng"),
    ("梁", "Liang"), ("谢", "Xie"), ("宋", "Song"), ("唐", "Tang"), ("许", "Xu"), ("韩", "Han"), ("邓", "Deng"),
    ("冯", "Feng"), ("曹", "Cao"), ("彭", "Peng"), ("曾", "Zeng"), ("肖", "Xiao"), ("田", "Tian"), ("董", "Dong"),
    ("潘", "Pan"), ("袁", "Yuan"), ("蔡", "Cai"), ("蒋", "Jiang"), ("余", "Yu"), ("于", "Yu"), ("杜", "Du"),
    ("叶", "Ye"), ("程", "Cheng"), ("魏", "Wei"), ("苏", "Su"), ("吕", "Lü"), ("丁", "Ding"), ("任", "Ren"),
    ("卢", "Lu"), ("姚", "Yao"), ("沈", "Shen"), ("钟", "Zhong"), ("姜", "Jiang"), ("崔", "Cui"), ("谭", "Tan"),
    ("陆", "Lu"), ("范", "Fan"), ("汪", "Wang"), ("廖", "Liao"), ("石", "Shi"), ("金", "Jin"), ("韦", "Wei"),
    ("贾", "Jia"), ("夏", "Xia"), ("付", "Fu"), ("方", "Fang"), ("邹", "Zou"), ("熊", "Xiong"), ("白", "Bai"),
    ("孟", "Meng"), ("秦", "Qin"), ("邱", "Qiu"), ("侯", "Hou"), ("江", "Jiang"), ("尹", "Yin"), ("薛", "Xue"),
    ("闫", "Yan"), ("段", "Duan"), ("雷", "Lei"), ("龙", "Long"), ("黎", "Li"), ("史", "Shi"), ("陶", "Tao"),
    ("贺", "He"), ("毛", "Mao"), ("郝", "Hao"), ("顾", "Gu"), ("龚", "Gong"), ("邵", "Shao"), ("万", "Wan"),
    ("覃", "Qin"), ("武", "Wu"), ("钱", "Qian"), ("戴", "Dai"), ("严", "Yan"), ("莫", "Mo"), ("孔", "Kong"),
    ("欧阳", "Ouyang"), ("上官", "Shangguan"),
];

/// Characters of given names: read, for men born before 1980.
#[rustfmt::skip]
const MEN_OLD: &[Syllable] = &[
    ("建", "jian"), ("国", "guo"), ("军", "jun"), ("伟", "wei"), ("强", "qiang"), ("明", "ming"), ("华", "hua"),
    ("平", "ping"), ("志", "zhi"), ("勇", "yong"), ("刚", "gang"), ("文", "wen"), ("永", "yong"), ("德", "de"),
    ("春", "chun"), ("民", "min"), ("海", "hai"), ("生", "sheng"), ("光", "guang"), ("福", "fu"), ("林", "lin"),
    ("庆", "qing"), ("辉", "hui"), ("斌", "bin"), ("涛", "tao"), ("荣", "rong"), ("东", "dong"), ("忠", "zhong"),
    ("立", "li"), ("良", "liang"), ("成", "cheng"), ("龙", "long"),
];
/// … for men born later.
#[rustfmt::skip]
const MEN_NEW: &[Syllable] = &[
    ("浩", "hao"), ("宇", "yu"), ("轩", "xuan"), ("子", "zi"), ("博", "bo"), ("俊", "jun"), ("杰", "jie"),
    ("鑫", "xin"), ("鹏", "peng"), ("磊", "lei"), ("超", "chao"), ("洋", "yang"), ("凯", "kai"), ("翔", "xiang"),
    ("晨", "chen"), ("泽", "ze"), ("睿", "rui"), ("嘉", "jia"), ("旭", "xu"), ("天", "tian"), ("佳", "jia"),
    ("思", "si"), ("一", "yi"), ("航", "hang"), ("阳", "yang"), ("帆", "fan"), ("毅", "yi"), ("峰", "feng"),
    ("逸", "yi"), ("铭", "ming"), ("然", "ran"), ("辰", "chen"),
];
/// … for women born before 1980.
#[rustfmt::skip]
const WOMEN_OLD: &[Syllable] = &[
    ("秀", "xiu"), ("英", "ying"), ("芳", "fang"), ("丽", "li"), ("桂", "gui"), ("兰", "lan"), ("玉", "yu"),
    ("珍", "zhen"), ("敏", "min"), ("静", "jing"), ("红", "hong"), ("梅", "mei"), ("燕", "yan"), ("霞", "xia"),
    ("萍", "ping"), ("凤", "feng"), ("琴", "qin"), ("素", "su"), ("云", "yun"), ("莲", "lian"), ("淑", "shu"),
    ("华", "hua"), ("美", "mei"), ("娟", "juan"), ("艳", "yan"), ("春", "chun"), ("香", "xiang"), ("月", "yue"),
    ("爱", "ai"), ("翠", "cui"), ("惠", "hui"), ("琼", "qiong"),
];
/// … for women born later.
#[rustfmt::skip]
const WOMEN_NEW: &[Syllable] = &[
    ("婷", "ting"), ("雪", "xue"), ("欣", "xin"), ("怡", "yi"), ("梓", "zi"), ("涵", "han"), ("雨", "yu"),
    ("诗", "shi"), ("佳", "jia"), ("思", "si"), ("颖", "ying"), ("琪", "qi"), ("慧", "hui"), ("莹", "ying"),
    ("倩", "qian"), ("璐", "lu"), ("晓", "xiao"), ("悦", "yue"), ("彤", "tong"), ("瑶", "yao"), ("萱", "xuan"),
    ("可", "ke"), ("馨", "xin"), ("蕾", "lei"), ("洁", "jie"), ("丹", "dan"), ("宁", "ning"), ("语", "yu"),
    ("嫣", "yan"), ("晴", "qing"), ("妍", "yan"), ("心", "xin"),
];

/// Characters that sound alike and are mixed up when somebody types a name that was read out.
#[rustfmt::skip]
const CONFUSED: &[(&str, &str)] = &[
    ("伟", "玮"), ("静", "婧"), ("欣", "新"), ("佳", "家"), ("宇", "雨"), ("莹", "盈"), ("燕", "艳"), ("志", "智"),
    ("明", "铭"), ("辉", "晖"), ("浩", "皓"), ("晨", "辰"), ("丽", "莉"), ("婷", "庭"), ("红", "虹"), ("平", "萍"),
    ("国", "囯"), ("俊", "骏"), ("思", "斯"), ("杰", "洁"), ("张", "章"), ("吴", "武"), ("徐", "许"), ("程", "陈"),
];

/// A person's name, as places in the lists.
#[derive(Clone, Copy)]
pub(crate) struct Name {
    pub(crate) surname: u8,
    first: u8,
    second: u8,
    list: u8,
}

/// How frequent surnames are: the first ranks as counted, the rest falling with their rank.
pub(crate) fn surname_wheel() -> Wheel {
    let weights: Vec<f64> = (0..SURNAMES.len()).map(|rank| 7.2 / (1.0 + 0.28 * rank as f64)).collect();
    Wheel::new(&weights)
}

impl Name {
    pub(crate) fn draw(stream: &mut Stream, surname: u8, woman: bool, birth_year: i16) -> Self {
        // Tastes change slowly: around 1980 both lists are in use.
        let new = stream.chance(1.0 / (1.0 + (-(f64::from(birth_year) - 1982.0) / 5.0).exp()));
        let list = u8::from(woman) * 2 + u8::from(new);
        let single = stream.chance(if (1970..1995).contains(&birth_year) { 0.32 } else { 0.14 });
        let (first, second) = (stream.below(32) as u8, stream.below(32) as u8);
        Self { surname, first, second: if single { NONE } else { second }, list }
    }

    fn syllables(self) -> &'static [Syllable] {
        match self.list {
            0 => MEN_OLD,
            1 => MEN_NEW,
            2 => WOMEN_OLD,
            _ => WOMEN_NEW,
        }
    }

    fn given(self) -> (Syllable, Option<Syllable>) {
        let list = self.syllables();
        let at = |place: u8| list.get(usize::from(place)).copied();
        (at(self.first).unwrap_or(("文", "wen")), at(self.second).filter(|_| self.second != NONE))
    }

    fn family(self) -> Syllable {
        SURNAMES[usize::from(self.surname) % SURNAMES.len()]
    }

    /// `王秀英`.
    pub(crate) fn characters(self) -> String {
        let (first, second) = self.given();
        format!("{}{}{}", self.family().0, first.0, second.map_or("", |s| s.0))
    }

    /// `Wang Xiuying`.
    pub(crate) fn pinyin(self) -> String {
        format!("{} {}", self.family().1, self.given_pinyin())
    }

    /// `WANG XIUYING`, as a card is embossed: no umlaut, `Lü` becomes `LYU`.
    pub(crate) fn embossed(self) -> String {
        self.pinyin().replace('ü', "yu").to_uppercase()
    }

    /// `Xiuying Wang`: the order that English speakers use.
    pub(crate) fn western(self) -> String {
        format!("{} {}", self.given_pinyin(), self.family().1.replace('ü', "u"))
    }

    /// `wang.xiuying`, for logins and e-mail addresses.
    pub(crate) fn handle(self, separator: &str) -> String {
        let (first, second) = self.given();
        let family = self.family().1.replace('ü', "v").to_lowercase();
        format!("{family}{separator}{}{}", first.1, second.map_or("", |s| s.1))
    }

    /// The name with one character that sounds alike; `None` when none of its characters is ever mixed up.
    pub(crate) fn misheard(self) -> Option<String> {
        let name = self.characters();
        let (right, wrong) = CONFUSED.iter().find(|(right, _)| name.contains(right))?;
        Some(name.replacen(right, wrong, 1))
    }

    fn given_pinyin(self) -> String {
        let (first, second) = self.given();
        let mut given = format!("{}{}", first.1, second.map_or("", |s| s.1));
        if let Some(initial) = given.get_mut(..1) {
            initial.make_ascii_uppercase();
        }
        given
    }
}

/// English first names that some people go by, women's first.
#[rustfmt::skip]
pub(crate) const ENGLISH: [&str; 32] = [
    "Amy", "Cindy", "Grace", "Helen", "Ivy", "Jenny", "Kelly", "Lily", "Mandy", "Nancy", "Olivia", "Rita", "Sophie",
    "Tina", "Vivian", "Wendy", "Alex", "Bob", "Chris", "David", "Eric", "Frank", "Gary", "Henry", "Jack", "Kevin",
    "Leo", "Mike", "Peter", "Sam", "Tony", "Vincent",
];
