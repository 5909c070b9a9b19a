//! `florin trait`: what traits there are, what they rest on, and their values at past dates.

use std::{fs::File, io::BufWriter, path::Path, process::ExitCode};

use anyhow::{Context as _, bail};
use arrow::array::RecordBatch;
use florin_domain::EventTime;
use florin_features::Trait;
use florin_pipelines::{
    FlowError, House,
    traits::{Lineage, TraitState, lineage, states, training},
};
use parquet::arrow::ArrowWriter;
use serde_json::{Value, json};

use crate::{
    args::{Global, TrainingArgs, TraitCommand},
    show,
    surroundings::open,
};

pub(crate) async fn run(global: &Global, command: &TraitCommand) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    match command {
        TraitCommand::List => list(global, &house).await?,
        TraitCommand::Show { name } => one(global, &house, name).await?,
        TraitCommand::Training(args) => export(&house, args).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(global: &Global, house: &House) -> anyhow::Result<()> {
    let states = states(house, super::run::as_of(house, None)?).await?;
    if global.json {
        let all: Vec<Value> =
            states.iter().filter_map(|s| Some(json_of(house.bank().traits.get(&s.name)?, s))).collect();
        return show::json(&all);
    }
    let mut table = show::table(&["trait", "what it says", "type", "class", "for", "as of", "stale because"]);
    for state in &states {
        let Some(of) = house.bank().traits.get(&state.name) else { continue };
        let kept = state.kept.as_ref().map(|kept| time(kept.run.as_of)).unwrap_or_default();
        table.add_row([
            of.name.clone(),
            format!("{}\n{}", of.meaning.en, of.meaning.zh),
            type_of(of),
            of.class.to_string(),
            purposes(of),
            kept,
            super::run::words(state),
        ]);
    }
    show::line(table)?;
    Ok(())
}

fn type_of(of: &Trait) -> String {
    match &of.unit {
        Some(unit) => format!("{} ({unit})", of.ty.name()),
        None => of.ty.name().to_owned(),
    }
}

fn purposes(of: &Trait) -> String {
    of.purposes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn time(at: EventTime) -> String {
    jiff::Timestamp::from_microsecond(at.micros())
        .map(|at| at.strftime("%Y-%m-%d %H:%M").to_string())
        .unwrap_or_default()
}

fn json_of(of: &Trait, state: &TraitState) -> Value {
    json!({
        "name": of.name, "meaning": of.meaning, "type": of.ty.name(), "unit": of.unit, "class": of.class,
        "purposes": of.purposes, "file": of.file, "sql": of.sql, "kept": state.kept, "stale": state.stale,
    })
}

async fn one(global: &Global, house: &House, name: &str) -> anyhow::Result<()> {
    let rests_on = lineage(house, name)?;
    let states = states(house, super::run::as_of(house, None)?).await?;
    let (Some(of), Some(state)) = (house.bank().traits.get(name), states.iter().find(|s| s.name == name)) else {
        bail!("there is no trait `{name}`");
    };
    if global.json {
        let mut all = json_of(of, state);
        all["lineage"] = json!(rests_on);
        return show::json(&all);
    }
    show::line(format!("{}: {} ({})", of.name, of.meaning.en, of.meaning.zh))?;
    show::line(format!("  {}, {}, for {}; {}", type_of(of), of.class, purposes(of), of.file))?;
    match &state.kept {
        Some(kept) => show::line(format!(
            "  as of {} UTC: {} customers, {} filled, {} without",
            time(kept.run.as_of),
            kept.customers,
            kept.filled,
            kept.missing
        ))?,
        None => show::line("  never computed")?,
    }
    if !state.stale.is_empty() {
        show::line(format!("  stale: {}", super::run::words(state)))?;
    }
    show::line(format!("\n{}\n", of.sql))?;
    print_lineage(&rests_on)
}

fn print_lineage(lineage: &Lineage) -> anyhow::Result<()> {
    if !lineage.traits.is_empty() {
        show::line(format!("rests on the traits {}", lineage.traits.iter().cloned().collect::<Vec<_>>().join(", ")))?;
    }
    for (table, columns) in &lineage.tables {
        show::line(format!("reads {table}: {}", columns.iter().cloned().collect::<Vec<_>>().join(", ")))?;
        for source in lineage.sources.get(table).into_iter().flatten() {
            for (column, inputs) in &source.columns {
                let inputs = inputs.iter().cloned().collect::<Vec<_>>().join(", ");
                show::line(format!("  {column} ← {}: {inputs}", source.source))?;
            }
        }
    }
    Ok(())
}

/// Where rows go.
enum Sink {
    Csv(Box<arrow::csv::Writer<BufWriter<File>>>),
    Parquet(Box<Option<ArrowWriter<BufWriter<File>>>>, Option<BufWriter<File>>),
}

impl Sink {
    fn create(path: &Path) -> anyhow::Result<Self> {
        let file = || -> anyhow::Result<BufWriter<File>> {
            let file = File::create(path).with_context(|| format!("cannot write `{}`", path.display()))?;
            Ok(BufWriter::new(file))
        };
        match path.extension().and_then(|e| e.to_str()) {
            Some("csv") => Ok(Self::Csv(Box::new(arrow::csv::WriterBuilder::new().with_header(true).build(file()?)))),
            Some("parquet") => Ok(Self::Parquet(Box::new(None), Some(file()?))),
            _ => bail!("`{}` ends neither in .csv nor in .parquet", path.display()),
        }
    }

    fn write(&mut self, batch: &RecordBatch) -> anyhow::Result<()> {
        match self {
            Self::Csv(writer) => writer.write(batch)?,
            Self::Parquet(writer, file) => {
                if let Some(file) = file.take() {
                    **writer = Some(ArrowWriter::try_new(file, batch.schema(), None)?);
                }
                if let Some(writer) = writer.as_mut() {
                    writer.write(batch)?;
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> anyhow::Result<()> {
        if let Self::Parquet(writer, _) = self
            && let Some(writer) = *writer
        {
            writer.close()?;
        }
        Ok(())
    }
}

async fn export(house: &House, args: &TrainingArgs) -> anyhow::Result<()> {
    let dates = args.at.iter().map(|text| house.as_of(text)).collect::<Result<Vec<_>, _>>()?;
    let beside =
        args.out.with_extension(format!("part.{}", args.out.extension().and_then(|e| e.to_str()).unwrap_or_default()));
    let mut sink = Sink::create(&beside)?;
    let rows = training(house, &args.names, &dates, args.purpose, |batch| {
        sink.write(&batch).map_err(|e| FlowError::Output(e.to_string()))
    });
    let rows = rows.await.and_then(|rows| sink.finish().map(|()| rows).map_err(|e| FlowError::Output(e.to_string())));
    match rows {
        Ok(rows) => {
            std::fs::rename(&beside, &args.out).with_context(|| format!("cannot write `{}`", args.out.display()))?;
            show::line(format!("{rows} rows of {} dates in {}", dates.len(), args.out.display()))?;
            Ok(())
        }
        Err(error) => {
            // Half a training set is none.
            let _ = std::fs::remove_file(&beside);
            Err(error.into())
        }
    }
}
