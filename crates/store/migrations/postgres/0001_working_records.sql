create table definition (
    kind text not null,
    name text not null,
    version bigint not null,
    content bytea, -- null: this version says that the definition was removed
    text text,
    recorded_at bigint not null,
    recorded_by text not null,
    primary key (kind, name, version)
);

create table file (
    path text primary key,
    size bigint not null,
    mtime_ns bigint not null,
    inode bigint not null,
    content bytea not null
);

-- always as identity: the number of an abandoned batch is never given again, as rows of the lake may still carry it.
create table batch (
    id bigint generated always as identity primary key,
    source text not null,
    mapping text not null,
    target text not null,
    file text not null,
    content bytea not null,
    mapping_version bigint not null,
    retry bigint not null,
    state text not null check (state in ('planned', 'prepared', 'done')),
    started_at bigint not null,
    finished_at bigint,
    records_read bigint not null default 0,
    records_stored bigint not null default 0,
    records_duplicate bigint not null default 0,
    records_quarantined bigint not null default 0,
    records_refused bigint not null default 0,
    header text not null default '[]',
    warned text not null default 'null',
    lake_version bigint
);

-- One content goes through one mapping once. A retry takes rows from the quarantine and may be tried again.
create unique index batch_once on batch (source, mapping, content) where retry = 0;
create index batch_state on batch (state);

create table quarantine (
    id bigint generated always as identity primary key,
    batch bigint not null references batch (id) on delete cascade,
    row_number bigint not null,
    code text not null,
    column_name text,
    reason text not null,
    raw bytea not null
);

create index quarantine_batch on quarantine (batch);

-- A row left the quarantine when the batch that put it in is done.
create table quarantine_resolution (
    quarantine bigint primary key references quarantine (id) on delete cascade,
    batch bigint not null references batch (id) on delete cascade
);

create index quarantine_resolution_batch on quarantine_resolution (batch);

create table customer_key (
    customer_id bigint primary key,
    system text not null,
    key bigint not null
);

create unique index customer_key_system on customer_key (system, key);

-- batch 0: said in a channel, not read from a file.
create table consent_word (
    purpose text not null,
    customer_id bigint not null,
    ts bigint not null,
    withdrawn bigint not null,
    batch bigint not null,
    channel text,
    notice text,
    primary key (purpose, customer_id, ts, withdrawn, batch)
);

create index consent_word_customer on consent_word (customer_id);

create table subject_key (
    subject text primary key,
    wrapped bytea not null
);

-- By subject first: a load brings subjects in order, and only the small index by token is written all over.
create table sealed_value (
    token text not null,
    subject text not null references subject_key (subject) deferrable initially deferred,
    kind text not null,
    sealed bytea not null,
    primary key (subject, token)
);

create index sealed_value_token on sealed_value (token);

create table key_check (
    id bigint primary key,
    sealed bytea not null
);

create table audit (
    seq bigint primary key,
    at bigint not null,
    payload text not null,
    previous bytea not null,
    hash bytea not null,
    signature bytea not null
);

create table lock_holder (
    name text primary key,
    held_by text not null,
    since bigint not null
);
