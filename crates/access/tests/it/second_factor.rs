//! Authenticator apps and recovery codes.

use florin_access::{AccessError, Authority, SecondFactor, Secret, totp};
use florin_domain::EventTime;

use crate::support::{ANAS, Bank, HOME, bytes_of, operator, secret, sign_in, with_code};

fn code_at(app: &Secret, at: EventTime) -> String {
    format!("{:06}", totp::code(&bytes_of(app.expose()), totp::step(at)))
}

struct Enrolled {
    bank: Bank,
    app: Secret,
    codes: Vec<Secret>,
    session: florin_access::SignedIn,
}

async fn enrolled() -> Enrolled {
    let bank = Bank::new().await;
    let session = bank.ana().await;
    let begun = bank.access.begin_second_factor(&session.session, &secret(ANAS), HOME).await.unwrap();
    let code = secret(&code_at(&begun.secret, bank.now()));
    let codes = bank.access.confirm_second_factor(&session.session, &code, HOME).await.unwrap();
    bank.pass(30);
    bank.recorded();
    Enrolled { bank, app: begun.secret, codes, session }
}

#[tokio::test]
async fn it_counts_once_it_was_confirmed() {
    let bank = Bank::new().await;
    let (ana, other) = (bank.ana().await, bank.enter("ana", ANAS).await);
    let state = async || bank.access.second_factor(&ana.session).await.unwrap();
    let wrong = bank.access.begin_second_factor(&ana.session, &secret("guess"), HOME).await;
    assert!(matches!(wrong, Err(AccessError::WrongCredentials)));
    let begun = bank.access.begin_second_factor(&ana.session, &secret(ANAS), HOME).await.unwrap();
    let expected = format!(
        "otpauth://totp/Old%20Mill%20Bank:ana?secret={}&issuer=Old%20Mill%20Bank&algorithm=SHA1&digits=6&period=30",
        begun.secret.expose()
    );
    assert_eq!(begun.uri.expose(), expected);
    assert_eq!(state().await, SecondFactor { set_up: false, recovery_codes_left: 0 });
    bank.access.sign_in(&sign_in("ana", ANAS)).await.unwrap();

    let again = bank.access.begin_second_factor(&ana.session, &secret(ANAS), HOME).await.unwrap();
    let old = secret(&code_at(&begun.secret, bank.now()));
    let refused = bank.access.confirm_second_factor(&ana.session, &old, HOME).await;
    assert!(matches!(refused, Err(AccessError::WrongCredentials)), "of the one begun before");
    bank.recorded();
    let code = secret(&code_at(&again.secret, bank.now()));
    let codes = bank.access.confirm_second_factor(&ana.session, &code, HOME).await.unwrap();
    assert_eq!(codes.len(), 10);
    assert_eq!(bank.acts(), ["ana | second_factor | set up"]);
    assert_eq!(state().await, SecondFactor { set_up: true, recovery_codes_left: 10 });
    assert!(bank.is_in(&ana).await && !bank.is_in(&other).await);
    let twice = bank.access.begin_second_factor(&ana.session, &secret(ANAS), HOME).await;
    assert!(matches!(twice, Err(AccessError::NotAllowed { .. })));
}

#[tokio::test]
async fn a_code_is_asked_for_and_taken_once() {
    let Enrolled { bank, app, .. } = enrolled().await;
    assert!(matches!(bank.access.sign_in(&sign_in("ana", ANAS)).await, Err(AccessError::SecondFactorNeeded)));
    assert!(matches!(bank.access.sign_in(&sign_in("ana", "guess")).await, Err(AccessError::WrongCredentials)));
    let code = code_at(&app, bank.now());
    let signed_in = bank.access.sign_in(&with_code("ana", ANAS, &code)).await.unwrap();
    assert!(signed_in.session.second_factor && bank.again(&signed_in).await.second_factor);
    bank.recorded();
    assert!(matches!(bank.access.sign_in(&with_code("ana", ANAS, &code)).await, Err(AccessError::WrongCredentials)));
    assert_eq!(bank.acts(), ["ana | sign_in_failed | failed | code"]);
    bank.pass(30);
    let code = code_at(&app, bank.now());
    bank.access.sign_in(&with_code("ana", ANAS, &code)).await.unwrap();
}

#[tokio::test]
async fn of_two_with_one_code_at_once_one_gets_in() {
    let Enrolled { bank, app, .. } = enrolled().await;
    let asked = with_code("ana", ANAS, &code_at(&app, bank.now()));
    let both = futures::join!(bank.access.sign_in(&asked), bank.access.sign_in(&asked));
    assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
}

#[tokio::test]
async fn guessing_codes_is_throttled_although_the_password_is_right() {
    let Enrolled { bank, .. } = enrolled().await;
    for _ in 0..5 {
        // Asking without a code in between must not set the count back.
        assert!(matches!(bank.access.sign_in(&sign_in("ana", ANAS)).await, Err(AccessError::SecondFactorNeeded)));
        let guess = bank.access.sign_in(&with_code("ana", ANAS, "000000")).await;
        assert!(matches!(guess, Err(AccessError::WrongCredentials)));
    }
    let asked = bank.access.sign_in(&sign_in("ana", ANAS)).await;
    assert!(matches!(asked, Err(AccessError::Throttled { .. })));
}

#[tokio::test]
async fn each_recovery_code_opens_once_however_it_is_typed() {
    let Enrolled { bank, codes, session, .. } = enrolled().await;
    for code in &codes {
        let typed = code.expose().to_uppercase().replace('-', " ");
        bank.access.sign_in(&with_code("ana", ANAS, &typed)).await.unwrap();
        assert_eq!(bank.acts(), ["ana | second_factor | recovery code used", "ana | sign_in | signed in"]);
    }
    let again = bank.access.sign_in(&with_code("ana", ANAS, codes[0].expose())).await;
    assert!(matches!(again, Err(AccessError::WrongCredentials)));
    assert_eq!(bank.access.second_factor(&session.session).await.unwrap().recovery_codes_left, 0);
}

#[tokio::test]
async fn new_recovery_codes_replace_the_old_ones() {
    let Enrolled { bank, codes, session, .. } = enrolled().await;
    let new = bank.access.new_recovery_codes(&session.session, &secret(ANAS), HOME).await.unwrap();
    assert_eq!(bank.acts(), ["ana | second_factor | recovery codes made"]);
    let old = bank.access.sign_in(&with_code("ana", ANAS, codes[0].expose())).await;
    assert!(matches!(old, Err(AccessError::WrongCredentials)));
    bank.access.sign_in(&with_code("ana", ANAS, new[0].expose())).await.unwrap();
}

#[tokio::test]
async fn removing_it_asks_for_both_and_then_the_password_is_enough() {
    let Enrolled { bank, app, session, .. } = enrolled().await;
    let remove = async |password: &str, code: &str| {
        bank.access.remove_second_factor(&session.session, &secret(password), &secret(code), HOME).await
    };
    let code = code_at(&app, bank.now());
    assert!(matches!(remove("guess", &code).await, Err(AccessError::WrongCredentials)));
    assert!(matches!(remove(ANAS, "000000").await, Err(AccessError::WrongCredentials)));
    bank.recorded();
    remove(ANAS, &code).await.unwrap();
    assert_eq!(bank.acts(), ["ana | second_factor | removed"]);
    bank.access.sign_in(&sign_in("ana", ANAS)).await.unwrap();
    assert!(matches!(remove(ANAS, &code).await, Err(AccessError::Unknown { .. })));
}

#[tokio::test]
async fn who_lost_it_has_it_removed_and_sets_up_another() {
    let Enrolled { bank, session, codes, .. } = enrolled().await;
    bank.access.remove_second_factor_of(Authority::Operator(&operator()), "ana").await.unwrap();
    assert_eq!(bank.acts(), ["root | second_factor | removed by another"]);
    assert!(!bank.is_in(&session).await);
    let ana = bank.access.sign_in(&with_code("ana", ANAS, codes[0].expose())).await.unwrap();
    assert!(!ana.session.second_factor);
    bank.access.begin_second_factor(&ana.session, &secret(ANAS), HOME).await.unwrap();
}

#[tokio::test]
async fn the_secret_lies_sealed_in_the_store() {
    let Enrolled { bank, app, .. } = enrolled().await;
    let totp = bank.store.credentials("ana").await.unwrap().unwrap().totp.unwrap();
    let plain = bytes_of(app.expose());
    assert_eq!(totp.key.subject, "user:ana");
    assert!(!totp.sealed.windows(8).any(|window| window == &plain[..8]));
}
