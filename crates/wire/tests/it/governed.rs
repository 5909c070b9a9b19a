//! Over the wire as by the command line.

use florin_domain::{Purpose, Role};

use crate::{bank::TestBank, wire::Client};

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_and_asks() {
    let bank = TestBank::new().await;
    let key = bank.key("ana", &[Role::Analyst]).await;
    let served = bank.serve(florin_wire::SqlSettings::default()).await.unwrap();
    let mut client = Client::enter(served.port, &key, &[("database", "analytics")]).await.unwrap();
    let came = client.ask("select count(*), sum(limit_amount), count(number) from card").await;
    assert_eq!((came.rows.as_slice(), came.error), (["4|1202.1200".to_owned() + "|0"].as_slice(), None));
    let _ = Purpose::Analytics;
    served.end().await;
}
