-- Other ways to sign in than a password: the bank's own sign-on (OIDC), and passkeys. Times are UTC microseconds.

-- Sign-ons that are under way, by a hash of their `state`; `browser` is a hash of what the browser that began holds. Each is
-- used once.
create table access_oidc_flow (
    state blob primary key,
    browser blob not null,
    next text not null,
    expires_at integer not null
) strict;
create index access_oidc_flow_end on access_oidc_flow (expires_at);

-- Who a user is at the bank's sign-on. A name there may come to be another's; a subject does not.
create table access_oidc_user (
    issuer text not null,
    subject text not null,
    user_name text not null references access_user (name),
    linked_at integer not null,
    primary key (issuer, subject),
    unique (issuer, user_name)
) strict;

-- Challenges that authenticators are to sign, by hash. One for a registration names whose it is. Each is used once.
create table access_passkey_challenge (
    hash blob primary key,
    user_name text references access_user (name),
    handle blob,
    expires_at integer not null
) strict;
create index access_passkey_challenge_end on access_passkey_challenge (expires_at);

-- Passkeys by the id that their authenticator gave them: the public key (COSE), and how often it says it was used.
create table access_passkey (
    id blob primary key,
    user_name text not null references access_user (name),
    handle blob not null,
    name text not null,
    public_key blob not null,
    counter integer not null,
    synced integer not null,
    created_at integer not null,
    last_used_at integer
) strict;
create index access_passkey_user on access_passkey (user_name);
