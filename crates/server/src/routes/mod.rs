//! What each route does. One file a chapter of the API.

mod customers;
mod data;
mod definitions;
mod explore;
mod files;
mod governance;
mod home;
mod jobs;
mod journeys;
mod models;
mod oidc;
mod passkeys;
mod segments;
mod session;
mod sql;
mod users;

use axum::routing::{MethodFilter, MethodRouter};

use crate::{handle::at, state::Shared};

/// What is mounted under an endpoint's id.
pub(crate) fn handler(id: &str, method: MethodFilter) -> Option<MethodRouter<Shared>> {
    Some(match id {
        "signIn" => at(method, session::sign_in),
        "signOut" => at(method, session::sign_out),
        "signOutEverywhere" => at(method, session::sign_out_everywhere),
        "me" => at(method, session::me),
        "changePassword" => at(method, session::change_password),
        "beginSecondFactor" => at(method, session::begin_second_factor),
        "confirmSecondFactor" => at(method, session::confirm_second_factor),
        "removeSecondFactor" => at(method, session::remove_second_factor),
        "waysIn" => at(method, oidc::ways),
        "beginOidc" => at(method, oidc::begin),
        "finishOidc" => at(method, oidc::finish),
        "passkeyChallenge" => at(method, passkeys::challenge),
        "signInWithPasskey" => at(method, passkeys::sign_in),
        "passkeys" => at(method, passkeys::list),
        "beginPasskey" => at(method, passkeys::begin),
        "addPasskey" => at(method, passkeys::add),
        "renamePasskey" => at(method, passkeys::rename),
        "removePasskey" => at(method, passkeys::remove),
        "users" => at(method, users::users),
        "addUser" => at(method, users::add),
        "changeUser" => at(method, users::change),
        "resetPassword" => at(method, users::reset_password),
        "keys" => at(method, users::keys),
        "addKey" => at(method, users::add_key),
        "revokeKey" => at(method, users::revoke_key),
        "home" => at(method, home::home),
        "searchCustomers" => at(method, customers::search),
        "customer" => at(method, customers::customer),
        "timeline" => at(method, customers::timeline),
        "unmask" => at(method, customers::unmask),
        "person" => at(method, customers::person),
        "undoIdentity" => at(method, customers::undo),
        "explainScore" => at(method, customers::explain),
        "offersNow" => at(method, customers::offers),
        "segments" => at(method, segments::list),
        "segment" => at(method, segments::one),
        "previewSegment" => at(method, segments::preview),
        "members" => at(method, segments::members),
        "exportSegment" => at(method, segments::export),
        "journeys" => at(method, journeys::list),
        "askJourney" => at(method, journeys::ask),
        "behindJourney" => at(method, journeys::behind),
        "explore" => at(method, explore::ask),
        "behindGroup" => at(method, explore::behind),
        "exportShelves" => at(method, explore::export),
        "dashboards" => at(method, explore::dashboards),
        "dashboard" => at(method, explore::dashboard),
        "writeDashboard" => at(method, explore::write_dashboard),
        "removeDashboard" => at(method, explore::remove_dashboard),
        "sql" => at(method, sql::ask),
        "exportSql" => at(method, sql::export),
        "sqlLineage" => at(method, sql::lineage),
        "catalogue" => at(method, sql::catalogue),
        "values" => at(method, sql::values),
        "sources" => at(method, data::sources),
        "loads" => at(method, data::loads),
        "quality" => at(method, data::quality),
        "quarantine" => at(method, data::quarantine),
        "quarantinedRecords" => at(method, data::quarantined_records),
        "lineage" => at(method, data::lineage),
        "collecting" => at(method, data::collecting),
        "models" => at(method, models::list),
        "model" => at(method, models::one),
        "modelCard" => at(method, models::card),
        "actOnModel" => at(method, models::act),
        "offers" => at(method, models::offers),
        "audit" => at(method, governance::audit),
        "verifyAudit" => at(method, governance::verify),
        "consent" => at(method, governance::consent),
        "policies" => at(method, governance::policies),
        "jobs" => at(method, jobs::list),
        "beginJob" => at(method, jobs::begin),
        "job" => at(method, jobs::one),
        "cancelJob" => at(method, jobs::cancel),
        "jobEvents" => at(method, jobs::events),
        "definitions" => at(method, definitions::list),
        "writeDefinition" => at(method, definitions::write),
        _ => return None,
    })
}
