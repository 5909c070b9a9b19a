//! What is complained about or praised: aspects of banking, and the opinion of each in the clause that names it.
//!
//! Aspects are found by their words in both languages; the opinion is the feeling of the clause (see [`mood`](crate::mood)); when that
//! has none, what a high or low, more or less beside the aspect means for it; else the feeling of the clause behind or before. A bank adds
//! words of its own, such as the names of its products.

mod relative;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    cues::{Cues, Found},
    mood::{Clause, Lexicons},
    tokens::{normalise, simplified},
};
use relative::Relatives;

/// Below this a feeling is none.
const FEELING_MIN: f64 = 0.4;

macro_rules! aspects {
    ($($(#[$doc:meta])* $name:ident $code:literal: $words:literal;)*) => {
        /// What an opinion is of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Aspect { $($(#[$doc])* $name,)* }

        impl Aspect {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// As definitions and reports write it.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }
        }
    };
}

aspects! {
    /// Fees and charges.
    Fees "fees": "fee|fees|charge|charges|charged|overcharg*|surcharge*|commission|penalty|手续费|年费|管理费|服务费|工本费|违约金|滞纳金|收费|扣费|乱扣|\
        费用|短信费|提前还款费|年费";
    /// Interest and rates.
    Interest "interest": "interest|apr|rate|rates|interest rate|利息|利率|年化|费率|加息|降息|免息|高息|日息|月息|点位|收益率|收益";
    /// The app, the web site and signing in.
    App "app": "app|apps|application crashes|website|web site|online banking|mobile banking|internet banking|login|log in|logging in|sign in|password|\
        passcode|otp|update|updates|interface|手机银行|网银|网上银行|客户端|软件|登录|登陆|登不上|密码|验证码|闪退|界面|系统|小程序|公众号|掌上|人脸识别|指纹|\
        掌上生活|买单吧|app store";
    /// Cards: issue, delivery, use.
    Card "card": "card|cards|credit card|debit card|visa|mastercard|pin|chip|contactless|卡片|信用卡|借记卡|储蓄卡|银行卡|白金卡|金卡|普卡|卡|卡面|下卡|办卡|\
        销卡|注销|激活|pos机|刷卡|闪付|开卡|制卡|寄卡";
    /// Credit limits.
    Limit "limit": "limit|limits|credit limit|credit line|额度|提额|降额|临额|临时额度|固额|限额|可用额度|初始额度|总授信|授信|提固|涨额";
    /// Loans and mortgages: applying, terms, paying off.
    Loan "loan": "loan|loans|mortgage*|lender*|refinanc*|borrow*|payoff|pay off|installment*|instalment*|payday|title loan|贷款|房贷|车贷|消费贷|信用贷|按揭|放款|\
        借款|网贷|小贷|抵押|分期|还款|提前还款|贷|现金贷|借呗|花呗|快贷|e贷|闪贷|精英贷|批贷|续贷";
    /// Applications and approval.
    Approval "approval": "apply|applied|application|applications|approv*|denied|declined|rejected|qualif*|eligib*|申请|审批|批卡|秒批|秒拒|拒批|被拒|拒了|拒|通过|\
        审核|面签|面审|终审|风控|综合评分|综合评分不足|资质|征信花|进件|门槛";
    /// Accounts: opening, closing, freezing.
    Account "account": "account|accounts|balance|statement|statements|savings|checking|deposit|deposits|kyc|verify my identity|账户|账号|帐户|帐号|余额|开户|销户|冻结|\
        解冻|流水|账单|二类卡|一类卡|存款|存折|对账单|理财|基金|大额存单|余额宝|身份证|实名";
    /// Payments, transfers, withdrawals.
    Payments "payments": "payment|payments|transfer*|transaction*|wire|direct debit|refund*|withdraw*|top up|top-up|cash|atm|atms|autopay|auto pay|exchange rate|zelle|\
        cheque|check cashed|转账|汇款|支付|付款|到账|入账|退款|取款|提现|充值|atm|取款机|云闪付|支付宝|微信支付|扫码|扣款|交易|代扣|快捷支付|汇率|apple pay|外汇";
    /// People who serve.
    Staff "staff": "staff|employee*|agent|agents|representative*|rep|reps|manager|managers|teller*|customer service|customer support|customer care|service|support|personnel|\
        客服|柜员|工作人员|员工|服务|态度|客户经理|经理|大堂|职员|人工|业务员|服务态度|前台|柜台人员";
    /// Waiting and how long things take.
    Waiting "waiting": "wait|waiting|waited|queue*|line|lines|on hold|delay*|slow|slowly|hours|takes forever|排队|等待|等了|等|排号|叫号|慢|拖延|迟迟|效率|半天|速度|时效|进度|时间";
    /// Branches and where they are.
    Branch "branch": "branch|branches|office|parking|location|opening hours|网点|支行|营业厅|柜台|分行|大厅|停车|营业部|柜面";
    /// Fraud, theft, security.
    Security "security": "fraud*|scam*|stolen|stole|theft|hack*|unauthori*|identity theft|phish*|security|compromised|not recogni*|don't recogni*|盗刷|诈骗|被骗|被盗|安全|\
        盗用|冒用|骗子|骗局|洗钱|套现|假冒|伪冒|密码泄露|骗贷";
    /// Privacy and unwanted contact.
    Contact "contact": "spam|telemarket*|unsolicited|phone call|phone calls|calling me|calls|called me|robocall*|text messages|privacy|personal information|骚扰|推销|骚扰电话|电话营销|\
        短信|泄露|隐私|个人信息|营销电话|打电话|电话";
    /// Collection of debts.
    Collection "collection": "collection*|collector*|debt|debts|garnish*|repossess*|foreclos*|default|charged off|charge off|past due|late payment|催收|逾期|欠款|讨债|起诉|爆通讯录|\
        协商|停息挂账|呆账|坏账|暴力催收|负债";
    /// Credit reports and scores.
    CreditReport "credit_report": "credit report*|credit score|credit bureau*|bureau*|equifax|experian|transunion|credit history|inquiry|inquiries|征信|信用报告|信用分|上征信|征信报告|\
        征信记录|查询记录|硬查询|信用记录|芝麻信用|百行";
    /// Points, gifts and offers.
    Rewards "rewards": "reward*|points|cashback|cash back|bonus|bonuses|promotion*|promo|offer|offers|discount*|voucher*|coupon*|miles|gift*|积分|返现|优惠|活动|礼品|权益|里程|奖励|\
        立减|红包|兑换|羊毛|立减金|新户礼|积分兑换|刷卡金|返利|达标|开卡礼|满减|贵宾厅|优惠券";
    /// What is said and promised, and what is not.
    Information "information": "contract|terms|disclos*|mislead*|misled|misinform*|hidden|agreement|not told|never told|promis*|false advertis*|advertis*|合同|条款|告知|说明|误导|承诺|宣传|隐瞒|\
        虚假|协议|解释|规则|规定|霸王条款|口径";
}

/// An opinion of an aspect.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Opinion {
    /// Of what.
    pub aspect: Aspect,
    /// Above 0 is praise, below 0 complaint, 0 neither; the feelings of its clauses summed.
    pub feeling: f64,
    /// Words that name the aspect, as the normalised text has them.
    pub named_by: Vec<String>,
    /// Words of feeling in those clauses.
    pub because: Vec<String>,
}

/// Finds aspects and opinions.
#[derive(Debug, Clone)]
pub struct AspectReader {
    cues: Cues<Aspect>,
    lexicons: Lexicons,
    relatives: Relatives,
}

impl Default for AspectReader {
    fn default() -> Self {
        Self::new()
    }
}

impl AspectReader {
    /// A reader with the words of this crate.
    #[must_use]
    pub fn new() -> Self {
        let cues = Cues::new(Aspect::ALL.iter().map(|&aspect| (aspect.words(), aspect)));
        Self { cues, lexicons: Lexicons::new(), relatives: Relatives::new() }
    }

    /// The same with words of the bank: names of products, cards, branches.
    #[must_use]
    pub fn with_words<'w>(mut self, words: impl IntoIterator<Item = (&'w str, Aspect)>) -> Self {
        words.into_iter().for_each(|(word, aspect)| self.cues.add(&normalise(word), aspect));
        self
    }

    /// The opinions in a text, the one with the strongest feeling first.
    #[must_use]
    pub fn read(&self, text: &str) -> Vec<Opinion> {
        let normal = simplified(normalise(text));
        let clauses = self.lexicons.clauses(&normal);
        let mut opinions: BTreeMap<Aspect, Opinion> = BTreeMap::new();
        for (at, clause) in clauses.iter().enumerate() {
            let named = self.cues.find(clause.text);
            if named.is_empty() {
                continue;
            }
            let around = felt(&clauses, at, |near| self.cues.find(near.text).is_empty());
            for Found { text, means, start } in named {
                let nothing = Opinion { aspect: means, feeling: 0.0, named_by: Vec::new(), because: Vec::new() };
                let opinion = opinions.entry(means).or_insert(nothing);
                opinion.name(text);
                match self.relatives.of(clause.text, means, text, start) {
                    Some((word, adds)) if !is_strong(clause) => opinion.add(&[(word, adds)]),
                    _ => around.iter().for_each(|clause| opinion.add(&clause.words)),
                }
            }
        }
        let mut opinions: Vec<Opinion> = opinions.into_values().collect();
        opinions.sort_by(|a, b| b.feeling.abs().total_cmp(&a.feeling.abs()).then(a.aspect.cmp(&b.aspect)));
        opinions
    }
}

fn is_strong(clause: &Clause<'_>) -> bool {
    clause.feeling.abs() >= FEELING_MIN
}

/// The clause whose feeling counts: its own, else the one behind, else the one before, if those name no aspect themselves.
fn felt<'c, 't>(clauses: &'c [Clause<'t>], at: usize, free: impl Fn(&Clause<'t>) -> bool) -> Option<&'c Clause<'t>> {
    let near = |at: Option<usize>| at.and_then(|at| clauses.get(at)).filter(|near| free(near) && is_strong(near));
    let own = clauses.get(at).filter(|clause| is_strong(clause));
    own.or_else(|| near(at.checked_add(1))).or_else(|| near(at.checked_sub(1)))
}

impl Opinion {
    fn name(&mut self, named: &str) {
        if !self.named_by.iter().any(|known| known == named) {
            self.named_by.push(named.to_owned());
        }
    }

    /// Words of feeling and what each adds. Words that were there before, since a clause names the aspect twice, are one opinion.
    fn add(&mut self, words: &[(&str, f64)]) {
        if words.iter().all(|word| self.because.iter().any(|known| known == word.0)) {
            return;
        }
        self.feeling += words.iter().map(|word| word.1).sum::<f64>();
        for (word, _) in words {
            if !self.because.iter().any(|known| known == word) {
                self.because.push((*word).to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Aspect, f64)> {
        AspectReader::new().read(text).into_iter().map(|o| (o.aspect, o.feeling)).collect()
    }

    #[test]
    fn each_aspect_has_the_opinion_of_its_clause() {
        let found = read("The app is great, but customer service is terrible.");
        assert!(found.iter().any(|&(a, f)| a == Aspect::App && f > 0.0), "{found:?}");
        assert!(found.iter().any(|&(a, f)| a == Aspect::Staff && f < 0.0), "{found:?}");
        let found = read("額度太低，利息也很貴；客服態度非常好");
        assert!(found.iter().any(|&(a, f)| a == Aspect::Interest && f < 0.0), "{found:?}");
        assert!(found.iter().any(|&(a, f)| a == Aspect::Staff && f > 0.0), "{found:?}");
    }

    #[test]
    fn a_clause_without_feeling_takes_that_of_its_neighbour() {
        assert!(read("I called about the mortgage, it was awful").iter().any(|&(a, f)| a == Aspect::Loan && f < 0.0));
        assert_eq!(read("nothing to say"), []);
    }

    #[test]
    fn high_and_low_are_opinions_of_what_they_are_said_of() {
        let found = read("额度挺高，但是年费也挺高");
        assert!(found.iter().any(|&(a, f)| a == Aspect::Limit && f > 0.0), "{found:?}");
        assert!(found.iter().any(|&(a, f)| a == Aspect::Fees && f < 0.0), "{found:?}");
        assert!(read("How high is the fee? 额度是多少").iter().all(|&(a, f)| a == Aspect::Fees || f == 0.0));
    }

    #[test]
    fn a_bank_adds_its_own_words() {
        let reader = AspectReader::new().with_words([("Golden Koi", Aspect::Card), ("锦鲤卡", Aspect::Card)]);
        assert_eq!(reader.read("golden koi is awful")[0].aspect, Aspect::Card);
        assert!(reader.read("锦鲤卡真垃圾")[0].feeling < 0.0);
    }
}
