//! `florin models compare`: a challenger beside the champion, on what has happened since and in what both say of customers now.

use std::collections::HashMap;

use arrow::{array::AsArray as _, datatypes::Float64Type};
use florin_domain::{EventTime, Purpose};
use florin_measurement::{Interval, Level, compare_auc};
use florin_models::definition::Task;
use florin_store::ModelState;
use serde::Serialize;

use super::{
    defined,
    evaluate::{AskedOf, Evaluated, Rated, evaluated},
    gather::{each, ids},
    kept::kept_of,
    purpose::purpose_of,
    registry::{pick, versions},
    wrong,
};
use crate::{FlowError, House, bank::Seat, load::Progress};

/// The share of customers that is looked at from the top.
const TOP: f64 = 0.1;

/// Two versions beside each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// Of which model.
    pub name: String,
    /// The champion, on rows whose outcome is known.
    pub champion: Evaluated,
    /// The challenger, on the same rows.
    pub challenger: Evaluated,
    /// The challenger's AUC less the champion's, on those rows; of models of chances.
    pub auc_above: Option<Interval>,
    /// What both say of customers now; nothing until both have scored.
    pub now: Option<BothSay>,
}

/// What two versions say of the same customers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BothSay {
    /// Customers that both scored.
    pub customers: usize,
    /// The champion's mean score.
    pub champion_mean: f64,
    /// The challenger's.
    pub challenger_mean: f64,
    /// Of the tenth that the champion puts first, the share that the challenger puts among its first tenth.
    pub top_shared: f64,
}

/// Compares the newest challenger (or a version that is named) with the champion, at dates (the latest whose outcome is known, when none is named), and in the scores
/// that `florin run` keeps of both.
///
/// # Errors
/// When there is no champion or no challenger, or as [`super::evaluate()`].
pub async fn compare(
    house: &House,
    name: &str,
    version: Option<u32>,
    at: &[String],
    (known_by, purpose): (Option<EventTime>, Option<Purpose>),
    progress: &dyn Progress,
) -> Result<Compared, FlowError> {
    let def = defined(house, name)?;
    if def.learner.task() == Task::Series {
        return Err(wrong(name, "a series is forecast in one way from all that is known: it has no challenger"));
    }
    let versions = versions(house, name).await?;
    let champion = pick(name, &versions, None, &[ModelState::Champion])?;
    let challenger = pick(name, &versions, version, &[ModelState::Challenger])?;
    if challenger.version == champion.version {
        return Err(wrong(name, format!("version {} is the champion; compare it with another", champion.version)));
    }
    let asked = AskedOf { at, known_by, purpose };
    let (of_champion, own) = evaluated(house, champion, &asked, progress).await?;
    let (of_challenger, theirs) = evaluated(house, challenger, &asked, progress).await?;
    let auc_above = match (def.learner.task(), own, theirs) {
        (Task::Chance, Some(own), Some(theirs)) => above(&own, &theirs)?,
        _ => None,
    };
    let now = match def.learner.task() {
        // What is said of a text is a label: nothing to rank.
        Task::Text => None,
        _ => now(house, name, (champion.version, challenger.version), purpose_of(house, def, purpose)?).await?,
    };
    Ok(Compared { name: name.to_owned(), champion: of_champion, challenger: of_challenger, auc_above, now })
}

/// The challenger's AUC less the champion's; nothing where both outcomes are not there.
fn above(champion: &Rated, challenger: &Rated) -> Result<Option<Interval>, FlowError> {
    let happened: Vec<bool> = champion.1.iter().map(|label| *label == Some(1.0)).collect();
    if !(happened.contains(&true) && happened.contains(&false)) {
        return Ok(None);
    }
    Ok(Some(compare_auc(&challenger.0, &champion.0, &happened, Level::USUAL)?.difference))
}

/// What is kept of both, as the user may see it.
async fn now(
    house: &House,
    name: &str,
    (champion, challenger): (u32, u32),
    purpose: Purpose,
) -> Result<Option<BothSay>, FlowError> {
    for (seat, version) in [(Seat::Champion, champion), (Seat::Challenger, challenger)] {
        if kept_of(house, name, seat).await?.is_none_or(|kept| kept.version != version) {
            return Ok(None);
        }
    }
    let asking = house.asking(purpose, None).await?;
    if Seat::ALL.iter().any(|seat| asking.grant().table(&seat.table(name)).is_none()) {
        return Ok(None);
    }
    let mut of_seats: Vec<HashMap<i64, f64>> = Vec::new();
    for seat in Seat::ALL {
        let table = seat.table(name).replace('.', ".\"");
        let mut found = HashMap::new();
        each(asking.sql(&format!("select customer_id, score from {table}\"")).await?, |batch| {
            let scores = batch.column(1).as_primitive::<Float64Type>();
            let both = ids(batch, "a table of scores")?.into_iter().zip(scores.iter());
            found.extend(both.filter_map(|(id, score)| Some((id?, score?))));
            Ok(())
        })
        .await?;
        of_seats.push(found);
    }
    let [own, theirs] = &of_seats[..] else { return Ok(None) };
    let mut both: Vec<(i64, f64, f64)> =
        own.iter().filter_map(|(id, score)| Some((*id, *score, *theirs.get(id)?))).collect();
    both.sort_unstable_by_key(|(id, ..)| *id);
    Ok(both_say(&both))
}

fn both_say(both: &[(i64, f64, f64)]) -> Option<BothSay> {
    if both.is_empty() {
        return None;
    }
    let wanted = ((both.len() as f64 * TOP).ceil() as usize).max(1);
    let first = |of: &dyn Fn(&(i64, f64, f64)) -> f64| {
        let mut order: Vec<&(i64, f64, f64)> = both.iter().collect();
        order.sort_by(|a, b| of(b).total_cmp(&of(a)).then(a.0.cmp(&b.0)));
        order.into_iter().take(wanted).map(|row| row.0).collect::<std::collections::BTreeSet<i64>>()
    };
    let (own, theirs) = (first(&|row| row.1), first(&|row| row.2));
    let mean = |of: &dyn Fn(&(i64, f64, f64)) -> f64| both.iter().map(of).sum::<f64>() / both.len() as f64;
    Some(BothSay {
        customers: both.len(),
        champion_mean: mean(&|row| row.1),
        challenger_mean: mean(&|row| row.2),
        top_shared: own.intersection(&theirs).count() as f64 / wanted as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_put_first_is_counted() {
        let rows: Vec<(i64, f64, f64)> =
            (0..20).map(|id| (id, id as f64, if id == 19 { -1.0 } else { id as f64 })).collect();
        let found = both_say(&rows).map(|said| (said.customers, said.top_shared));
        assert_eq!(found, Some((20, 0.5)), "of 19 and 18 the challenger puts 18 first too");
        assert_eq!(both_say(&[]), None);
    }
}
