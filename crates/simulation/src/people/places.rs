//! Where people live: cities and made-up addresses in them.
//!
//! Cities and provinces are real, with weights after their size; streets have names that every city has, and the
//! communities do not exist. The area in a national id is a province with a county number (99xx) that was never given out.

/// A city.
pub(crate) struct City {
    pub(crate) name: &'static str,
    pub(crate) pinyin: &'static str,
    pub(crate) province: &'static str,
    /// First two digits of national ids.
    pub(crate) code: u8,
    /// How many of the bank's customers live there.
    pub(crate) weight: f64,
    /// Wages and prices beside the average.
    pub(crate) level: f64,
}

const fn city(
    name: &'static str,
    pinyin: &'static str,
    province: &'static str,
    code: u8,
    weight: f64,
    level: f64,
) -> City {
    City { name, pinyin, province, code, weight, level }
}

/// All of them.
pub(crate) const CITIES: [City; 16] = [
    city("上海", "Shanghai", "上海市", 31, 14.0, 1.45),
    city("北京", "Beijing", "北京市", 11, 8.0, 1.5),
    city("杭州", "Hangzhou", "浙江省", 33, 12.0, 1.25),
    city("苏州", "Suzhou", "江苏省", 32, 11.0, 1.15),
    city("南京", "Nanjing", "江苏省", 32, 9.0, 1.12),
    city("宁波", "Ningbo", "浙江省", 33, 7.0, 1.1),
    city("无锡", "Wuxi", "江苏省", 32, 6.0, 1.08),
    city("合肥", "Hefei", "安徽省", 34, 6.0, 0.92),
    city("武汉", "Wuhan", "湖北省", 42, 5.0, 0.95),
    city("成都", "Chengdu", "四川省", 51, 5.0, 0.95),
    city("深圳", "Shenzhen", "广东省", 44, 5.0, 1.4),
    city("南昌", "Nanchang", "江西省", 36, 3.0, 0.82),
    city("徐州", "Xuzhou", "江苏省", 32, 3.0, 0.78),
    city("芜湖", "Wuhu", "安徽省", 34, 2.5, 0.8),
    city("郑州", "Zhengzhou", "河南省", 41, 2.0, 0.85),
    city("绍兴", "Shaoxing", "浙江省", 33, 1.5, 1.0),
];

/// Provinces that people come from when they move to a city, by the digits in their ids.
pub(crate) const ORIGINS: [u8; 12] = [34, 41, 42, 36, 51, 43, 37, 13, 61, 52, 50, 62];

const STREETS: [(&str, &str); 24] = [
    ("人民路", "Renmin Road"),
    ("建设路", "Jianshe Road"),
    ("解放路", "Jiefang Road"),
    ("中山路", "Zhongshan Road"),
    ("和平路", "Heping Road"),
    ("新华路", "Xinhua Road"),
    ("文化路", "Wenhua Road"),
    ("长江路", "Changjiang Road"),
    ("黄河路", "Huanghe Road"),
    ("友谊路", "Youyi Road"),
    ("光明路", "Guangming Road"),
    ("胜利路", "Shengli Road"),
    ("青年路", "Qingnian Road"),
    ("迎宾大道", "Yingbin Avenue"),
    ("科技路", "Keji Road"),
    ("湖滨路", "Hubin Road"),
    ("江南大道", "Jiangnan Avenue"),
    ("学院路", "Xueyuan Road"),
    ("工业路", "Gongye Road"),
    ("花园路", "Huayuan Road"),
    ("体育路", "Tiyu Road"),
    ("公园路", "Gongyuan Road"),
    ("东风路", "Dongfeng Road"),
    ("朝阳路", "Chaoyang Road"),
];
const COMMUNITIES: [&str; 20] = [
    "菩提苑",
    "云杉里",
    "银杏坊",
    "听涛居",
    "半夏园",
    "青禾里",
    "望舒苑",
    "拾光里",
    "星河湾畔",
    "枫桥居",
    "梧桐坊",
    "松涛里",
    "沐阳苑",
    "橘颂园",
    "南亭里",
    "北屿苑",
    "白鹭洲里",
    "金桂坊",
    "碧梧居",
    "怀瑾园",
];

/// A home. Homes are numbers, so that a person needs no text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Home {
    pub(crate) city: u8,
    /// Random bits: street, number, community, building and flat.
    pub(crate) bits: u32,
}

impl Home {
    pub(crate) fn city(self) -> &'static City {
        &CITIES[usize::from(self.city) % CITIES.len()]
    }

    fn street(self) -> (&'static str, &'static str) {
        STREETS[self.bits as usize % STREETS.len()]
    }

    fn number(self) -> u32 {
        (self.bits >> 5) % 899 + 1
    }

    fn community(self) -> &'static str {
        COMMUNITIES[(self.bits >> 12) as usize % COMMUNITIES.len()]
    }

    fn building(self) -> u32 {
        (self.bits >> 16) % 38 + 1
    }

    fn flat(self) -> u32 {
        ((self.bits >> 21) % 26 + 1) * 100 + (self.bits >> 27) % 6 + 1
    }

    /// `浙江省杭州市人民路218号青禾里7幢1203室`.
    pub(crate) fn formal(self) -> String {
        let city = self.city();
        let province = if city.province.ends_with('市') { "" } else { city.province };
        let (street, number) = (self.street().0, self.number());
        format!("{province}{}市{street}{number}号{}{}幢{}室", city.name, self.community(), self.building(), self.flat())
    }

    /// `杭州青禾里7-1203`, as people say it.
    pub(crate) fn colloquial(self) -> String {
        format!("{}{}{}-{}", self.city().name, self.community(), self.building(), self.flat())
    }

    /// `Flat 1203, Bldg 7, 218 Renmin Road, Hangzhou`.
    pub(crate) fn english(self) -> String {
        let (number, street) = (self.number(), self.street().1);
        format!("Flat {}, Bldg {}, {number} {street}, {}", self.flat(), self.building(), self.city().pinyin)
    }
}
