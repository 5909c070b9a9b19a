//! The bank directory that goes with the exports. Its files are those of `examples/made-up-bank`, so that they can be read without running anything.

use std::{fs, path::Path};

use crate::{Settings, SimulationError};

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        [$(($path, include_str!(concat!("../../../examples/made-up-bank/", $path)))),*]
    };
}

/// Path and content of each file.
const FILES: [(&str, &str); 59] = files![
    "florin.toml",
    "README.md",
    "journeys/after_form.toml",
    "journeys/apply.toml",
    "journeys/back_weekly.toml",
    "journeys/transfer.toml",
    "journeys/visits.toml",
    "models/churn.toml",
    "models/credit_refusal.toml",
    "models/departure.toml",
    "models/loan_default.toml",
    "models/message_kind.toml",
    "models/offer_effect.toml",
    "models/spending_daily.toml",
    "models/takes_balanced_fund.toml",
    "models/takes_credit_card.toml",
    "models/takes_deposit.toml",
    "models/takes_insurance.toml",
    "models/takes_money_fund.toml",
    "models/takes_personal_loan.toml",
    "models/unlike_others.toml",
    "offers/balanced_fund.toml",
    "offers/credit_card.toml",
    "offers/deposit.toml",
    "offers/insurance.toml",
    "offers/money_fund.toml",
    "offers/personal_loan.toml",
    "offers/rules.toml",
    "segments/behaviour.toml",
    "segments/profiles.toml",
    "sources/app_event.toml",
    "sources/app_user.toml",
    "sources/cards_holder.toml",
    "sources/cards_payment.toml",
    "sources/consent.toml",
    "sources/contact_caller.toml",
    "sources/contact_interaction.toml",
    "sources/core_account.toml",
    "sources/core_application.toml",
    "sources/core_assessment.toml",
    "sources/core_closure.toml",
    "sources/core_co_holder.toml",
    "sources/core_customer.toml",
    "sources/core_loan.toml",
    "sources/core_product.toml",
    "sources/core_repayment.toml",
    "sources/core_transaction.toml",
    "sources/crm_contact.toml",
    "sources/crm_private.toml",
    "sources/marketing_campaign.toml",
    "sources/marketing_contact.toml",
    "sources/marketing_response.toml",
    "sources/social_post.toml",
    "sources/survey.toml",
    "tables/assessment.toml",
    "tables/campaign.toml",
    "tables/loan_application.toml",
    "tables/loan_repayment.toml",
    "tables/resolution.toml",
];

/// The traits that `florin init` writes too.
const LIBRARY: &[(&str, &str)] = &include!("../../features/library/files.rs");

/// The policies that `florin init` writes.
const POLICIES: &str = include_str!("../../governance/default.cedar");
const IGNORED: &str = "# What Florin makes: the lake, the store, keys. Keys must never be checked in.\n.florin/\n";

/// Writes the bank directory into `out`.
pub(crate) fn write(settings: &Settings, out: &Path) -> Result<(), SimulationError> {
    for (path, text) in FILES.iter().chain(LIBRARY) {
        put(out, path, text)?;
    }
    put(out, "policies/default.cedar", POLICIES)?;
    put(out, ".gitignore", IGNORED)?;
    put(out, "truth/settings.json", &as_json(settings))
}

fn put(out: &Path, path: &str, text: &str) -> Result<(), SimulationError> {
    let path = out.join(path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(SimulationError::file("make", folder))?;
    }
    fs::write(&path, text).map_err(SimulationError::file("write", &path))
}

/// What the bank was made with; threads and memory are no part of it.
fn as_json(settings: &Settings) -> String {
    let Settings { customers, seed, months, activity, frauds, dirt, workers: _, records_in_memory: _ } = settings;
    let json = serde_json::json!({ "customers": customers, "seed": seed, "months": months, "activity": activity, "frauds": frauds, "dirt": dirt });
    format!("{json:#}\n")
}
