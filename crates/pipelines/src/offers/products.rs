//! What there is to offer: offers beside the products that the bank sells.

use std::collections::BTreeMap;

use arrow::array::Array as _;
use florin_decisions::{offers::Offers, suitability::RiskLevel};
use florin_domain::Purpose;
use florin_governance::{Action, Resource, permit};
use florin_lake::Session;

use super::table::{column, flags, texts};
use crate::{
    FlowError, House,
    bank::{Problem, Problems},
    models::each,
};

/// Products, with the risk level of those that have one, and whether they are sold.
#[derive(Default)]
struct Products {
    risks: BTreeMap<String, Option<RiskLevel>>,
    not_sold: Vec<String>,
}

/// The offers, checked with the products of the session.
pub(super) async fn offers_now(house: &House, session: &Session) -> Result<Offers, FlowError> {
    let products = products(house, session).await?;
    let offers = house.bank.offers_of(products.risks)?;
    let gone: Vec<Problem> = offers
        .all()
        .iter()
        .filter(|offer| products.not_sold.contains(&offer.product))
        .map(|offer| {
            let message = format!("product `{}` is no longer sold", offer.product);
            house.bank.wrong_product(&offer.name, message, "take the offer away")
        })
        .collect();
    if gone.is_empty() { Ok(offers) } else { Err(Problems::new(gone).into()) }
}

/// For `florin apply`: what offers say of products, where these are loaded; else, why that was not checked.
pub(crate) async fn checked(house: &House) -> Result<Option<String>, FlowError> {
    let bank = &house.bank;
    if bank.offers.all().is_empty() {
        return Ok(None);
    }
    let may = permit(&bank.policies, &house.who, Purpose::Service, Action::Profile, Resource::Bank, house.now());
    if may.is_err() {
        let who = &house.who.user;
        return Ok(Some(format!("`{who}` may not look at products: what offers say of them is not checked")));
    }
    let profiling = house.profiling(Purpose::Service, house.now()).await?;
    if products(house, profiling.session()).await?.risks.is_empty() {
        return Ok(Some("no product is loaded: what offers say of them is not checked".to_owned()));
    }
    offers_now(house, profiling.session()).await.map(|_| None)
}

async fn products(house: &House, session: &Session) -> Result<Products, FlowError> {
    let what = "the query for products";
    let mut found = Products::default();
    each(session.sql(&house.bank.offers.rules().facts.products).await?, |batch| {
        let names = texts(column(batch, "product", what)?)?;
        let risks = texts(column(batch, "risk_level", what)?)?;
        let active = batch.column_by_name("active").map(flags).transpose()?;
        for row in (0..batch.num_rows()).filter(|row| names.is_valid(*row)) {
            let (name, written) = (names.value(row), risks.is_valid(row).then(|| risks.value(row)));
            let risk = RiskLevel::ALL.into_iter().find(|risk| Some(risk.name()) == written);
            if let (Some(written), None) = (written, risk) {
                let message = format!("{what} gives the risk level `{written}` of `{name}`; it is R1 to R5");
                return Err(FlowError::Offer(message));
            }
            found.risks.insert(name.to_owned(), risk);
            if active.as_ref().is_some_and(|active| active.is_valid(row) && !active.value(row)) {
                found.not_sold.push(name.to_owned());
            }
        }
        Ok(())
    })
    .await?;
    Ok(found)
}
