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
         [[map.check]]\nsql = \"coalesce(region, '') <> 'nowhere'\"\nmessage = \"a region is needed\"\n",
    );
    bank.write("data/a_people.csv", "id,region,place,job\n1,north,,baker\n2,,south,\n3,,,\n");
    let report = bank.ingest().await;
    assert_eq!((report.total().stored, report.total().quarantined), (2, 1));
    let house = bank.open("owner").await;
    let sql = "select customer_id, region, occupation from customer order by 1";
    let rows = ask_house(&house, Purpose::Risk, None, sql).await.unwrap();
    assert_eq!(rows, ["1|north|baker", "2|south|∅"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_of_every_type_have_a_quality() {
    let bank = TestBank::new();
    let columns = ["int", "decimal", "float", "text", "bool", "date", "timestamp"];
    let defs: Vec<String> =
        columns.iter().map(|ty| format!("    {{ name = \"a_{ty}\", type = \"{ty}\", class = \"C1\" }},\n")).collect();
    bank.write(
        "tables/kinds.toml",
        format!(
            "name = \"kinds\"\nabout = \"a column of each type\"\nkey = [\"a_int\"]\ncolumns = [\n{}]\n",
            defs.concat()
        ),
    );
    let given: Vec<String> = columns.iter().map(|ty| format!("a_{ty} \"{ty}\"")).collect();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let select: Vec<String> = columns.iter().map(|ty| format!("x.a_{ty} as a_{ty}")).collect();
    let map = format!("[[map]]\ninto = \"kinds\"\nselect = \"select {} from kinds x\"\n", select.join(", "));
    bank.source("kinds", &given, &map);
    bank.write(
        "data/kinds.csv",
        "a_int,a_decimal,a_float,a_text,a_bool,a_date,a_timestamp\n1,1.5,0.25,one,true,2024-01-31,2024-01-31T12:00:00Z\n2,2.5,0.5,two,false,,\n",
    );
    assert_eq!(bank.ingest().await.total().stored, 2);
    let house = bank.open("owner").await;
    let tables = florin_pipelines::quality::quality(&house, &["kinds".to_owned()]).await.unwrap();
    let distinct: Vec<u64> = tables[0].columns.iter().map(|c| c.distinct).collect();
    assert_eq!(distinct, [2, 2, 2, 2, 2, 1, 1]);
}
