//! What the vault keeps in the store: wrapped keys of subjects, and values sealed under them.

use zeroize::Zeroizing;

use crate::{
    error::{Result, StoreError},
    open::{Db, Store},
    sql::{Bulk, Kind, Row, Tx, values},
    vault::{FINGERPRINT_BYTES, Random, SealedValue, Vault, WrappedKey},
};

/// Keys that a change of the master key rewraps at a time.
const REWRAP_PAGE: u32 = 4096;

/// An identifying value, opened. It leaves memory when dropped, and `Debug` does not show it.
pub struct Revealed {
    /// Whose value: `customer:17`.
    pub subject: String,
    /// What it is: `phone`, `email` …
    pub kind: String,
    /// The value.
    pub value: Zeroizing<String>,
}

impl std::fmt::Debug for Revealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Revealed({}, {}, …)", self.subject, self.kind)
    }
}

impl Store {
    /// Checks that the vault's keys are those this store was sealed with. The first vault that a store sees sets them.
    ///
    /// # Errors
    /// [`StoreError::WrongKeys`] says which key is another one.
    pub async fn verify_keys(&self, vault: &Vault, random: Random<'_>) -> Result<()> {
        let found = key_check(&mut self.read().await?).await?;
        let check = match found {
            Some(check) => check,
            None => self.set_key_check(vault.seal_check(random)?).await?,
        };
        vault.verify_check(&check)
    }

    /// Sets the check, unless somebody else just did; returns the one that holds.
    async fn set_key_check(&self, check: Vec<u8>) -> Result<Vec<u8>> {
        let mut tx = self.write().await?;
        let sql = "insert into key_check (id, sealed) values (1, $1) on conflict do nothing";
        tx.execute(sql, values![check.clone()]).await?;
        let holds = key_check(&mut tx).await?;
        tx.commit().await?;
        Ok(holds.unwrap_or(check))
    }

    /// The wrapped keys of those subjects that have one, in no order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn subject_keys_unsorted(&self, subjects: &[String]) -> Result<Vec<WrappedKey>> {
        let bulk = Bulk {
            columns: [("subject", Kind::Text)],
            statement: "select k.subject, k.wrapped from v join subject_key k on k.subject = v.subject",
        };
        let mut keys = Vec::new();
        let mut tx = self.read().await?;
        let rows = subjects.iter().map(|subject| [subject.into()]);
        tx.bulk_each(&bulk, rows, |row| {
            keys.push(wrapped_key(&row)?);
            Ok(())
        })
        .await?;
        Ok(keys)
    }

    /// The sealed values behind a token, by subject: one for each subject that has the value.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn sealed_by_token(&self, token: &str) -> Result<Vec<SealedValue>> {
        let sql = "select token, subject, kind, sealed from sealed_value where token = $1 order by subject";
        self.read().await?.all(sql, values![token], sealed_value).await
    }

    /// The sealed values of a subject, by token.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn sealed_by_subject(&self, subject: &str) -> Result<Vec<SealedValue>> {
        let sql = "select token, subject, kind, sealed from sealed_value where subject = $1 order by token";
        self.read().await?.all(sql, values![subject], sealed_value).await
    }

    /// The value behind a token, opened, for each subject that has it, by subject. Nothing when there is none (any
    /// more). Whether the asker may know is the caller's to settle first.
    ///
    /// # Errors
    /// [`StoreError::WrongKeys`] and [`StoreError::Unsealable`] when it does not open.
    pub async fn reveal(&self, vault: &Vault, token: &str) -> Result<Vec<Revealed>> {
        let sql = "select v.token, v.subject, v.kind, v.sealed, k.wrapped from sealed_value v
                   join subject_key k on k.subject = v.subject where v.token = $1 order by v.subject";
        self.read().await?.all(sql, values![token], |row| revealed(vault, row)).await
    }

    /// All values of a subject, opened, by kind and token. As [`Store::reveal`].
    ///
    /// # Errors
    /// As [`Store::reveal`].
    pub async fn reveal_subject(&self, vault: &Vault, subject: &str) -> Result<Vec<Revealed>> {
        let sql = "select v.token, v.subject, v.kind, v.sealed, k.wrapped from sealed_value v
                   join subject_key k on k.subject = v.subject where v.subject = $1 order by v.kind, v.token";
        self.read().await?.all(sql, values![subject], |row| revealed(vault, row)).await
    }

    /// Destroys the keys of subjects, and their values with them: whatever was sealed under such a key, wherever a
    /// copy of it is, cannot be read again. Says how many keys there were.
    ///
    /// On SQLite the bytes are overwritten in the file and its log is emptied. PostgreSQL keeps old row versions until
    /// it vacuums, and its own log as long as it is set to; backups of either database keep the wrapped key, which is
    /// of no use once the master key was changed ([`Store::rewrap`]) and the old one destroyed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn shred_subjects(&self, subjects: &[String]) -> Result<u64> {
        let mut tx = self.write().await?;
        let rows = || subjects.iter().map(|subject| [subject.into()]);
        let values = Bulk {
            columns: [("subject", Kind::Text)],
            statement: "delete from sealed_value where subject in (select subject from v)",
        };
        let keys = Bulk {
            columns: [("subject", Kind::Text)],
            statement: "delete from subject_key where subject in (select subject from v) returning subject",
        };
        tx.bulk(&values, rows()).await?;
        let mut shredded = 0;
        tx.bulk_each(&keys, rows(), |_| {
            shredded += 1;
            Ok(())
        })
        .await?;
        tx.commit().await?;
        self.empty_log().await?;
        Ok(shredded)
    }

    /// SQLite: what was deleted is still in the write-ahead log until that is emptied.
    async fn empty_log(&self) -> Result<()> {
        if let Db::Sqlite { pool, .. } = &self.db {
            sqlx::raw_sql("pragma wal_checkpoint(truncate)").execute(pool).await?;
        }
        Ok(())
    }

    /// Wraps every subject's key under the master key of `new`, in one transaction; says how many. Values stay as they
    /// are. Programs that still have the old master key are refused from then on.
    ///
    /// # Errors
    /// [`StoreError::WrongKeys`] when `old` is not the vault of this store, or `new` has another hashing key.
    pub async fn rewrap(&self, old: &Vault, new: &Vault, random: Random<'_>) -> Result<u64> {
        let mut tx = self.write().await?;
        if let Tx::Postgres(_) = tx {
            tx.execute("lock table subject_key, key_check in exclusive mode", vec![]).await?;
        }
        if let Some(check) = key_check(&mut tx).await? {
            old.verify_check(&check)?;
        }
        if old.token("check", "florin") != new.token("check", "florin") {
            return Err(StoreError::WrongKeys("the hashing key must stay the same"));
        }
        let rewrapped = rewrap_all(&mut tx, old, new, random).await?;
        let sql = "insert into key_check (id, sealed) values (1, $1)
                   on conflict (id) do update set sealed = excluded.sealed";
        tx.execute(sql, values![new.seal_check(random)?]).await?;
        tx.commit().await?;
        self.empty_log().await?;
        Ok(rewrapped)
    }
}

async fn rewrap_all(tx: &mut Tx, old: &Vault, new: &Vault, random: Random<'_>) -> Result<u64> {
    let page = "select subject, wrapped from subject_key where subject > $1 order by subject limit $2";
    let (mut after, mut rewrapped) = (String::new(), 0);
    loop {
        let keys = tx.all(page, values![&after, REWRAP_PAGE], wrapped_key).await?;
        let Some(last) = keys.last() else { return Ok(rewrapped) };
        after.clone_from(&last.subject);
        rewrapped += keys.len() as u64;
        let keys = keys.iter().map(|key| old.rewrap(new, key, random)).collect::<Result<Vec<_>>>()?;
        update_keys(tx, keys).await?;
    }
}

async fn update_keys(tx: &mut Tx, keys: Vec<WrappedKey>) -> Result<()> {
    let bulk = Bulk {
        columns: [("subject", Kind::Text), ("wrapped", Kind::Blob)],
        statement: "update subject_key set wrapped = v.wrapped from v where v.subject = subject_key.subject",
    };
    tx.bulk(&bulk, keys.into_iter().map(|key| [key.subject.into(), key.wrapped.into()])).await
}

pub(crate) async fn insert_keys(tx: &mut Tx, keys: Vec<WrappedKey>) -> Result<()> {
    let Some(first) = keys.first() else { return Ok(()) };
    check_fingerprint(tx, first, &keys).await?;
    let bulk = Bulk {
        columns: [("subject", Kind::Text), ("wrapped", Kind::Blob)],
        statement: "insert into subject_key (subject, wrapped) select subject, wrapped from v",
    };
    let rows = keys.into_iter().map(|key| [key.subject.into(), key.wrapped.into()]);
    tx.bulk(&bulk, rows).await.map_err(|error| error.clash(|| "a subject has a key already".to_owned()))
}

/// A program that still runs with an old master key must not add keys that nobody could open later.
async fn check_fingerprint(tx: &mut Tx, first: &WrappedKey, keys: &[WrappedKey]) -> Result<()> {
    let expected = match key_check(tx).await? {
        Some(check) => check,
        None => first.wrapped.clone(),
    };
    let expected = expected.get(..FINGERPRINT_BYTES);
    if keys.iter().any(|key| key.wrapped.get(..FINGERPRINT_BYTES) != expected) {
        return Err(StoreError::WrongKeys("a key was wrapped under another master key"));
    }
    Ok(())
}

pub(crate) async fn insert_values(tx: &mut Tx, sealed: Vec<SealedValue>) -> Result<()> {
    let bulk = Bulk {
        columns: [("token", Kind::Text), ("subject", Kind::Text), ("kind", Kind::Text), ("sealed", Kind::Blob)],
        statement: "insert into sealed_value (token, subject, kind, sealed)
                    select token, subject, kind, sealed from v where true on conflict (token, subject) do nothing",
    };
    let rows = sealed
        .into_iter()
        .map(|value| [value.token.into(), value.subject.into(), value.kind.into(), value.sealed.into()]);
    tx.bulk(&bulk, rows).await
}

async fn key_check(tx: &mut Tx) -> Result<Option<Vec<u8>>> {
    tx.first("select sealed from key_check where id = 1", vec![], |row| row.get(0)).await
}

fn wrapped_key(row: &Row) -> Result<WrappedKey> {
    Ok(WrappedKey { subject: row.get(0)?, wrapped: row.get(1)? })
}

fn sealed_value(row: &Row) -> Result<SealedValue> {
    Ok(SealedValue { token: row.get(0)?, subject: row.get(1)?, kind: row.get(2)?, sealed: row.get(3)? })
}

pub(crate) fn revealed(vault: &Vault, row: &Row) -> Result<Revealed> {
    let value = sealed_value(row)?;
    let key = vault.open_subject(&WrappedKey { subject: value.subject.clone(), wrapped: row.get(4)? })?;
    let opened = key.open_value(&value)?;
    Ok(Revealed { subject: value.subject, kind: value.kind, value: opened })
}
