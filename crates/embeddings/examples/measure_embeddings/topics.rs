//! Topics without labels, by what texts mean, beside the intents that people gave them.

use std::time::Instant;

use florin_text::{
    Meanings, StopWords, Topics,
    evaluate::{adjusted_rand, mutual_information},
    topics::TopicSettings,
};

use crate::{Asked, Outcome, intents};

pub(crate) fn measure(asked: &Asked) -> Outcome<()> {
    let intents = intents::read(asked)?;
    let (vectors, dimensions, _) = intents::vectors(asked, &intents.texts)?;
    let halves = asked.option("--halves", 0)?;
    let settings = TopicSettings { starts: 2, halves, ..TopicSettings::of(intents.classes) };
    let start = Instant::now();
    let meanings = Meanings::new(&vectors, dimensions)?;
    let found = Topics::find_with(&intents.texts, meanings, None, StopWords::both(), &settings)?;
    let seconds = start.elapsed().as_secs_f64();
    let of: Vec<usize> = found.of_text.iter().map(|of| of.unwrap_or(intents.classes)).collect();
    println!(
        "{{\"name\":\"topics\",\"topics\":{},\"adjusted_rand\":{:.3},\"mutual_information\":{:.3},\"seconds\":{seconds:.1}}}",
        intents.classes,
        adjusted_rand(&of, &intents.truth),
        mutual_information(&of, &intents.truth)
    );
    for (at, topic) in found.topics.iter().enumerate().take(5) {
        eprintln!("   {at} ({}): {}", topic.size, topic.words.join(" · "));
    }
    Ok(())
}
