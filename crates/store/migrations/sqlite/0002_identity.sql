-- Merges and splits of customers, and their undoing, in order. Content: what `identity` says, as JSON; no identifying value.
create table identity_event (
    seq integer primary key,
    at integer not null,
    content text not null
) strict;
