//! One way to talk to two databases: values in, rows out, transactions around, and inserts in bulk.
//!
//! `$1` placeholders mean the same to both, so nearly every statement of this crate is one text. Where the two differ
//! for a reason (how many rows travel in one statement), the difference is here and nowhere else.

use futures::TryStreamExt;
use sqlx::{
    Arguments, AssertSqlSafe, Decode, Postgres, Row as _, SqlSafeStr, SqlStr, Sqlite, Transaction, Type,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};

use crate::error::{Result, StoreError};

/// Binds of one SQLite statement that inserts in bulk. More do not make it faster, and SQLite allows 32,766.
const SQLITE_BINDS_MAX: usize = 2048;
/// Rows of one PostgreSQL statement that inserts in bulk.
const POSTGRES_ROWS_MAX: usize = 8192;

/// A value on its way into a statement.
#[derive(Clone)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Blob(Option<Vec<u8>>),
}

macro_rules! into_value {
    ($($given:ty => |$x:ident| $value:expr;)*) => {$(
        impl From<$given> for Value {
            fn from($x: $given) -> Self {
                $value
            }
        }
    )*};
}

into_value! {
    i64 => |x| Self::Int(Some(x));
    u32 => |x| Self::Int(Some(x.into()));
    bool => |x| Self::Int(Some(x.into()));
    Option<i64> => |x| Self::Int(x);
    &str => |x| Self::Text(Some(x.to_owned()));
    String => |x| Self::Text(Some(x));
    &String => |x| Self::Text(Some(x.clone()));
    Option<String> => |x| Self::Text(x);
    Vec<u8> => |x| Self::Blob(Some(x));
    &[u8] => |x| Self::Blob(Some(x.to_vec()));
    [u8; 32] => |x| Self::Blob(Some(x.to_vec()));
    &[u8; 32] => |x| Self::Blob(Some(x.to_vec()));
    Option<[u8; 32]> => |x| Self::Blob(x.map(|x| x.to_vec()));
    florin_domain::EventTime => |x| Self::Int(Some(x.micros()));
    florin_domain::CustomerId => |x| Self::Int(Some(x.0.into()));
}

/// `values![a, b]`: the values of a statement, in the order of its placeholders.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::sql::Value::from($value)),*] };
}
pub(crate) use values;

/// What both databases can read from a column.
pub(crate) trait Readable:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl<T> Readable for T where T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{}

/// A row that a statement returned.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// The value of the column at `index`, from 0.
    pub(crate) fn get<T: Readable>(&self, index: usize) -> Result<T> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(index)?,
            Self::Postgres(row) => row.try_get(index)?,
        })
    }

    pub(crate) fn hash(&self, index: usize) -> Result<[u8; 32]> {
        let bytes: Vec<u8> = self.get(index)?;
        bytes.try_into().map_err(|_| StoreError::Corrupt(format!("column {index} is not 32 bytes long")))
    }

    pub(crate) fn time(&self, index: usize) -> Result<florin_domain::EventTime> {
        self.get(index).map(florin_domain::EventTime)
    }

    /// A number that was stored as a 64-bit integer and fits into a narrower or unsigned type.
    pub(crate) fn number<T: TryFrom<i64>>(&self, index: usize) -> Result<T> {
        let wide: i64 = self.get(index)?;
        T::try_from(wide).map_err(|_| StoreError::Corrupt(format!("column {index} is out of range")))
    }
}

/// A transaction on either database. Dropped without [`Tx::commit`], it never happened.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Runs one statement; says how many rows it touched.
    pub(crate) async fn execute(&mut self, sql: &'static str, values: Vec<Value>) -> Result<u64> {
        Ok(match self {
            Self::Sqlite(tx) => {
                sqlx::query_with(sql, sqlite_arguments(values)?).execute(&mut **tx).await?.rows_affected()
            }
            Self::Postgres(tx) => {
                sqlx::query_with(sql, postgres_arguments(values)?).execute(&mut **tx).await?.rows_affected()
            }
        })
    }

    /// Runs several statements without values, separated by semicolons.
    pub(crate) async fn script(&mut self, sql: &'static str) -> Result<()> {
        match self {
            Self::Sqlite(tx) => sqlx::raw_sql(sql).execute(&mut **tx).await.map(|_| ())?,
            Self::Postgres(tx) => sqlx::raw_sql(sql).execute(&mut **tx).await.map(|_| ())?,
        }
        Ok(())
    }

    /// Hands every row of a query to `take`, one at a time.
    pub(crate) async fn each(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
        mut take: impl FnMut(Row) -> Result<()> + Send,
    ) -> Result<()> {
        match self {
            Self::Sqlite(tx) => {
                let mut rows = sqlx::query_with(sql, sqlite_arguments(values)?).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await? {
                    take(Row::Sqlite(row))?;
                }
            }
            Self::Postgres(tx) => {
                let mut rows = sqlx::query_with(sql, postgres_arguments(values)?).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await? {
                    take(Row::Postgres(row))?;
                }
            }
        }
        Ok(())
    }

    /// Every row of a query, made into something.
    pub(crate) async fn all<T: Send>(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
        make: impl Fn(&Row) -> Result<T> + Send + Sync,
    ) -> Result<Vec<T>> {
        let mut made = Vec::new();
        self.each(sql, values, |row| {
            made.push(make(&row)?);
            Ok(())
        })
        .await?;
        Ok(made)
    }

    /// The first row of a query, made into something.
    pub(crate) async fn first<T: Send>(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
        make: impl Fn(&Row) -> Result<T> + Send + Sync,
    ) -> Result<Option<T>> {
        Ok(self.all(sql, values, make).await?.into_iter().next())
    }

    /// The only number of a query that always returns one.
    pub(crate) async fn count(&mut self, sql: &'static str, values: Vec<Value>) -> Result<i64> {
        Ok(self.first(sql, values, |row| row.get(0)).await?.unwrap_or_default())
    }

    /// Runs a statement over rows in bulk, as many at a time as the database takes well.
    pub(crate) async fn bulk<const N: usize>(
        &mut self,
        bulk: &Bulk<N>,
        rows: impl IntoIterator<Item = [Value; N], IntoIter: Send>,
    ) -> Result<()> {
        self.bulk_each(bulk, rows, |_| Ok(())).await
    }

    /// The same, for a statement that returns rows.
    pub(crate) async fn bulk_each<const N: usize>(
        &mut self,
        bulk: &Bulk<N>,
        rows: impl IntoIterator<Item = [Value; N], IntoIter: Send>,
        mut take: impl FnMut(Row) -> Result<()> + Send,
    ) -> Result<()> {
        let size = match self {
            Self::Sqlite(_) => SQLITE_BINDS_MAX / N,
            Self::Postgres(_) => POSTGRES_ROWS_MAX,
        };
        let full = bulk.text(self, size);
        let mut rows = rows.into_iter();
        loop {
            let chunk: Vec<_> = rows.by_ref().take(size).collect();
            match chunk.len() {
                0 => return Ok(()),
                length if length == size => self.run_bulk(bulk, full.clone(), chunk, true, &mut take).await?,
                // The odd remainder is a text of its own; it would only crowd the cache of prepared statements.
                length => self.run_bulk(bulk, bulk.text(self, length), chunk, false, &mut take).await?,
            }
        }
    }

    async fn run_bulk<const N: usize>(
        &mut self,
        bulk: &Bulk<N>,
        sql: SqlStr,
        chunk: Vec<[Value; N]>,
        keep: bool,
        take: &mut (dyn FnMut(Row) -> Result<()> + Send),
    ) -> Result<()> {
        match self {
            Self::Sqlite(tx) => {
                let values = sqlite_arguments(chunk.into_iter().flatten())?;
                let mut rows = sqlx::query_with(sql, values).persistent(keep).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await? {
                    take(Row::Sqlite(row))?;
                }
            }
            Self::Postgres(tx) => {
                let values = bulk.arrays(chunk)?;
                let mut rows = sqlx::query_with(sql, values).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await? {
                    take(Row::Postgres(row))?;
                }
            }
        }
        Ok(())
    }
}

/// The type of a column of a [`Bulk`].
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Int,
    Text,
    Blob,
}

/// A statement over many rows. It reads them from `v`, a table that exists only for the statement.
pub(crate) struct Bulk<const N: usize> {
    /// The columns of `v`.
    pub(crate) columns: [(&'static str, Kind); N],
    /// For example `insert into t (a, b) select a, b from v`.
    pub(crate) statement: &'static str,
}

impl<const N: usize> Bulk<N> {
    /// SQLite takes rows as a list of values, PostgreSQL as one array a column.
    fn text(&self, tx: &Tx, rows: usize) -> SqlStr {
        let names = self.columns.map(|(name, _)| name).join(", ");
        let body = match tx {
            // Plain `?`: looking up numbered ones would take SQLite time quadratic in their number.
            Tx::Sqlite(_) => format!("values {}", vec![format!("({})", ["?"; N].join(", ")); rows].join(", ")),
            Tx::Postgres(_) => format!("select * from unnest({})", self.array_placeholders()),
        };
        // By default SQLite copies every page that a statement touches, so that a failing one can be undone alone. Ours
        // fail together with their transaction.
        let statement = match tx {
            Tx::Sqlite(_) => self.statement.replacen("insert into", "insert or fail into", 1),
            Tx::Postgres(_) => self.statement.to_owned(),
        };
        // Safe: names and statements are constants of this crate; values travel as binds.
        AssertSqlSafe(format!("with v ({names}) as ({body}) {statement}")).into_sql_str()
    }

    fn array_placeholders(&self) -> String {
        let placeholders = self.columns.iter().enumerate().map(|(i, (_, kind))| {
            let ty = match kind {
                Kind::Int => "bigint",
                Kind::Text => "text",
                Kind::Blob => "bytea",
            };
            format!("${}::{ty}[]", i + 1)
        });
        placeholders.collect::<Vec<_>>().join(", ")
    }

    fn arrays(&self, rows: Vec<[Value; N]>) -> Result<PgArguments> {
        let mut columns: [Vec<Value>; N] = std::array::from_fn(|_| Vec::with_capacity(rows.len()));
        for row in rows {
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value);
            }
        }
        let mut arguments = PgArguments::default();
        for ((name, kind), column) in self.columns.iter().zip(columns) {
            add_array(&mut arguments, *kind, column).map_err(|_| wrong_kind(name))?;
        }
        Ok(arguments)
    }
}

fn add_array(arguments: &mut PgArguments, kind: Kind, column: Vec<Value>) -> Result<(), ()> {
    let added = match kind {
        Kind::Int => arguments.add(only(column, |v| if let Value::Int(x) = v { Some(x) } else { None })?),
        Kind::Text => arguments.add(only(column, |v| if let Value::Text(x) = v { Some(x) } else { None })?),
        Kind::Blob => arguments.add(only(column, |v| if let Value::Blob(x) = v { Some(x) } else { None })?),
    };
    added.map_err(|_| ())
}

fn only<T>(column: Vec<Value>, take: impl Fn(Value) -> Option<T>) -> Result<Vec<T>, ()> {
    column.into_iter().map(take).collect::<Option<Vec<_>>>().ok_or(())
}

fn wrong_kind(name: &str) -> StoreError {
    StoreError::Invalid(format!("column `{name}` was given values of another type"))
}

fn sqlite_arguments(values: impl IntoIterator<Item = Value>) -> Result<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        match value {
            Value::Int(x) => Arguments::add(&mut arguments, x),
            Value::Text(x) => Arguments::add(&mut arguments, x),
            Value::Blob(x) => Arguments::add(&mut arguments, x),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn postgres_arguments(values: impl IntoIterator<Item = Value>) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Value::Int(x) => arguments.add(x),
            Value::Text(x) => arguments.add(x),
            Value::Blob(x) => arguments.add(x),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}
