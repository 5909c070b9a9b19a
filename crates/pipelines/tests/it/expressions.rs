//! What a mapping may compute: what a question may, record by record.

use florin_domain::Purpose;

use crate::support::{TestBank, ask_house};

#[tokio::test(flavor = "multi_thread")]
async fn functions_that_only_the_optimizer_knows_work_in_mappings_and_checks() {
    let bank = TestBank::new();
    bank.source(
        "a_people",
        &["id \"int\"", "region \"text\"", "place \"text\"", "job \"text\""],
        "[[map]]\ninto = \"customer\"\nselect = \"select coalesce(customer_id('core', x.id), 0) as customer_id, 'person' \
         as kind, coalesce(x.region, x.place, 'nowhere') as region, nullif(nvl(x.job, 'none'), 'none') as occupation, \
         timestamp '2024-01-01' as valid_from, timestamp '2024-01-01' as known_at from a_people x\"\n\
         [[map.check]]\nsql = \"coalesce(region, '') <> 'nowhere'\"\nreason = \"a region is needed\"\n",
    );
    bank.write("data/a_people.csv", "id,region,place,job\n1,north,,baker\n2,,south,\n3,,,\n");
    let report = bank.ingest().await;
    assert_eq!((report.total().stored, report.total().quarantined), (2, 1));
    let house = bank.open("owner").await;
    let sql = "select customer_id, region, occupation from customer order by 1";
    let rows = ask_house(&house, Purpose::Risk, None, sql).await.unwrap();
    assert_eq!(rows, ["1|north|baker", "2|south|"]);
}
