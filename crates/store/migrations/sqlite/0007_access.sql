-- Who may sign in, and with what. Times are UTC microseconds; `roles` and `scopes` are names in order, with commas between.
create table access_user (
    name text primary key,
    display_name text not null,
    roles text not null,
    disabled integer not null,
    created_at integer not null
) strict;

-- What a password is checked against (argon2id, as a PHC string). One that somebody else made must be changed before it
-- opens anything, and expires.
create table access_password (
    user_name text primary key references access_user (name),
    phc text not null,
    set_at integer not null,
    must_change integer not null,
    expires_at integer
) strict;

-- Sessions, by a hash of their token. What is not here any more is not signed in.
create table access_session (
    hash blob primary key,
    id text not null unique,
    user_name text not null references access_user (name),
    created_at integer not null,
    last_seen_at integer not null,
    expires_at integer not null,
    second_factor integer not null,
    address text not null
) strict;
create index access_session_user on access_session (user_name);

-- The secret of an authenticator app, sealed under the key of the subject `user:<name>`. Not asked for before it was
-- confirmed with a code. Steps up to `last_step` are used.
create table access_totp (
    user_name text primary key references access_user (name),
    sealed blob not null,
    confirmed integer not null,
    last_step integer not null,
    set_at integer not null
) strict;

-- Hashes of the recovery codes that are left.
create table access_recovery_code (
    user_name text not null references access_user (name),
    hash blob not null,
    primary key (user_name, hash)
) strict;

-- Keys for machines: a hash of the secret, and where the key may speak SQL what SCRAM-SHA-256 needs to check it.
create table access_key (
    id text primary key,
    owner text not null references access_user (name),
    name text not null,
    scopes text not null,
    roles text not null,
    hash blob not null,
    scram_salt blob,
    scram_iterations integer,
    scram_stored_key blob,
    scram_server_key blob,
    created_at integer not null,
    expires_at integer not null,
    last_used_at integer,
    revoked_at integer
) strict;
create index access_key_owner on access_key (owner);
