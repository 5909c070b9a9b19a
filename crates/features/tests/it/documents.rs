//! The definitions that the documents show hold up.

use florin_domain::Catalogue;
use florin_features::{SegmentFile, Segments, TraitFile, Traits};

const PAGE: &str = include_str!("../../../../docs/concepts/traits-and-segments.md");

/// What the page's definitions name and leave to the reader.
const OTHER_TRAITS: [(&str, &str); 4] =
    [("age_band", "text"), ("region", "text"), ("income", "decimal"), ("logins_30d", "int")];
const OTHER_SEGMENT: &str = "[[segment]]\nname = \"complainers\"\nmeaning = { zh = \"投诉客户\", en = \"complained\" }\n\
                             purposes = [\"marketing\"]\nwhere = { did = \"complaint\" }\n";

fn blocks() -> Vec<&'static str> {
    PAGE.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_examples_of_the_page_compile_together() {
    let [traits, segments] = blocks()[..] else { panic!("two examples") };
    let other = OTHER_TRAITS.map(|(name, ty)| {
        format!(
            "[[trait]]\nname = \"{name}\"\nmeaning = {{ zh = \"其他\", en = \"another\" }}\ntype = \"{ty}\"\nunit = \"1\"\nclass = \"C2\"\n\
             purposes = [\"service\", \"analytics\", \"marketing\"]\nsql = \"SELECT customer_id, 1 AS value FROM customer\"\n"
        )
    });
    let read = |name: &str, text: &str| (name.to_owned(), TraitFile::parse(name, text).expect("readable"));
    let files = [read("page", traits), read("others", &other.concat())];
    let traits =
        Traits::compile(&files, &Catalogue::new(vec![]).expect("no own tables")).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(traits.len(), 6);
    assert!(traits.get("balance_30d").is_some_and(|t| t.reads_time && t.traits.contains("age_band")));
    let read = |name: &str, text: &str| (name.to_owned(), SegmentFile::parse(name, text).expect("readable"));
    let files = [read("page", segments), read("others", OTHER_SEGMENT)];
    let segments = Segments::compile(&files, &traits).unwrap_or_else(|e| panic!("{e}"));
    let order: Vec<&str> = segments.in_order().map(|s| s.name.as_str()).collect();
    assert_eq!(order, ["complainers", "styles", "quiet_savers"]);
}
