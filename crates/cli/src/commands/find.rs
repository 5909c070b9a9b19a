//! `florin identity find`.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead as _, BufReader},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use florin_pipelines::{
    House,
    resolve::{Candidate, Finder},
};
use serde_json::json;

use super::identity::steps;
use crate::{args::Global, progress::Bars, show};

type Values = Vec<(String, String)>;

pub(crate) async fn run(global: &Global, house: &House, values: &[String], file: Option<&Path>) -> anyhow::Result<()> {
    if values.is_empty() && file.is_none() {
        bail!("say what is known of them, such as `name=王芳 phone=13800138000`, or `--file` of JSON lines");
    }
    let typed = values.iter().map(|value| named(value)).collect::<anyhow::Result<Values>>()?;
    let mut asked: Vec<Values> = Vec::new();
    asked.extend((!typed.is_empty()).then_some(typed));
    asked.extend(file.map(lines).transpose()?.unwrap_or_default());
    let finder = Finder::open(house, &Bars::default()).await?;
    let mut took = Vec::new();
    for values in asked {
        let start = Instant::now();
        let found = finder.find(&values).await?;
        took.push(start.elapsed());
        print(global, &found)?;
    }
    if !global.json {
        show::line(times(&mut took, finder.customers()))?;
    }
    Ok(())
}

/// `phone=13800138000`.
fn named(value: &str) -> anyhow::Result<(String, String)> {
    let (kind, value) = value.split_once('=').with_context(|| format!("`{value}` is not of the form `name=value`"))?;
    Ok((kind.trim().to_owned(), value.trim().to_owned()))
}

fn lines(path: &Path) -> anyhow::Result<Vec<Values>> {
    let file = File::open(path).with_context(|| format!("could not read `{}`", path.display()))?;
    let line = |(number, line): (usize, std::io::Result<String>)| {
        let wrong = || format!("line {} of `{}` is not a JSON object of texts", number + 1, path.display());
        let values: BTreeMap<String, String> = serde_json::from_str(&line?).with_context(wrong)?;
        Ok(values.into_iter().collect())
    };
    BufReader::new(file).lines().enumerate().map(line).collect()
}

fn print(global: &Global, found: &[Candidate]) -> anyhow::Result<()> {
    if global.json {
        return show::json(&json!({ "found": found }));
    }
    if found.is_empty() {
        show::line("nobody whom Florin knows is that probable")?;
    }
    for (place, candidate) in found.iter().enumerate() {
        let Candidate { person, customer, system, probability, because } = candidate;
        show::line(format!("person {person} (customer {customer} of {system}): probability {probability:.6}"))?;
        if let Some(waterfall) = because.as_ref().filter(|_| place == 0) {
            show::line(steps(waterfall))?;
        }
    }
    Ok(())
}

/// How long it took, without reading the customers.
fn times(took: &mut [Duration], customers: usize) -> String {
    took.sort_unstable();
    let at = |share: usize| took.get((took.len() * share / 100).min(took.len().saturating_sub(1)));
    let millis = |share: usize| at(share).map_or(0.0, |t| t.as_secs_f64() * 1000.0);
    match took.len() {
        1 => format!("compared with {customers} customers in {:.1} ms", millis(50)),
        n => format!(
            "{n} records among {customers} customers: {:.1} ms each, 99 in 100 within {:.1} ms",
            millis(50),
            millis(99)
        ),
    }
}
