//! Passkeys, with an authenticator in software. Real ones are in the tests of the console.

use florin_access::{
    AccessError, Authority, PasskeyAnswer, PasskeySettings, Result, SignIn, SignedIn, UserChange,
    passkeys::{CHALLENGE_HOLDS, FRESH, PASSKEYS_A_USER_MAX},
    totp,
};
use florin_domain::Role;

use crate::{
    authenticator::{Authenticator, ORIGIN, SITE, Says},
    support::{ANAS, Bank, HOME, bytes_of, operator, secret, sign_in, with_code},
};

/// A bank that has an address, and `ana` signed in.
async fn bank() -> (Bank, SignedIn) {
    let mut bank = Bank::new().await;
    let settings = PasskeySettings { rp_id: SITE.to_owned(), origin: ORIGIN.to_owned() };
    bank.access = bank.access.with_passkeys(settings);
    let ana = bank.ana().await;
    (bank, ana)
}

impl Bank {
    async fn register(&self, of: &SignedIn, with: &mut Authenticator, says: &Says) -> Result<()> {
        let begun = self.access.begin_passkey(&of.session).await?;
        self.access.add_passkey(&of.session, &with.register(&begun, says), HOME).await.map(drop)
    }

    async fn answer(&self, with: &Authenticator, says: &Says) -> PasskeyAnswer {
        with.sign(&self.access.passkey_challenge(HOME).await.unwrap(), says)
    }

    async fn by_passkey(&self, with: &Authenticator, says: &Says) -> Result<SignedIn> {
        self.access.sign_in_with_passkey(&self.answer(with, says).await, HOME).await
    }
}

fn counted(counter: u32) -> Says {
    Says { counter, ..Says::default() }
}

#[tokio::test]
async fn a_passkey_signs_in_alone_whatever_it_signs_with() {
    for mut authenticator in [Authenticator::p256(), Authenticator::ed25519(), Authenticator::rsa()] {
        let (bank, ana) = bank().await;
        bank.register(&ana, &mut authenticator, &Says::default()).await.unwrap();
        assert_eq!(bank.acts(), ["ana | second_factor | passkey registered"]);
        let signed_in = bank.by_passkey(&authenticator, &Says::default()).await.unwrap();
        assert_eq!((signed_in.session.user.as_str(), signed_in.session.second_factor), ("ana", true));
        assert!(bank.is_in(&signed_in).await);
        let entry = bank.recorded().pop().unwrap();
        assert_eq!((entry.user.as_str(), entry.detail["how"].as_str()), ("ana", Some("passkey")));
        assert!(bank.access.passkeys(&ana.session).await.unwrap()[0].last_used_at.is_some());
    }
}

#[tokio::test]
async fn what_was_signed_for_another_page_or_by_nobody_opens_nothing() {
    let (bank, ana) = bank().await;
    let mut authenticator = Authenticator::p256();
    bank.register(&ana, &mut authenticator, &Says::default()).await.unwrap();
    bank.recorded();
    let cases = [
        (Says { kind: Some("webauthn.create"), ..Says::default() }, "for something else"),
        (Says { origin: "https://florin.bank.example.evil", ..Says::default() }, "origin"),
        (Says { origin: "http://florin.bank.example", ..Says::default() }, "origin"),
        (Says { origin: "https://florin.bank.example:8443", ..Says::default() }, "origin"),
        (Says { cross_origin: true, ..Says::default() }, "origin"),
        (Says { site: "bank.example", ..Says::default() }, "for another site"),
        (Says { flags: 0x04, ..Says::default() }, "nobody was there"),
        (Says { flags: 0x01, ..Says::default() }, "nobody showed who they are"),
        (Says { flags: 0x15, ..Says::default() }, "synced and not to be synced"),
        (Says { more: &[0], ..Says::default() }, "more than there should be"),
    ];
    for (says, expected) in cases {
        let refused = bank.by_passkey(&authenticator, &says).await;
        assert!(matches!(refused, Err(AccessError::WrongCredentials)), "{expected}");
        assert_eq!(bank.acts(), [format!("ana | sign_in_failed | failed | {expected}")]);
    }
    assert!(bank.by_passkey(&authenticator, &Says::default()).await.is_ok());
}

#[tokio::test]
async fn a_challenge_is_for_one_use_and_a_while_and_for_what_it_was_made() {
    let (bank, ana) = bank().await;
    let mut authenticator = Authenticator::p256();
    bank.register(&ana, &mut authenticator, &Says::default()).await.unwrap();
    let answer = bank.answer(&authenticator, &Says::default()).await;
    bank.access.sign_in_with_passkey(&answer, HOME).await.unwrap();
    let begun = bank.access.begin_passkey(&ana.session).await.unwrap();
    let of_registration = authenticator.sign(&begun.challenge, &Says::default());
    let late = bank.answer(&authenticator, &Says::default()).await;
    bank.pass(CHALLENGE_HOLDS.as_secs() as i64);
    bank.recorded();
    for answer in [answer, of_registration, late, authenticator.sign(&[0; 32], &Says::default())] {
        assert!(bank.access.sign_in_with_passkey(&answer, HOME).await.is_err());
        assert_eq!(bank.acts(), ["ana | sign_in_failed | failed | no such challenge"]);
    }
    let short = authenticator.sign(&[0; 31], &Says::default());
    assert!(bank.access.sign_in_with_passkey(&short, HOME).await.is_err());
}

#[tokio::test]
async fn another_key_or_user_or_message_proves_nothing() {
    let (bank, ana) = bank().await;
    let (mut anas, mut others) = (Authenticator::p256(), Authenticator::ed25519());
    bank.register(&ana, &mut anas, &Says::default()).await.unwrap();
    bank.user("ben", "the cat sat on a mat", &[Role::Marketer]).await;
    let ben = bank.enter("ben", "the cat sat on a mat").await;
    bank.register(&ben, &mut others, &Says::default()).await.unwrap();
    bank.recorded();
    let (mine, theirs) = (bank.answer(&anas, &Says::default()).await, bank.answer(&others, &Says::default()).await);
    let mut changed = bank.answer(&anas, &Says::default()).await;
    changed.authenticator_data[36] ^= 1;
    let as_another = PasskeyAnswer { id: theirs.id.clone(), ..mine };
    let handle = bank.answer(&anas, &Says::default()).await;
    let handle = PasskeyAnswer { handle: theirs.handle.clone(), ..handle };
    let unknown = PasskeyAnswer { id: b"unknown".to_vec(), ..bank.answer(&anas, &Says::default()).await };
    for (answer, expected) in [
        (as_another, "ben | sign_in_failed | failed | a passkey of another"),
        (changed, "ana | sign_in_failed | failed | signature"),
        (handle, "ana | sign_in_failed | failed | a passkey of another"),
        (unknown, "unknown | sign_in_failed | failed | no such passkey"),
    ] {
        assert!(bank.access.sign_in_with_passkey(&answer, HOME).await.is_err());
        assert_eq!(bank.acts(), [expected]);
    }
}

#[tokio::test]
async fn a_counter_that_does_not_grow_is_a_copys() {
    let (bank, ana) = bank().await;
    let mut authenticator = Authenticator::p256();
    bank.register(&ana, &mut authenticator, &counted(7)).await.unwrap();
    for (counter, expected) in [(7, false), (8, true), (8, false), (3, false), (0, false), (100, true)] {
        assert_eq!(bank.by_passkey(&authenticator, &counted(counter)).await.is_ok(), expected, "{counter}");
    }
    assert!(bank.acts().contains(&"ana | sign_in_failed | failed | counter".to_owned()));
}

#[tokio::test]
async fn a_password_alone_lets_nobody_in_who_has_a_passkey() {
    let (bank, ana) = bank().await;
    let mut authenticator = Authenticator::p256();
    let elsewhere = bank.enter("ana", ANAS).await;
    bank.register(&ana, &mut authenticator, &Says::default()).await.unwrap();
    assert!(bank.is_in(&ana).await && !bank.is_in(&elsewhere).await, "sessions by a password alone are over");
    let asked = bank.access.sign_in(&sign_in("ana", ANAS)).await;
    assert!(matches!(asked, Err(AccessError::PasskeyNeeded)));
    let wrong = bank.access.sign_in(&sign_in("ana", "tea at the new mill")).await;
    assert!(matches!(wrong, Err(AccessError::WrongCredentials)), "who has no password learns nothing");
    let passkey = Some(bank.answer(&authenticator, &Says::default()).await);
    let both = bank.access.sign_in(&SignIn { passkey, ..sign_in("ana", ANAS) }).await.unwrap();
    assert!(both.session.second_factor);
    bank.user("ben", "the cat sat on a mat", &[Role::Marketer]).await;
    let passkey = Some(bank.answer(&authenticator, &Says::default()).await);
    let anothers = SignIn { passkey, ..sign_in("ben", "the cat sat on a mat") };
    assert!(matches!(bank.access.sign_in(&anothers).await, Err(AccessError::WrongCredentials)));
    let begun = bank.access.begin_second_factor(&both.session, &secret(ANAS), HOME).await.unwrap();
    let code =
        |step: i64| format!("{:06}", totp::code(&bytes_of(begun.secret.expose()), totp::step(bank.now()) + step));
    bank.access.confirm_second_factor(&both.session, &secret(&code(0)), HOME).await.unwrap();
    let asked = bank.access.sign_in(&sign_in("ana", ANAS)).await;
    assert!(matches!(asked, Err(AccessError::SecondFactorNeeded)));
    bank.access.sign_in(&with_code("ana", ANAS, &code(1))).await.unwrap();
    let passkey = Some(bank.answer(&authenticator, &Says::default()).await);
    bank.access.sign_in(&SignIn { passkey, ..sign_in("ana", ANAS) }).await.unwrap();
}

#[tokio::test]
async fn registering_and_removing_need_a_fresh_sign_in() {
    let (bank, ana) = bank().await;
    let mut authenticator = Authenticator::p256();
    bank.register(&ana, &mut authenticator, &Says::default()).await.unwrap();
    let begun = bank.access.begin_passkey(&ana.session).await.unwrap();
    assert_eq!(begun.known, [b"p256".to_vec()]);
    bank.pass(FRESH.as_secs() as i64);
    let stale = |result: Result<()>| assert!(matches!(result, Err(AccessError::SignInAgain)));
    stale(bank.access.begin_passkey(&ana.session).await.map(drop));
    let new = Authenticator::ed25519().register(&begun, &Says::default());
    stale(bank.access.add_passkey(&ana.session, &new, HOME).await.map(drop));
    stale(bank.access.remove_passkey(&ana.session, b"p256", HOME).await);
    bank.access.rename_passkey(&ana.session, b"p256", " The blue key ").await.unwrap();
    let again = bank.by_passkey(&authenticator, &Says::default()).await.unwrap();
    let ours = bank.access.passkeys(&again.session).await.unwrap();
    assert_eq!((ours.len(), ours[0].name.as_str()), (1, "The blue key"));
    bank.access.remove_passkey(&again.session, b"p256", HOME).await.unwrap();
    assert!(bank.by_passkey(&authenticator, &Says::default()).await.is_err());
    bank.access.sign_in(&sign_in("ana", ANAS)).await.unwrap();
    let gone = bank.access.remove_passkey(&again.session, b"p256", HOME).await;
    assert!(matches!(gone, Err(AccessError::Unknown { .. })));
}

#[tokio::test]
async fn what_is_registered_is_looked_at_as_well() {
    let (bank, ana) = bank().await;
    let cases = [
        (Says { kind: Some("webauthn.get"), ..Says::default() }, "for something else"),
        (Says { origin: "https://evil.example", ..Says::default() }, "origin"),
        (Says { site: "evil.example", ..Says::default() }, "for another site"),
        (Says { flags: 0x01, ..Says::default() }, "nobody showed who they are"),
        (Says { more: &[0xf6], ..Says::default() }, "more than there should be"),
    ];
    for (says, expected) in cases {
        let error = bank.register(&ana, &mut Authenticator::p256(), &says).await.unwrap_err();
        assert!(matches!(error, AccessError::Invalid { .. }) && error.to_string().ends_with(expected), "{error}");
    }
    bank.register(&ana, &mut Authenticator::p256(), &Says::default()).await.unwrap();
    let twice = bank.register(&ana, &mut Authenticator::p256(), &Says::default()).await.unwrap_err();
    assert!(twice.to_string().ends_with("registered already"), "{twice}");
    bank.user("ben", "the cat sat on a mat", &[Role::Marketer]).await;
    let ben = bank.enter("ben", "the cat sat on a mat").await;
    let begun = bank.access.begin_passkey(&ana.session).await.unwrap();
    let new = Authenticator::ed25519().register(&begun, &Says::default());
    let anothers = bank.access.add_passkey(&ben.session, &new, HOME).await.unwrap_err();
    assert!(anothers.to_string().ends_with("challenge"), "{anothers}");
    for n in 1..PASSKEYS_A_USER_MAX {
        let mut one = Authenticator::p256();
        one.id = vec![n as u8];
        bank.register(&ana, &mut one, &Says::default()).await.unwrap();
    }
    let one_more = bank.register(&ana, &mut Authenticator::ed25519(), &Says::default()).await;
    assert!(matches!(one_more, Err(AccessError::NotAllowed { .. })));
}

#[tokio::test]
async fn who_begins_anew_or_is_disabled_is_out_by_passkey_too() {
    let (bank, ana) = bank().await;
    let mut authenticator = Authenticator::p256();
    bank.register(&ana, &mut authenticator, &Says::default()).await.unwrap();
    let by = operator();
    let disabled = |disabled| UserChange { disabled: Some(disabled), ..UserChange::default() };
    bank.access.change_user(Authority::Operator(&by), "ana", disabled(true)).await.unwrap();
    assert!(bank.by_passkey(&authenticator, &Says::default()).await.is_err());
    assert!(bank.acts().contains(&"ana | sign_in_failed | failed | disabled".to_owned()));
    bank.access.change_user(Authority::Operator(&by), "ana", disabled(false)).await.unwrap();
    bank.by_passkey(&authenticator, &Says::default()).await.unwrap();
    let made = bank.access.reset_password(Authority::Operator(&by), "ana").await.unwrap();
    assert!(bank.by_passkey(&authenticator, &Says::default()).await.is_err());
    let asked = SignIn { new_password: Some(secret("coffee on the hill")), ..sign_in("ana", made.password.expose()) };
    bank.access.sign_in(&asked).await.unwrap();
}

#[tokio::test]
async fn without_an_address_there_are_no_passkeys() {
    let bank = Bank::new().await;
    let ana = bank.ana().await;
    assert!(matches!(bank.access.passkey_challenge(HOME).await, Err(AccessError::Unknown { .. })));
    assert!(matches!(bank.access.begin_passkey(&ana.session).await, Err(AccessError::Unknown { .. })));
}

#[tokio::test]
async fn who_fails_again_and_again_waits() {
    let (bank, ana) = bank().await;
    let mut authenticator = Authenticator::p256();
    bank.register(&ana, &mut authenticator, &Says::default()).await.unwrap();
    for _ in 0..20 {
        let answer = authenticator.sign(&[0; 32], &Says::default());
        assert!(matches!(bank.access.sign_in_with_passkey(&answer, HOME).await, Err(AccessError::WrongCredentials)));
    }
    let right = bank.by_passkey(&authenticator, &Says::default()).await;
    assert!(matches!(right, Err(AccessError::Throttled { seconds: 5 })), "not even looked at");
}

#[tokio::test]
async fn what_cannot_be_put_on_record_is_not_done_with_passkeys_either() {
    let (bank, ana) = bank().await;
    let mut authenticator = Authenticator::p256();
    bank.register(&ana, &mut authenticator, &Says::default()).await.unwrap();
    let begun = bank.access.begin_passkey(&ana.session).await.unwrap();
    let new = Authenticator::ed25519().register(&begun, &Says::default());
    let answer = bank.answer(&authenticator, &Says::default()).await;
    bank.break_log(true);
    for result in [
        bank.access.sign_in_with_passkey(&answer, HOME).await.map(drop),
        bank.access.add_passkey(&ana.session, &new, HOME).await.map(drop),
        bank.access.rename_passkey(&ana.session, b"p256", "x").await,
        bank.access.remove_passkey(&ana.session, b"p256", HOME).await,
    ] {
        assert!(matches!(result, Err(AccessError::Unrecorded(_))));
    }
    bank.break_log(false);
    let left = bank.access.passkeys(&ana.session).await.unwrap();
    assert_eq!((left.len(), left[0].name.as_str()), (1, "Laptop"));
}
