create table definition (
    kind text not null,
    name text not null,
    version integer not null,
    content blob, -- null: this version says that the definition was removed
    text text,
    recorded_at integer not null,
    recorded_by text not null,
    primary key (kind, name, version)
) strict, without rowid;

create table file (
    path text primary key,
    size integer not null,
    mtime_ns integer not null,
    inode integer not null,
    content blob not null
) strict, without rowid;

-- autoincrement: the number of an abandoned batch is never given again, as rows of the lake may still carry it.
create table batch (
    id integer primary key autoincrement,
    source text not null,
    mapping text not null,
    target text not null,
    file text not null,
    content blob not null,
    mapping_version integer not null,
    retry integer not null,
    state text not null check (state in ('planned', 'prepared', 'done')),
    started_at integer not null,
    finished_at integer,
    records_read integer not null default 0,
    records_stored integer not null default 0,
    records_duplicate integer not null default 0,
    records_quarantined integer not null default 0,
    records_refused integer not null default 0,
    header text not null default '[]',
    warned text not null default 'null',
    lake_version integer
) strict;

-- One content goes through one mapping once. A retry takes rows from the quarantine and may be tried again.
create unique index batch_once on batch (source, mapping, content) where retry = 0;
create index batch_state on batch (state);

create table quarantine (
    id integer primary key autoincrement,
    batch integer not null references batch (id) on delete cascade,
    row_number integer not null,
    code text not null,
    column_name text,
    reason text not null,
    raw blob not null
) strict;

create index quarantine_batch on quarantine (batch);

-- A row left the quarantine when the batch that put it in is done.
create table quarantine_resolution (
    quarantine integer primary key references quarantine (id) on delete cascade,
    batch integer not null references batch (id) on delete cascade
) strict;

create index quarantine_resolution_batch on quarantine_resolution (batch);

create table customer_key (
    customer_id integer primary key,
    system text not null,
    key integer not null
) strict;

create unique index customer_key_system on customer_key (system, key);

-- batch 0: said in a channel, not read from a file.
create table consent_word (
    purpose text not null,
    customer_id integer not null,
    ts integer not null,
    withdrawn integer not null,
    batch integer not null,
    channel text,
    notice text,
    primary key (purpose, customer_id, ts, withdrawn, batch)
) strict, without rowid;

create index consent_word_customer on consent_word (customer_id);

create table subject_key (
    subject text primary key,
    wrapped blob not null
) strict, without rowid;

-- By subject first: a load brings subjects in order, and only the small index by token is written all over.
create table sealed_value (
    token text not null,
    subject text not null references subject_key (subject) deferrable initially deferred,
    kind text not null,
    sealed blob not null,
    primary key (subject, token)
) strict, without rowid;

create index sealed_value_token on sealed_value (token);

create table key_check (
    id integer primary key,
    sealed blob not null
) strict;

create table audit (
    seq integer primary key,
    at integer not null,
    payload text not null,
    previous blob not null,
    hash blob not null,
    signature blob not null
) strict;

create table lock_holder (
    name text primary key,
    held_by text not null,
    since integer not null
) strict;
