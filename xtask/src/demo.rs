//! `cargo xtask demo`: builds console and server, makes up a bank, loads it, finds out who is who, trains, recommends, and serves it, with a
//! sign-in for each role. What it made is there the next time, so that takes a moment.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{console, house, served::Served};

/// What `cargo xtask demo` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many people bank there
    #[arg(long, default_value_t = 1500)]
    customers: u32,
    /// Where the bank is made, and kept for the next time [default: target/demo-bank]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Make it anew
    #[arg(long)]
    anew: bool,
    /// Where it listens
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// This program instead of building one
    #[arg(long)]
    florin: Option<PathBuf>,
    /// End as soon as it answers
    #[arg(long)]
    no_wait: bool,
}

/// How many months are lived through, from January 2023 on: to the end of October 2026.
const MONTHS: &str = "46";
/// How much people do, so that four years of them load in a minute or two.
const ACTIVITY: &str = "0.6";
/// Whoever may sign in: name, role, what they are called.
const PEOPLE: [(&str, &str, &str); 7] = [
    ("ana", "analyst", "Ana, analyst 分析师"),
    ("mia", "marketer", "Mia, marketer 营销经理"),
    ("rolf", "risk_officer", "Rolf, risk officer 风控经理"),
    ("sam", "service_agent", "Sam, service agent 客服"),
    ("cora", "compliance_officer", "Cora, compliance officer 合规官"),
    ("dan", "data_engineer", "Dan, data engineer 数据工程师"),
    ("boss", "administrator", "Bo, administrator 管理员"),
];
/// Models that are trained and released: who trains, and which.
const MODELS: [(&str, &str); 3] = [("ana", "churn"), ("ana", "departure"), ("mia", "takes_credit_card")];
/// What says that a bank was made whole, and from what.
const MADE: &str = "demo-made";
/// Passwords of a demo, for the next time.
const SIGN_INS: &str = "demo-sign-ins.txt";

/// Runs all of it.
///
/// # Errors
/// The first command that fails.
pub(crate) fn run(args: &Args) -> Result<()> {
    let began = Instant::now();
    if args.florin.is_none() && console::build(false)?.is_none() {
        println!("no Node 20.19 or newer: the server will show a plain page instead of its console");
    }
    let florin = args.florin.clone().map_or_else(build, Ok)?;
    let built = began.elapsed();
    let bank = args.out.clone().unwrap_or_else(|| house::root().join("target/demo-bank"));
    let made_from = format!("{} customers, {MONTHS} months, {ACTIVITY}, {}", args.customers, env!("CARGO_PKG_VERSION"));
    let kept = fs::read_to_string(bank.join(MADE)).is_ok_and(|kept| kept == made_from);
    if args.anew || !kept {
        make_room(&bank)?;
        make(&florin, &bank, args.customers)?;
        fs::write(bank.join(MADE), made_from).context("cannot mark the bank")?;
    }
    let made = began.elapsed();
    let sign_ins = fs::read_to_string(bank.join(SIGN_INS)).context("the demo's sign-ins are gone; make it --anew")?;
    let mut command = Command::new(&florin);
    command.arg("--bank").arg(&bank);
    let server = Served::start(command, &args.listen, &bank.join("server.log"))?;
    println!("\n  Florin is at  {}\n", server.address());
    println!("{sign_ins}");
    println!("built in {}, bank ready after {}, open after {}", shown(built), shown(made), shown(began.elapsed()));
    if args.no_wait {
        return Ok(());
    }
    println!(
        "It serves until you press Ctrl-C. The bank directory is {}; what is true of it lies in truth/ there.",
        bank.display()
    );
    let status = server.wait()?;
    if status.success() { Ok(()) } else { bail!("the server ended with {status}") }
}

fn shown(took: Duration) -> String {
    format!("{} min {:02} s", took.as_secs() / 60, took.as_secs() % 60)
}

/// Removes what a demo left, and nothing else.
fn make_room(bank: &Path) -> Result<()> {
    let is_bank = bank.join("truth").is_dir() && bank.join("florin.toml").is_file();
    let is_empty = !bank.exists() || fs::read_dir(bank)?.next().is_none();
    match (is_bank, is_empty) {
        (true, _) => fs::remove_dir_all(bank).with_context(|| format!("could not empty `{}`", bank.display())),
        (false, true) => Ok(()),
        (false, false) => bail!("`{}` holds something that is no made-up bank; name another folder", bank.display()),
    }
}

fn make(florin: &Path, bank: &Path, customers: u32) -> Result<()> {
    let (customers, at) = (customers.to_string(), bank.to_string_lossy().into_owned());
    let made_up = ["simulate", "--customers", &customers, "--months", MONTHS, "--activity", ACTIVITY, "--out", &at];
    show(florin, &made_up)?;
    let done = |words: &[&str]| show(florin, &[words, &["--bank", &at]].concat());
    for words in [&["apply"][..], &["ingest"], &["resolve"]] {
        done(words)?;
    }
    // What cannot be told of so few people (a lifetime value, say) is said, and the rest is there all the same.
    let run =
        || done(&["run", "--as", "dan"]).unwrap_or_else(|failed| println!("not all could be computed: {failed:#}"));
    run();
    for (by, model) in MODELS {
        done(&["train", model, "--as", by])?;
        // A second person releases it; where a guard holds it back, that is what the demo shows.
        let released = done(&["models", "approve", model, "--as", "rolf"])
            .and_then(|()| done(&["models", "promote", model, "--as", "rolf"]));
        if let Err(held) = released {
            println!("{model} is not released: {held:#}");
        }
    }
    run();
    done(&["optimize", "--as", "dan"])?;
    let mut sign_ins = String::from("  sign in as   password             who that is\n");
    for (user, role, called) in PEOPLE {
        let password = password()?;
        let words = ["user", "add", user, "--role", role, "--called", called, "--password-stdin", "--bank", &at];
        typed(florin, &words, &password)?;
        sign_ins += &format!("  {user:<12} {password:<20} {called}\n");
    }
    fs::write(bank.join(SIGN_INS), sign_ins).context("cannot keep the sign-ins")
}

/// Four groups of letters that are not mistaken for each other.
fn password() -> Result<String> {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut bytes = [0u8; 16];
    let mut random = fs::File::open("/dev/urandom").context("this machine has no source of randomness")?;
    random.read_exact(&mut bytes).context("cannot read randomness")?;
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect();
    Ok(letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// Runs a command that is given a line.
///
/// # Errors
/// When it fails.
pub(crate) fn typed(florin: &Path, words: &[&str], line: &str) -> Result<()> {
    let mut command = Command::new(florin);
    command.args(words).stdin(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("could not start `{}`", house::shown(&command)))?;
    if let Some(stdin) = child.stdin.as_mut() {
        writeln!(stdin, "{line}").context("florin does not listen")?;
    }
    let status = child.wait()?;
    if status.success() { Ok(()) } else { bail!("`{}` failed", house::shown(&command)) }
}

fn show(florin: &Path, words: &[&str]) -> Result<()> {
    let began = Instant::now();
    let mut command = Command::new(florin);
    command.args(words);
    println!("\n$ {}", house::shown(&command));
    let status = command.status().with_context(|| format!("could not start `{}`", house::shown(&command)))?;
    if !status.success() {
        bail!("`{}` failed", house::shown(&command));
    }
    println!("({})", shown(began.elapsed()));
    Ok(())
}

/// As fast to build as possible, and fast enough to try.
fn build() -> Result<PathBuf> {
    println!("$ cargo build --profile demo -p florin-cli");
    let mut command = house::cargo();
    command.args(["build", "--profile", "demo", "-p", "florin-cli"]);
    let status = command.status().context("could not start cargo")?;
    if !status.success() {
        bail!("the server does not build");
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| house::root().join("target"), PathBuf::from);
    Ok(target.join("demo").join("florin"))
}
