//! Who declined personalisation: nothing personal of them moves their ranking, from the files of the bank to the list.

use florin_domain::{CustomerId, Purpose};
use florin_pipelines::offers::{ForOne, recommend_to};

use super::made::{at, of, recommended, scored, with_offers};
use crate::{
    models::made::{more, withdrawn},
    support::ask_house,
};

/// Who declined, and who did not. Neither holds anything, and no veto looks at what they pay.
const DECLINED: usize = 7;
const AGREED: usize = 8;

struct Told {
    declined: ForOne,
    agreed: ForOne,
    kept: Vec<String>,
    scores: Vec<String>,
}

/// The bank, with as many more payments of both.
async fn told(payments: usize) -> Told {
    let bank = with_offers();
    withdrawn(&bank, Purpose::Analytics, &[DECLINED]);
    let lines: Vec<_> = [DECLINED, AGREED]
        .into_iter()
        .flat_map(|who| (0..payments).map(move |n| (900_000 + who * 1000 + n, who, "paid", "2025-10-30", "2025-10-30")))
        .collect();
    more(&bank, "extra", &lines);
    let house = scored(&bank).await;
    let made = recommended(&house).await;
    assert_eq!(of(&made, Purpose::Marketing).declined, 1);
    let one = async |who: usize| {
        let who = CustomerId(u32::try_from(who).unwrap());
        recommend_to(&house, who, Purpose::Marketing, Some(at()), 3).await.unwrap()
    };
    let kept = format!("select * from recommendations.marketing where customer_id = {DECLINED}");
    let kept = kept.replace('*', "place, offer, score, personalised, reasons");
    let scores = format!("select customer_id, score from scores.leaving where customer_id in ({DECLINED}, {AGREED})");
    Told {
        declined: one(DECLINED).await,
        agreed: one(AGREED).await,
        kept: ask_house(&house, Purpose::Marketing, None, &kept).await.unwrap(),
        scores: ask_house(&house, Purpose::Marketing, None, &scores).await.unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_they_do_changes_their_scores_and_never_their_ranking() {
    let (before, after) = (told(0).await, told(40).await);
    assert_eq!(before.scores.len(), 2, "marketing may see both");
    assert!(before.scores.iter().zip(&after.scores).all(|(a, b)| a != b), "{:?} {:?}", before.scores, after.scores);
    assert!(!before.declined.ranking.personalised && before.agreed.ranking.personalised);
    assert_eq!(before.declined.ranking.offers.len(), 3);
    let bytes = |told: &ForOne| told.ranking.to_bytes().unwrap();
    assert_eq!(bytes(&before.declined), bytes(&after.declined));
    assert_eq!(before.kept, after.kept);
    assert_ne!(bytes(&before.agreed), bytes(&after.agreed), "or nothing was looked at");
    let last = &before.declined.ranking.offers[0].reasons;
    assert!(last.iter().any(|reason| reason.words.en.contains("uses nothing personal")), "{last:?}");
}
