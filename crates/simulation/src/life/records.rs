//! What people leave behind, as small as it can be kept until it is written: a record is a few numbers, and knows its
//! day by the box it lies in.

use crate::{people::products::Holding, random::Stream};

/// Which fraud something belongs to; `Honest` is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub(crate) enum Scenario {
    #[default]
    Honest,
    AmountThreshold,
    CompromisedTerminal,
    CompromisedCustomer,
    AccountTakeover,
    MuleNetwork,
    Structuring,
}

impl Scenario {
    /// All, in the order of their numbers.
    pub(crate) const ALL: [Self; 7] = [
        Self::Honest,
        Self::AmountThreshold,
        Self::CompromisedTerminal,
        Self::CompromisedCustomer,
        Self::AccountTakeover,
        Self::MuleNetwork,
        Self::Structuring,
    ];

    pub(crate) fn name(self) -> &'static str {
        [
            "honest",
            "amount_threshold",
            "compromised_terminal",
            "compromised_customer",
            "account_takeover",
            "mule_network",
            "structuring",
        ][self as usize]
    }
}

/// A fraud that a record is part of.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Plot {
    pub(crate) scenario: Scenario,
    /// What belongs together has one number within its scenario.
    pub(crate) case: u32,
}

/// Why money was booked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    Salary,
    Income,
    TransferIn,
    TransferOut,
    WalletTopUp,
    RedPacketOut,
    Bill,
    Rent,
    Purchase,
    CardRepayment,
    CashDeposit,
    CashWithdrawal,
    FundBuy,
    FundRedeem,
    DepositIn,
    DepositOut,
    LoanPayout,
    LoanInstalment,
    Insurance,
    Interest,
    Fee,
}

impl Kind {
    /// All, in the order of their numbers.
    pub(crate) const ALL: [Self; 21] = [
        Self::Salary,
        Self::Income,
        Self::TransferIn,
        Self::TransferOut,
        Self::WalletTopUp,
        Self::RedPacketOut,
        Self::Bill,
        Self::Rent,
        Self::Purchase,
        Self::CardRepayment,
        Self::CashDeposit,
        Self::CashWithdrawal,
        Self::FundBuy,
        Self::FundRedeem,
        Self::DepositIn,
        Self::DepositOut,
        Self::LoanPayout,
        Self::LoanInstalment,
        Self::Insurance,
        Self::Interest,
        Self::Fee,
    ];
}

/// Through which channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Channel {
    App,
    Web,
    Branch,
    Atm,
    Card,
    System,
}

impl Channel {
    /// All, in the order of their numbers.
    pub(crate) const ALL: [Self; 6] = [Self::App, Self::Web, Self::Branch, Self::Atm, Self::Card, Self::System];
}

/// One booking of the core system.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Booking {
    /// Milliseconds since midnight.
    pub(crate) at: u32,
    pub(crate) person: u32,
    /// Cents; negative is out.
    pub(crate) amount: i64,
    /// Cents, afterwards.
    pub(crate) balance: i64,
    /// Who else: a customer's number, or an outsider's above [`OUTSIDERS`].
    pub(crate) other: u32,
    pub(crate) kind: Kind,
    pub(crate) channel: Channel,
    pub(crate) plot: Plot,
}

/// Numbers of people and firms that do not bank here start here.
pub(crate) const OUTSIDERS: u32 = 1 << 30;
/// The cash of all machines.
pub(crate) const MACHINES: u32 = OUTSIDERS + 2;
/// The cash desks of branches start here.
const COUNTERS: u32 = OUTSIDERS + (1 << 23);

/// The cash desk of some branch.
pub(crate) fn counter(stream: &mut Stream) -> u32 {
    COUNTERS + stream.below(200) as u32
}

/// One card payment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payment {
    pub(crate) at: u32,
    pub(crate) person: u32,
    /// Cents.
    pub(crate) amount: u32,
    pub(crate) terminal: u32,
    pub(crate) category: u8,
    pub(crate) credit: bool,
    pub(crate) declined: bool,
    pub(crate) plot: Plot,
}

/// What is done in the app or on the web.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Action {
    Open,
    Login,
    LoginFailed,
    View,
    Tap,
    Search,
    TransferStart,
    TransferConfirm,
    TransferDone,
    ApplyStart,
    ApplyForm,
    ApplyIdentity,
    ApplySubmit,
    Error,
    PasswordReset,
    DeviceBound,
    LimitRaised,
    PushOpened,
    Logout,
}

impl Action {
    /// All, in the order of their numbers.
    pub(crate) const ALL: [Self; 19] = [
        Self::Open,
        Self::Login,
        Self::LoginFailed,
        Self::View,
        Self::Tap,
        Self::Search,
        Self::TransferStart,
        Self::TransferConfirm,
        Self::TransferDone,
        Self::ApplyStart,
        Self::ApplyForm,
        Self::ApplyIdentity,
        Self::ApplySubmit,
        Self::Error,
        Self::PasswordReset,
        Self::DeviceBound,
        Self::LimitRaised,
        Self::PushOpened,
        Self::Logout,
    ];

    pub(crate) fn name(self) -> &'static str {
        [
            "app_open",
            "login",
            "login_failed",
            "view",
            "tap",
            "search",
            "transfer_start",
            "transfer_confirm",
            "transfer_done",
            "apply_start",
            "apply_form",
            "apply_identity",
            "apply_submit",
            "error",
            "password_reset",
            "device_bound",
            "limit_raised",
            "push_opened",
            "logout",
        ][self as usize]
    }
}

/// Screens, by number.
pub(crate) const SCREENS: [&str; 15] = [
    "home",
    "accounts",
    "transactions",
    "transfer",
    "bills",
    "cards",
    "loans",
    "funds",
    "insurance",
    "deposits",
    "messages",
    "settings",
    "help",
    "apply",
    "landing",
];

/// Places in [`SCREENS`].
pub(crate) mod screen {
    pub(crate) const HOME: u8 = 0;
    pub(crate) const ACCOUNTS: u8 = 1;
    pub(crate) const TRANSACTIONS: u8 = 2;
    pub(crate) const TRANSFER: u8 = 3;
    pub(crate) const BILLS: u8 = 4;
    pub(crate) const CARDS: u8 = 5;
    pub(crate) const LOANS: u8 = 6;
    pub(crate) const FUNDS: u8 = 7;
    pub(crate) const INSURANCE: u8 = 8;
    pub(crate) const DEPOSITS: u8 = 9;
    pub(crate) const MESSAGES: u8 = 10;
    pub(crate) const SETTINGS: u8 = 11;
    pub(crate) const HELP: u8 = 12;
    pub(crate) const APPLY: u8 = 13;
    pub(crate) const LANDING: u8 = 14;
}

/// One event of the app or the web.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    /// Which installation or browser.
    pub(crate) visitor: u64,
    pub(crate) at: u32,
    pub(crate) person: u32,
    /// Which session of the person in this month.
    pub(crate) session: u32,
    /// Milliseconds until the next event of the session.
    pub(crate) dwell: u32,
    /// Cents; 0 when it is not about money.
    pub(crate) amount: u32,
    pub(crate) action: Action,
    pub(crate) screen: u8,
    pub(crate) device: u8,
    pub(crate) logged_in: bool,
    /// Whether an account takeover is going on.
    pub(crate) plot: Plot,
}

/// What happened that makes people write or call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Cause {
    FeeCharged,
    PaymentDeclined,
    ReleaseBroke,
    FraudSuffered,
    LoanRefused,
    AppCrashed,
    BranchQueue,
    CallPressure,
    RateChange,
    Need,
    Question,
    Pleased,
}

impl Cause {
    pub(crate) fn name(self) -> &'static str {
        [
            "fee_charged",
            "payment_declined",
            "release_broke_funnel",
            "fraud_suffered",
            "loan_refused",
            "app_crashed",
            "branch_queue",
            "call_pressure",
            "rate_change",
            "need",
            "question",
            "pleased",
        ][self as usize]
    }

    /// What the words are about.
    pub(crate) fn topic(self) -> &'static str {
        [
            "fees",
            "card",
            "app",
            "fraud",
            "loan",
            "app",
            "branch",
            "marketing",
            "interest",
            "product",
            "account",
            "service",
        ][self as usize]
    }
}

/// Words that a customer said or wrote.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    /// Days since 1970-01-01.
    pub(crate) day: i32,
    pub(crate) at: u32,
    pub(crate) person: u32,
    pub(crate) cause: Cause,
    /// Which day it was about.
    pub(crate) cause_day: i32,
    pub(crate) complaint: bool,
    /// From −2 (angry) to 2 (delighted).
    pub(crate) mood: i8,
    /// 0 (low) to 2 (high).
    pub(crate) urgency: u8,
    /// Hours until it was resolved; `None` when it never was.
    pub(crate) resolved_hours: Option<u16>,
    /// 1 to 5, when the customer said.
    pub(crate) score: Option<u8>,
    /// Names the stream that the words come from.
    pub(crate) dice: u32,
}

/// An offer made, or withheld from the control group.
#[derive(Clone, Copy)]
pub(crate) struct Offer {
    pub(crate) day: i32,
    pub(crate) at: u32,
    pub(crate) person: u32,
    pub(crate) campaign: u16,
    pub(crate) treated: bool,
    /// Probability of buying without and with the offer, and what would happen.
    pub(crate) p: [f32; 2],
    pub(crate) buys: [bool; 2],
    /// When they buy, if they do.
    pub(crate) bought_on: Option<i32>,
    /// They looked.
    pub(crate) clicked: bool,
    /// Yuan of margin.
    pub(crate) value: u16,
}

/// An answer to a survey.
#[derive(Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) day: i32,
    pub(crate) at: u32,
    pub(crate) person: u32,
    /// Which question: 0 recommend (0–10), 1 app (1–5), 2 service (1–5).
    pub(crate) question: u8,
    pub(crate) score: u8,
    /// Whether words go with it.
    pub(crate) dice: Option<u32>,
}

/// A word on a purpose.
#[derive(Clone, Copy)]
pub(crate) struct ConsentWord {
    pub(crate) day: i32,
    pub(crate) at: u32,
    pub(crate) person: u32,
    pub(crate) marketing: bool,
    pub(crate) given: bool,
}

/// Someone asked for a loan.
#[derive(Clone, Copy)]
pub(crate) struct Application {
    pub(crate) day: i32,
    pub(crate) at: u32,
    pub(crate) person: u32,
    /// Yuan.
    pub(crate) amount: u32,
    pub(crate) term: u8,
    /// 300 to 900, as the bank saw it: the higher, the better.
    pub(crate) score: u16,
    pub(crate) approved: bool,
    /// The truth.
    pub(crate) pd: f32,
    pub(crate) would_default: bool,
    pub(crate) newcomer: bool,
    /// Under the policy that was replaced.
    pub(crate) old_policy: bool,
}

/// How a loan stands from a day on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Standing {
    Current,
    Arrears30,
    Arrears60,
    Default,
    Repaid,
}

impl Standing {
    pub(crate) fn name(self) -> &'static str {
        ["current", "arrears_30", "arrears_60", "default", "repaid"][self as usize]
    }
}

/// A change of a loan's standing.
#[derive(Clone, Copy)]
pub(crate) struct LoanWord {
    pub(crate) day: i32,
    pub(crate) person: u32,
    pub(crate) loan: Loan,
    pub(crate) standing: Standing,
}

/// An instalment that was due.
#[derive(Clone, Copy)]
pub(crate) struct Repayment {
    pub(crate) due: i32,
    pub(crate) person: u32,
    pub(crate) loan: Loan,
    /// Cents; 0 when missed.
    pub(crate) paid: u32,
    pub(crate) paid_on: Option<i32>,
}

/// A loan.
#[derive(Clone, Copy)]
pub(crate) struct Loan {
    /// Which of the person's loans.
    pub(crate) which: u8,
    pub(crate) granted: i32,
    /// Yuan.
    pub(crate) amount: u32,
    pub(crate) term: u8,
    /// Cents a month.
    pub(crate) instalment: u32,
    pub(crate) pd: f32,
    pub(crate) would_default: bool,
    /// The month (of the calendar) in which the trouble starts, for who would default.
    pub(crate) trouble: i16,
}

/// A product somebody needs from a day on.
#[derive(Clone, Copy)]
pub(crate) struct Need {
    pub(crate) day: i32,
    pub(crate) person: u32,
    pub(crate) holding: Holding,
    pub(crate) driver: Driver,
    /// From 0 to 1.
    pub(crate) strength: f32,
}

/// How likely a person is to be gone 90 days after a day, the last of a month.
#[derive(Clone, Copy)]
pub(crate) struct Chance {
    pub(crate) day: i32,
    pub(crate) person: u32,
    pub(crate) p: f32,
    /// For one who does not know whether leaving is decided.
    pub(crate) by_formula: f32,
}

/// What a need comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Driver {
    IdleMoney,
    NewChild,
    BigPurchase,
    IncomeRise,
    Travel,
    Home,
}

impl Driver {
    pub(crate) fn name(self) -> &'static str {
        ["idle_money", "new_child", "big_purchase", "income_rise", "travel", "home"][self as usize]
    }
}
