//! Urgency: which texts should a person read first?
//!
//! Cues of five kinds, written for banks in both languages: money or access at risk, a threat to escalate, hardship, haste, and
//! having asked before. Each kind counts once, with its strongest cue; together they make 1 − Π(1 − weight), so that two kinds are more
//! urgent than either. There is no public data labelled for urgency in banks: the weights are our judgement and the measured figure
//! a proxy. Train a [`Classifier`](crate::Classifier) once there are labels.

use serde::Serialize;

use crate::{
    cues::Cues,
    tokens::{normalise, simplified},
};

/// Why something is urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UrgencyKind {
    /// Money or access is being lost: fraud, theft, a lost card, a locked account.
    Risk,
    /// The customer names a regulator, a court, the police or the press.
    Escalation,
    /// Illness, loss of work or home, thoughts of death.
    Hardship,
    /// The customer is in haste.
    Haste,
    /// The customer asked before.
    Repeated,
}

/// A cue that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UrgencyCue {
    /// Its kind.
    pub kind: UrgencyKind,
    /// As the normalised text has it.
    pub words: String,
    /// From 0 to 1.
    pub weight: f64,
}

/// How urgent a text is and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Urgency {
    /// From 0 to 1.
    pub score: f64,
    /// What was found, in order of the text.
    pub cues: Vec<UrgencyCue>,
}

/// Finds what is urgent.
#[derive(Debug, Clone)]
pub struct UrgencyReader(Cues<(UrgencyKind, f64)>);

use UrgencyKind::{Escalation, Hardship, Haste, Repeated, Risk};

const LISTS: [(&str, (UrgencyKind, f64)); 20] = [
    ("suicid*|kill myself|end my life|自杀|轻生|活不下去|不想活|跳楼|寻死", (Hardship, 0.95)),
    (
        "stolen|stole|theft|thief|hacked|hacker*|fraud*|scam*|phish*|compromised|unauthori*|someone else|someone used|someone has used|\
         did not make|didn't make|didn't do|did not authorize|not recogni*|don't recogni*|do not recogni*|not me|cloned|skimm*|identity theft|\
         kidnap*|mugged|not mine|isn't mine|wasn't me|was not me|not by me|not made by me|be using my|is using my|without my permission|\
         without my knowledge|without my consent|suspicious*|unusual activity|didn't set up|did not set up|never set up|never made|\
         don't remember making|do not remember making|unknown transaction*|unknown payment*|unknown charge*|unfamiliar",
        (Risk, 0.7),
    ),
    (
        "盗刷|被盗|盗用|冒用|被骗|诈骗|骗走|骗了我|骗取|转走|不是我本人|非本人|不是本人操作|不明扣款|莫名扣款|来历不明|泄露|黑客|钓鱼|木马|克隆卡|洗钱",
        (Risk, 0.7),
    ),
    (
        "lost my|lost card|card is lost|i lost|missing card|locked out|account locked|account is locked|blocked my|account blocked|frozen|froze my|\
         swallowed|ate my card|money is gone|money is missing|money missing|drained|can't access|cannot access|unable to access|passcode|\
         lost or stolen|lost phone|phone was lost|left my phone|left my card|left my wallet|can't find my card|can't find my phone|\
         misplaced|took my card|taken my card|kept my card|card back|freeze my|forgot my pass*|forgotten my pass*|lost my pass*|dispute*|\
         don't remember|do not remember|someone has|someone might|someone may",
        (Risk, 0.5),
    ),
    (
        "丢了|丢失|遗失|挂失|不见了|吞卡|吞了|冻结|锁定|被锁|登录不了|登不上|取不出|钱没了|钱不见|未到账|没到账|扣错|重复扣款",
        (Risk, 0.5),
    ),
    (
        "lawyer*|attorney*|sue|suing|lawsuit*|court|legal action|police|cfpb|ombudsman|regulator*|attorney general|better business bureau|bbb|\
         file a complaint|press charges|news|media|class action|arbitration",
        (Escalation, 0.55),
    ),
    (
        "银监|银保监|金融监管|监管局|监管总局|人民银行|人行投诉|12378|12363|12315|消协|消费者协会|起诉|法院|律师|报警|派出所|曝光|记者|媒体|举报|信访",
        (Escalation, 0.55),
    ),
    ("formal complaint|escalate*|supervisor|manager|投诉|领导|经理出来|维权", (Escalation, 0.3)),
    (
        "evict*|foreclos*|homeless|bankrupt*|can't afford|cannot afford|unable to pay|can't pay|cannot pay|lost my job|lost job|laid off|unemployed|\
         surgery|hospital*|cancer|medical|funeral|died|passed away|hardship|starv*|feed my|disabled|disability|widow*|garnish*|repossess*",
        (Hardship, 0.45),
    ),
    (
        "还不起|还不上|没钱还|失业|下岗|破产|住院|手术|重病|癌症|去世|病故|走投无路|揭不开锅|断供|困难|救命|家破人亡|催收威胁|爆通讯录",
        (Hardship, 0.45),
    ),
    (
        "urgent*|asap|as soon as possible|immediately|right away|right now|straight away|emergency|at once|quickly|hurry|today|tonight|now!|stranded|\
         deadline|before tomorrow|need it now|desperate*|stuck abroad|time sensitive",
        (Haste, 0.4),
    ),
    (
        "紧急|急用|加急|着急|急急|很急|急需|急等|马上|立刻|立即|尽快|赶紧|赶快|速回|今天之内|今晚|等着用|在线等|火烧眉毛|来不及|帮帮我",
        (Haste, 0.4),
    ),
    ("please help|help me|help!|求助|求帮忙|怎么办", (Haste, 0.15)),
    (
        "multiple times|several times|many times|numerous times|countless|third time|second time|again and again|still no|still not|still waiting|\
         no response|no reply|never received a response|keeps happening|over and over|repeatedly|for weeks|for months",
        (Repeated, 0.3),
    ),
    (
        "多次|好几次|几次三番|三番五次|反复|一再|屡次|还是没|仍然没|至今|一直没|没人回复|没人处理|迟迟|打了几次|第二次|第三次|无人解决|不给解决",
        (Repeated, 0.3),
    ),
    // What only looks like a cue.
    (
        "fraud department|fraud team|lost time|news letter|newsletter|manager program|medical card|media card",
        (Haste, 0.0),
    ),
    ("不用着急|不着急|不急|马上消费|马上贷|今天是|困难户|防诈骗|反诈", (Haste, 0.0)),
    ("court yard|right now is fine|no rush|not urgent", (Haste, 0.0)),
    ("not stolen|not fraud", (Risk, 0.0)),
    ("没有丢|没丢", (Risk, 0.0)),
];

impl Default for UrgencyReader {
    fn default() -> Self {
        Self::new()
    }
}

impl UrgencyReader {
    /// A reader with the cues of this crate.
    #[must_use]
    pub fn new() -> Self {
        Self(Cues::new(LISTS))
    }

    /// How urgent a text is.
    #[must_use]
    pub fn read(&self, text: &str) -> Urgency {
        let normal = simplified(normalise(text));
        let found = self.0.find(&normal).into_iter().filter(|found| found.means.1 > 0.0);
        let cues: Vec<UrgencyCue> = found
            .map(|found| UrgencyCue { kind: found.means.0, words: found.text.to_owned(), weight: found.means.1 })
            .collect();
        let strongest =
            |kind| cues.iter().filter(|cue| cue.kind == kind).fold(0.0_f64, |most, cue| most.max(cue.weight));
        let calm: f64 =
            [Risk, Escalation, Hardship, Haste, Repeated].map(|kind| 1.0 - strongest(kind)).iter().product();
        Urgency { score: 1.0 - calm, cues }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_kinds_of_cue_are_more_urgent_than_one_and_one_kind_counts_once() {
        let reader = UrgencyReader::new();
        let score = |text| reader.read(text).score;
        assert!(score("how do I change my address?") == 0.0 && score("請問額度是多少") == 0.0);
        assert!(score("my card was stolen") < score("my card was stolen, block it immediately"));
        assert!((score("stolen, fraud, hacked") - score("stolen")).abs() < 1e-12);
        assert!(score("我的卡被盜刷了，馬上幫我凍結！") > 0.8);
        let cues = reader.read("打了几次电话没人处理，我要去银保监举报").cues;
        assert!(cues.iter().any(|cue| cue.kind == Repeated) && cues.iter().any(|cue| cue.kind == Escalation));
    }
}
