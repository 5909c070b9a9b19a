//! Nothing off the record, and no secret on it.

use florin_access::{AccessError, Authority, NewKey, NewUser, Scope, SignIn, UserChange, totp};
use florin_domain::Role;
use florin_governance::audit::Entry;

use crate::support::{ANAS, Bank, HOME, bytes_of, operator, secret, sign_in, with_code};

#[tokio::test]
async fn what_cannot_be_put_on_record_is_not_done() {
    let bank = Bank::new().await;
    let ana = bank.ana().await;
    let by = operator();
    let by = Authority::Operator(&by);
    let new = NewKey { name: "k".to_owned(), scopes: vec![Scope::Query], roles: vec![], days: 1 };
    let begun = bank.access.begin_second_factor(&ana.session, &secret(ANAS), HOME).await.unwrap();
    let code = format!("{:06}", totp::code(&bytes_of(begun.secret.expose()), totp::step(bank.now())));
    bank.break_log(true);
    let ben = NewUser { name: "ben".to_owned(), display_name: "Ben".to_owned(), roles: vec![] };
    let disable = UserChange { disabled: Some(true), ..UserChange::default() };
    let new_password = secret("coffee on the hill");
    let errors = [
        bank.access.sign_in(&sign_in("ana", ANAS)).await.map(drop),
        bank.access.sign_in(&sign_in("ana", "guess")).await.map(drop),
        bank.access.sign_out(&ana.session).await,
        bank.access.sign_out_everywhere(&ana.session).await,
        bank.access.sign_out_user(by, "ana").await,
        bank.access.change_password(&ana.session, &secret(ANAS), &new_password, HOME).await,
        bank.access.reset_password(by, "ana").await.map(drop),
        bank.access.add_user(by, ben).await.map(drop),
        bank.access.change_user(by, "ana", disable).await.map(drop),
        bank.access.confirm_second_factor(&ana.session, &secret(&code), HOME).await.map(drop),
        bank.access.remove_second_factor_of(by, "ana").await,
        bank.access.make_key(&ana.session, new).await.map(drop),
        bank.access.key(&secret("fl_x_y"), Scope::Query, HOME).await.map(drop),
    ];
    for (n, error) in errors.into_iter().enumerate() {
        let error = error.unwrap_err();
        assert!(matches!(error, AccessError::Unrecorded(_)), "{n}: {error}");
    }
    bank.break_log(false);
    assert!(bank.is_in(&ana).await);
    assert_eq!(bank.store.sessions_of("ana").await.unwrap().len(), 1);
    assert_eq!(bank.access.users(by).await.unwrap().len(), 1);
    assert!(bank.access.keys(&ana.session).await.unwrap().is_empty());
    assert!(!bank.access.second_factor(&ana.session).await.unwrap().set_up);
    bank.access.sign_in(&sign_in("ana", ANAS)).await.unwrap();
}

/// Every text that somebody might read: what `Debug` shows, what errors say, what the log holds.
struct Seen(Vec<String>);

impl Seen {
    fn debug(&mut self, value: &impl std::fmt::Debug) {
        self.0.push(format!("{value:?}"));
    }

    fn error<T>(&mut self, result: Result<T, AccessError>) {
        let error = result.err().expect("an error");
        self.0.push(format!("{error} {error:?}"));
    }

    fn entries(&mut self, entries: Vec<Entry>) {
        self.0.extend(entries.iter().map(|entry| format!("{} {entry:?}", entry.payload())));
    }
}

#[tokio::test]
async fn no_secret_is_seen_in_debug_errors_or_the_log() {
    let bank = Bank::new().await;
    let (mut seen, mut secrets) = (Seen(vec![]), vec![]);
    let by = operator();
    let by = Authority::Operator(&by);
    let new = NewUser { name: "ana".to_owned(), display_name: "A".to_owned(), roles: vec![Role::Analyst] };
    let made = bank.access.add_user(by, new).await.unwrap();
    secrets.extend([made.password.expose().to_owned(), ANAS.to_owned()]);
    seen.debug(&made);
    let asked = SignIn { new_password: Some(ANAS.into()), ..sign_in("ana", made.password.expose()) };
    seen.debug(&asked);
    seen.error(bank.access.sign_in(&sign_in("ana", made.password.expose())).await);
    let ana = bank.access.sign_in(&asked).await.unwrap();
    secrets.push(ana.token.expose().to_owned());
    seen.debug(&(&ana, bank.again(&ana).await, bank.store.sessions_of("ana").await.unwrap()));

    // People type passwords where names belong.
    let typed = "MyVerySecretPhrase";
    secrets.extend([typed.to_owned(), typed.to_lowercase()]);
    seen.error(bank.access.sign_in(&sign_in(typed, "guess of mallory")).await);
    secrets.push("guess of mallory".to_owned());
    seen.error(bank.access.change_password(&ana.session, &secret("guess of mallory"), &secret(typed), HOME).await);
    seen.error(bank.access.change_password(&ana.session, &secret(ANAS), &secret("hunter2"), HOME).await);
    secrets.push("hunter2".to_owned());

    let begun = bank.access.begin_second_factor(&ana.session, &secret(ANAS), HOME).await.unwrap();
    seen.debug(&begun);
    secrets.push(begun.secret.expose().to_owned());
    let code = |at| format!("{:06}", totp::code(&bytes_of(begun.secret.expose()), totp::step(at)));
    let confirmed = bank.access.confirm_second_factor(&ana.session, &secret(&code(bank.now())), HOME).await.unwrap();
    secrets.extend(confirmed.iter().map(|code| code.expose().to_owned()));
    seen.debug(&(&confirmed, with_code("ana", ANAS, confirmed[0].expose())));
    seen.error(bank.access.sign_in(&with_code("ana", ANAS, "424242")).await);
    secrets.push("424242".to_owned());
    bank.access.sign_in(&with_code("ana", ANAS, confirmed[0].expose())).await.unwrap();

    let new = NewKey { name: "k".to_owned(), scopes: vec![Scope::Query, Scope::Sql], roles: vec![], days: 1 };
    let key = bank.access.make_key(&ana.session, new).await.unwrap();
    let half = key.key.expose().rsplit('_').next().unwrap().to_owned();
    seen.debug(&(
        &key,
        bank.store.api_key(&key.line.id).await.unwrap(),
        bank.access.begin_sql_login(&key.line.id).await,
    ));
    let wrong = format!("fl_{}_{}", key.line.id, "wrongwrongwrong");
    seen.error(bank.access.key(&secret(&wrong), Scope::Query, HOME).await);
    seen.error(bank.access.key(&key.key, Scope::Collect, HOME).await);
    secrets.extend([half, "wrongwrongwrong".to_owned()]);

    let kept = bank.store.credentials("ana").await.unwrap().unwrap();
    seen.debug(&(&kept, &bank.access));
    secrets.push(kept.password.phc);
    seen.entries(bank.recorded());
    assert!(seen.0.len() > 20, "{}", seen.0.len());
    for text in &seen.0 {
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "`{secret}` in {text}");
        }
    }
}
