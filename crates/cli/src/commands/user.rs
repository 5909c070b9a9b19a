//! `florin user`: who may sign in to the server. Whoever has the bank's keys at hand could change the store, so this asks for no leave; it is
//! on the audit log.

use std::{net::Ipv4Addr, process::ExitCode};

use anyhow::Context as _;
use florin_access::{Authority, NewUser, OneTimePassword, Secret, SignIn};
use serde_json::json;

use crate::{
    args::{Global, UserCommand},
    show,
    surroundings::open,
};

pub(crate) async fn run(global: &Global, command: &UserCommand) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let access = florin_server::access(&house).await?;
    let by = Authority::Operator(house.who());
    match command {
        UserCommand::List => {
            let users = access.users(by).await?;
            if global.json {
                let line = |of: &florin_access::User| json!({ "user": of.name, "called": of.display_name, "roles": of.roles, "enabled": !of.disabled });
                show::json(&users.iter().map(line).collect::<Vec<_>>())?;
            } else {
                let mut table = show::table(&["user", "called", "roles", "may sign in"]);
                for of in users {
                    let roles = of.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                    let enabled = if of.disabled { "no" } else { "yes" };
                    table.add_row([of.name, of.display_name, roles, enabled.to_owned()]);
                }
                show::line(table)?;
            }
        }
        UserCommand::Add { name, roles, called, password_stdin } => {
            let display_name = called.clone().unwrap_or_else(|| name.clone());
            let password = password_stdin.then(typed).transpose()?;
            if let Some(password) = &password {
                // One that would be refused makes no user.
                let (name, roles, at) = (name.clone(), roles.clone(), house.time());
                let user = florin_access::User {
                    name,
                    display_name: display_name.clone(),
                    roles,
                    disabled: false,
                    created_at: at,
                };
                florin_access::password::check(password, &Secret::default(), &user)?;
            }
            let new = NewUser { name: name.clone(), display_name, roles: roles.clone() };
            let made = access.add_user(by, new).await?;
            match password {
                None => print(global, &made)?,
                Some(password) => {
                    set(&access, &made, password).await?;
                    show::line(format!("{name} may sign in"))?;
                }
            }
        }
        UserCommand::Password { name } => print(global, &access.reset_password(by, name).await?)?,
    }
    access.settled().await;
    Ok(ExitCode::SUCCESS)
}

/// The first line of standard input.
fn typed() -> anyhow::Result<Secret> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("cannot read the password from standard input")?;
    Ok(Secret::from(line.trim_end_matches(['\r', '\n'])))
}

/// Changes a one-time password into one that stays, as its owner would.
async fn set(access: &florin_access::Access, made: &OneTimePassword, new: Secret) -> anyhow::Result<()> {
    let asked = SignIn {
        user: made.user.clone(),
        password: made.password.clone(),
        code: None,
        passkey: None,
        new_password: Some(new),
        from: Ipv4Addr::LOCALHOST.into(),
    };
    let signed_in = access.sign_in(&asked).await?;
    Ok(access.sign_out(&signed_in.session).await?)
}

fn print(global: &Global, made: &OneTimePassword) -> anyhow::Result<()> {
    if global.json {
        return show::json(&json!({ "user": made.user, "one_time_password": made.password.expose() }));
    }
    show::line(format!("{} signs in with the one-time password {}", made.user, made.password.expose()))?;
    Ok(show::line("it is not shown again, holds for three days, and must be changed at the first sign-in")?)
}
