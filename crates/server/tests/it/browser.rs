//! The console in Chromium, before a real server: what only a browser can show of signing in.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;

use crate::{
    issuer::Issuer,
    support::{Bank, PASSWORD},
};

fn console() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../console")
}

/// The built console, where there is a browser to look at it.
fn built() -> Option<PathBuf> {
    let chromium = std::env::var_os("CHROMIUM").unwrap_or_else(|| "/usr/bin/chromium".into());
    let needed = [PathBuf::from(chromium), console().join("dist/index.html"), console().join("node_modules/vitest")];
    if let Some(missing) = needed.iter().find(|path| !path.exists()) {
        println!("skipped: there is no `{}`", missing.display());
        return None;
    }
    Some(console().join("dist"))
}

/// Runs one of the console's files of tests before a server.
fn look(bank: &Bank, file: &str, more: &[(&str, &str)]) {
    let mut node = Command::new("node");
    node.args(["node_modules/vitest/vitest.mjs", "run", "--config", "e2e/vitest.config.ts", file]);
    node.current_dir(console()).env("FLORIN_URL", bank.public_address());
    node.env("FLORIN_USER", "ana").env("FLORIN_PASSWORD", PASSWORD).envs(more.iter().copied());
    let done = node.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
    assert!(!said.contains("skipped"), "{said}");
}

#[test]
fn passkeys_of_a_real_browser_are_taken_and_copies_of_them_are_not() {
    let Some(pages) = built() else { return };
    let mut bank = Bank::with_pages(pages, |_| String::new());
    bank.serve();
    look(&bank, "passkeys", &[]);
    let whys: Vec<_> = bank.audited(200).into_iter().filter_map(|entry| entry.detail.get("why").cloned()).collect();
    assert!(whys.contains(&json!("counter")), "{whys:?}");
}

#[test]
fn a_real_browser_comes_back_from_the_sign_on_with_a_session() {
    let Some(pages) = built() else { return };
    let mut issuer = None;
    let mut bank = Bank::with_pages(pages, |address| {
        issuer = Issuer::start(&json!({"redirect": format!("{address}/v1/sign-in/oidc/callback")}));
        let place = issuer.as_ref().map(|issuer| issuer.address.clone()).unwrap_or_default();
        format!(
            "[serve.oidc]\nname = \"Staff\"\nissuer = \"{place}\"\nclient_id = \"florin\"\nclient_secret = \"a secret: of/the bank\"\n"
        )
    });
    if issuer.is_none() {
        return;
    }
    bank.serve();
    look(&bank, "sign-on", &[("FLORIN_SIGN_ON", "s-1")]);
}
