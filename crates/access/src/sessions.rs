//! Who is signed in: tokens, how long they live, and their end.

use std::{fmt, net::IpAddr, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use florin_domain::{EventTime, Principal, Role};
use florin_governance::audit::EventKind;
use florin_store::{LiveSession, NewSession, SessionLimits, User};
use zeroize::Zeroizing;

use crate::{
    access::{Access, Authority, SEEN_EVERY, earlier, later, since},
    error::{AccessError, Result},
    record::entry,
    secret::{Kind, Secret, base32_lower, hash, random},
    sign_in::SignedIn,
};

/// A session that was not seen for so long is over. What was seen is written down once a minute, so it may be a minute less.
pub const IDLE_MAX: Duration = Duration::from_secs(30 * 60);
/// No session is longer.
pub const SESSION_MAX: Duration = Duration::from_secs(12 * 60 * 60);
/// Sessions of one user; the one not seen for longest makes room.
pub const SESSIONS_A_USER_MAX: u32 = 20;
/// A token is no longer; what is longer is not one.
const TOKEN_BYTES_MAX: usize = 64;

/// Somebody is signed in, as they are now. `Debug` does not show what the token is checked against.
#[derive(Clone)]
pub struct Session {
    /// What the session is called where sessions are listed; opens nothing.
    pub id: String,
    /// Who.
    pub user: String,
    /// What people call them.
    pub display_name: String,
    /// What they are.
    pub roles: Vec<Role>,
    /// Since when.
    pub signed_in_at: EventTime,
    /// When they were last seen.
    pub last_seen_at: EventTime,
    /// When the session ends, whatever they do.
    pub expires_at: EventTime,
    /// Whether a second factor was shown.
    pub second_factor: bool,
    pub(crate) hash: [u8; 32],
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({}, {}, {:?}, …)", self.id, self.user, self.roles)
    }
}

impl Session {
    /// Who asks.
    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal { user: self.user.clone(), roles: self.roles.clone() }
    }

    fn live(&self, now: EventTime) -> bool {
        now < self.expires_at && since(self.last_seen_at, now) < IDLE_MAX
    }
}

/// A session in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionLine {
    /// What to end it by.
    pub id: String,
    /// Since when.
    pub signed_in_at: EventTime,
    /// When it was last seen.
    pub last_seen_at: EventTime,
    /// When it ends at the latest.
    pub expires_at: EventTime,
    /// Whether a second factor was shown.
    pub second_factor: bool,
    /// From where it began.
    pub from: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl Access {
    /// The session of a token. Cheap: the store is asked every few seconds.
    ///
    /// # Errors
    /// [`AccessError::NotSignedIn`] when there is none, or it is over.
    pub async fn session(&self, token: &str) -> Result<Session> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(AccessError::NotSignedIn);
        }
        let (hash, now) = (hash(Kind::Session, token), self.now());
        let session = match self.sessions.get(&hash, now) {
            Ok(session) => session,
            Err(epoch) => self.read_session(epoch, hash, now).await?,
        };
        if session.live(now) { Ok(session) } else { Err(AccessError::NotSignedIn) }
    }

    async fn read_session(&self, epoch: u64, hash: [u8; 32], now: EventTime) -> Result<Session> {
        let found = self.store.session(&hash).await?.ok_or(AccessError::NotSignedIn)?;
        let disabled = found.user.disabled;
        let mut session = session_of(found);
        if disabled || !session.live(now) {
            return Err(AccessError::NotSignedIn);
        }
        if since(session.last_seen_at, now) >= SEEN_EVERY {
            session.last_seen_at = now;
            self.note(|store| async move { store.touch_session(&hash, now).await });
        }
        self.sessions.put(epoch, hash, now, session.clone());
        Ok(session)
    }

    /// Begins a session; nothing when the password was changed meanwhile.
    pub(crate) async fn begin_session(
        &self,
        user: &User,
        phc: &str,
        second_factor: bool,
        from: IpAddr,
    ) -> Result<Option<SignedIn>> {
        let token = new_token(self.fill());
        let created_at = self.now();
        let new = NewSession {
            hash: hash(Kind::Session, token.expose()),
            id: base32_lower(&*random::<10>(self.fill())).to_string(),
            user: user.name.clone(),
            created_at,
            expires_at: later(created_at, SESSION_MAX),
            second_factor,
            address: from.to_string(),
        };
        let limits = SessionLimits { seen_since: earlier(created_at, IDLE_MAX), a_user_max: SESSIONS_A_USER_MAX };
        if !self.store.begin_session(&new, phc, limits).await? {
            return Ok(None);
        }
        // What made room is over at once.
        self.sessions.forget(|session| session.user == user.name);
        Ok(Some(SignedIn { token, session: begun(new, user) }))
    }

    pub(crate) fn is_live(&self, found: &LiveSession) -> bool {
        session_of(found.clone()).live(self.now())
    }

    /// The sessions of whoever asks, the newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn sessions(&self, session: &Session) -> Result<Vec<SessionLine>> {
        let now = self.now();
        let found = self.store.sessions_of(&session.user).await?;
        let line = |found: LiveSession| {
            let from = found.address.clone();
            let of = session_of(found);
            of.live(now).then(|| SessionLine {
                current: of.hash == session.hash,
                id: of.id,
                signed_in_at: of.signed_in_at,
                last_seen_at: of.last_seen_at,
                expires_at: of.expires_at,
                second_factor: of.second_factor,
                from,
            })
        };
        Ok(found.into_iter().filter_map(line).collect())
    }

    /// Signs out: the session is over at once.
    ///
    /// # Errors
    /// When it cannot be put on record, or the store fails.
    pub async fn sign_out(&self, session: &Session) -> Result<()> {
        self.record_act(&session.principal(), EventKind::SignOut, "signed out", None).await?;
        self.store.end_session(&session.user, &session.id).await?;
        self.sessions.forget(|known| known.id == session.id);
        Ok(())
    }

    /// Ends one of the sessions of whoever asks.
    ///
    /// # Errors
    /// [`AccessError::Unknown`] when they have no such session.
    pub async fn end_session(&self, session: &Session, id: &str) -> Result<()> {
        let mine = self.store.sessions_of(&session.user).await?;
        if !mine.iter().any(|known| known.id == id) {
            return Err(AccessError::unknown("session", id));
        }
        self.record_act(&session.principal(), EventKind::SignOut, "session ended", None).await?;
        self.store.end_session(&session.user, id).await?;
        self.sessions.forget(|known| known.id == id);
        Ok(())
    }

    /// Ends every session of whoever asks, this one too.
    ///
    /// # Errors
    /// When it cannot be put on record, or the store fails.
    pub async fn sign_out_everywhere(&self, session: &Session) -> Result<()> {
        self.record_act(&session.principal(), EventKind::SignOut, "signed out everywhere", None).await?;
        self.end_all(&session.user).await
    }

    /// Ends every session of a user.
    ///
    /// # Errors
    /// [`AccessError::Unknown`], or when the leave is for something else.
    pub async fn sign_out_user(&self, by: Authority<'_>, name: &str) -> Result<()> {
        let who = by.who()?;
        let user = self.known(name).await?;
        let entry = entry(self.now(), who, EventKind::SignOut, "signed out by another", None);
        self.record(entry.with("user", user.name.as_str())).await?;
        self.end_all(name).await
    }

    async fn end_all(&self, name: &str) -> Result<()> {
        self.store.end_sessions(name, None).await?;
        self.sessions.forget(|session| session.user == name);
        Ok(())
    }
}

pub(crate) fn new_token(fill: &crate::FillRandom) -> Secret {
    let bytes = random::<32>(fill);
    let mut text = Zeroizing::new(String::with_capacity(TOKEN_BYTES_MAX));
    URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut text);
    Secret::from(text.as_str())
}

fn begun(new: NewSession, user: &User) -> Session {
    Session {
        id: new.id,
        user: new.user,
        display_name: user.display_name.clone(),
        roles: user.roles.clone(),
        signed_in_at: new.created_at,
        last_seen_at: new.created_at,
        expires_at: new.expires_at,
        second_factor: new.second_factor,
        hash: new.hash,
    }
}

fn session_of(found: LiveSession) -> Session {
    Session {
        id: found.id,
        user: found.user.name,
        display_name: found.user.display_name,
        roles: found.user.roles,
        signed_in_at: found.created_at,
        last_seen_at: found.last_seen_at,
        expires_at: found.expires_at,
        second_factor: found.second_factor,
        hash: found.hash,
    }
}
