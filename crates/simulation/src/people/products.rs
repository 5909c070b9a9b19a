//! What the bank sells, and which of it a person holds: a set of bits.

/// A thing the bank sells.
pub(crate) struct Product {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) english: &'static str,
    pub(crate) family: &'static str,
    /// R1 to R5; none for what has no investment risk.
    pub(crate) risk: Option<&'static str>,
    pub(crate) active: bool,
}

const fn product(
    code: &'static str,
    name: &'static str,
    english: &'static str,
    family: &'static str,
    risk: Option<&'static str>,
    active: bool,
) -> Product {
    Product { code, name, english, family, risk, active }
}

/// The catalogue. The first ones are those that people of the model hold, in the order of [`Holding`].
pub(crate) const PRODUCTS: [Product; 18] = [
    product("CA001", "活期账户", "current account", "account", None, true),
    product("SA001", "定期存款", "term deposit", "deposit", Some("R1"), true),
    product("CC001", "标准信用卡", "credit card", "card", None, true),
    product("FD001", "稳健货币基金", "money market fund", "fund", Some("R1"), true),
    product("FD003", "均衡混合基金", "balanced fund", "fund", Some("R3"), true),
    product("IN001", "家庭医疗保险", "household health insurance", "insurance", None, true),
    product("LN001", "个人消费贷款", "personal loan", "loan", None, true),
    product("LN002", "住房按揭贷款", "mortgage", "loan", None, true),
    product("FD002", "纯债基金", "bond fund", "fund", Some("R2"), true),
    product("FD004", "成长股票基金", "growth equity fund", "fund", Some("R4"), true),
    product("FD005", "商品期货策略", "commodity futures strategy", "fund", Some("R5"), true),
    product("WM001", "周周盈理财", "weekly wealth plan", "wealth", Some("R2"), true),
    product("WM002", "季享结构性理财", "structured quarterly plan", "wealth", Some("R3"), true),
    product("CC002", "金卡信用卡", "gold credit card", "card", None, true),
    product("CC003", "白金信用卡", "platinum credit card", "card", None, true),
    product("IN002", "少儿教育金保险", "education savings insurance", "insurance", None, true),
    product("SA000", "零存整取", "instalment deposit", "deposit", Some("R1"), false),
    product("LN009", "助学过渡贷款", "student bridge loan", "loan", None, false),
];

/// A product that changes what a person does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Holding {
    Current = 0,
    Deposit = 1,
    CreditCard = 2,
    MoneyFund = 3,
    BalancedFund = 4,
    Insurance = 5,
    PersonalLoan = 6,
    Mortgage = 7,
}

impl Holding {
    pub(crate) const ALL: [Self; 8] = [
        Self::Current,
        Self::Deposit,
        Self::CreditCard,
        Self::MoneyFund,
        Self::BalancedFund,
        Self::Insurance,
        Self::PersonalLoan,
        Self::Mortgage,
    ];

    pub(crate) fn product(self) -> &'static Product {
        &PRODUCTS[self as usize]
    }
}

/// The products a person holds.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Holdings(u8);

impl Holdings {
    pub(crate) fn has(self, holding: Holding) -> bool {
        self.0 & 1 << holding as u8 != 0
    }

    pub(crate) fn add(&mut self, holding: Holding) {
        self.0 |= 1 << holding as u8;
    }

    pub(crate) fn count(self) -> u32 {
        self.0.count_ones()
    }
}
