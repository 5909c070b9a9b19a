//! English parts.

use super::Grammar;
use crate::{life::records::Cause, random::Stream};

pub(super) const GRAMMAR: Grammar = Grammar {
    openings: [
        &[
            "This is outrageous.",
            "I have had enough.",
            "Unbelievable, again!",
            "What is wrong with this bank?",
            "For the {times} time now:",
        ],
        &[
            "I am a bit disappointed.",
            "Not a great experience.",
            "I want to report a problem.",
            "Please look into this.",
            "Same issue as before.",
        ],
        &["Hi,", "Hello, quick question:", "Good morning,", "Could you help me?", "Dear team,"],
        &["Well done!", "Very happy customer here.", "Just wanted to say thanks.", "Great service."],
    ],
    bodies,
    consequences: &[
        "I have called {times} times and nobody could explain it.",
        "It cost me the whole {part}.",
        "I cannot use my money in the meantime.",
        "A friend of mine had the same trouble.",
        "If this goes on I will move my salary to another bank.",
        "It never happened before.",
    ],
    demands: [
        &["No rush, whenever you have time.", "Maybe something to improve.", "Just so you know."],
        &[
            "Please get back to me within {days} days.",
            "I would like an answer soon.",
            "Please have someone follow up.",
        ],
        &["Fix this today!", "I need the money right now.", "Please freeze my account immediately!"],
    ],
    closings: [
        &["Waiting for your reply.", "Otherwise I will go to the regulator.", "No more excuses please."],
        &["Thanks.", "Thank you in advance!", "Best regards."],
    ],
    slots,
    joint: " ",
};

fn bodies(cause: Cause, complaint: bool) -> &'static [&'static str] {
    match (cause, complaint) {
        (Cause::FeeCharged, true) => &[
            "You took {small} yuan as a fee and never told me.",
            "I never signed up for SMS alerts, yet {small} yuan is gone every month.",
            "The card was supposed to be free, now there is a {small} yuan charge.",
        ],
        (Cause::FeeCharged, false) => {
            &["What is the {small} yuan fee on my statement?", "How do I switch off the paid SMS alerts?"]
        }
        (Cause::PaymentDeclined, true) => &[
            "My card was declined at the {shop} although there was enough money on it.",
            "The direct debit for my {bill} failed and now I owe a late fee.",
        ],
        (Cause::PaymentDeclined, false) => {
            &["Why was my payment at the {shop} refused?", "How can I raise my daily limit?"]
        }
        (Cause::ReleaseBroke, _) => &[
            "Since the update the application stops at the ID upload, I tried {times} times.",
            "The new app version throws an error when I take a photo of my ID.",
            "After updating, identity verification just spins until it times out.",
        ],
        (Cause::FraudSuffered, _) => &[
            "Somebody transferred {big} yuan out of my account and it was not me!",
            "I got messages about card payments I never made.",
            "My password was reset in the night and {big} yuan is missing.",
        ],
        (Cause::LoanRefused, true) => &[
            "My loan was refused without a reason, my record is spotless.",
            "I sent every paper you asked for and got a standard rejection. Is it because I am not registered here?",
        ],
        (Cause::LoanRefused, false) => {
            &["My loan was not approved, when may I apply again?", "Does a rejection hurt my credit record?"]
        }
        (Cause::AppCrashed, _) => &[
            "The app crashes whenever I open my transactions.",
            "The transfer button does nothing and I do not know if the money left.",
            "Login hangs every {part}.",
        ],
        (Cause::BranchQueue, _) => &[
            "I waited {minutes} minutes at the branch with two counters open.",
            "My parents had to come {times} times because nobody told them which papers to bring.",
        ],
        (Cause::CallPressure, _) => &[
            "I got {times} sales calls this week about {product}.",
            "I unsubscribed and still receive texts about {product}.",
        ],
        (Cause::RateChange, true) => {
            &["You cut the deposit rate without telling loyal customers.", "Your rates are far below the others."]
        }
        (Cause::RateChange, false) => {
            &["What is the rate for a one year deposit now?", "Does the new rate apply to my old deposit?"]
        }
        (Cause::Need, _) => &[
            "I am interested in {product}, what are the terms?",
            "How risky is {product} and what does it return?",
            "We are expecting a baby, do you have {product}?",
        ],
        (Cause::Question, _) => &[
            "How do I change my phone number?",
            "Is the branch open on Saturdays?",
            "Where can I get a statement for last year?",
            "I do not receive the verification code.",
        ],
        (Cause::Pleased, _) => &[
            "The staff solved my problem in one visit.",
            "Transfers in the app are really quick now.",
            "Support refunded the wrong fee within a day.",
        ],
    }
}

pub(super) const REMARKS: [&[&str]; 3] = [
    &["too many fees", "support is slow", "the app keeps freezing", "rates are poor", "too many sales calls"],
    &["it is ok", "average", "more branches please", "nothing special"],
    &["great service", "easy app", "friendly staff", "I trust this bank", "fast"],
];

fn slots(slot: &str, stream: &mut Stream) -> String {
    let word = |stream: &mut Stream, words: &[&'static str]| stream.pick(words).to_owned();
    match slot {
        "small" => word(stream, &["2", "3", "5", "10", "15", "25"]),
        "big" => (stream.log_normal(8000.0, 0.9) as u32 / 100 * 100 + 300).to_string(),
        "times" => word(stream, &["three", "four", "five", "3", "4", "6"]),
        "minutes" => (20 + stream.below(100)).to_string(),
        "days" => word(stream, &["two", "three", "five"]),
        "part" => word(stream, &["morning", "afternoon", "evening", "weekend"]),
        "shop" => word(stream, &["supermarket", "petrol station", "pharmacy", "restaurant", "hotel"]),
        "bill" => word(stream, &["electricity", "water", "phone", "mortgage", "insurance"]),
        "product" => word(
            stream,
            &["a money market fund", "a credit card", "term deposits", "a personal loan", "health insurance"],
        ),
        _ => String::new(),
    }
}
