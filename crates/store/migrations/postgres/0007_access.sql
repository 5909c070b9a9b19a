-- Who may sign in, and with what. Times are UTC microseconds; `roles` and `scopes` are names in order, with commas between.
create table access_user (
    name text primary key,
    display_name text not null,
    roles text not null,
    disabled bigint not null,
    created_at bigint not null
);

-- What a password is checked against (argon2id, as a PHC string). One that somebody else made must be changed before it
-- opens anything, and expires.
create table access_password (
    user_name text primary key references access_user (name),
    phc text not null,
    set_at bigint not null,
    must_change bigint not null,
    expires_at bigint
);

-- Sessions, by a hash of their token. What is not here any more is not signed in.
create table access_session (
    hash bytea primary key,
    id text not null unique,
    user_name text not null references access_user (name),
    created_at bigint not null,
    last_seen_at bigint not null,
    expires_at bigint not null,
    second_factor bigint not null,
    address text not null
);
create index access_session_user on access_session (user_name);

-- The secret of an authenticator app, sealed under the key of the subject `user:<name>`. Not asked for before it was
-- confirmed with a code. Steps up to `last_step` are used.
create table access_totp (
    user_name text primary key references access_user (name),
    sealed bytea not null,
    confirmed bigint not null,
    last_step bigint not null,
    set_at bigint not null
);

-- Hashes of the recovery codes that are left.
create table access_recovery_code (
    user_name text not null references access_user (name),
    hash bytea not null,
    primary key (user_name, hash)
);

-- Keys for machines: a hash of the secret, and where the key may speak SQL what SCRAM-SHA-256 needs to check it.
create table access_key (
    id text primary key,
    owner text not null references access_user (name),
    name text not null,
    scopes text not null,
    roles text not null,
    hash bytea not null,
    scram_salt bytea,
    scram_iterations bigint,
    scram_stored_key bytea,
    scram_server_key bytea,
    created_at bigint not null,
    expires_at bigint not null,
    last_used_at bigint,
    revoked_at bigint
);
create index access_key_owner on access_key (owner);
