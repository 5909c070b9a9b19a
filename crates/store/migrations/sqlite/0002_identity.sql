-- Merges and splits of customers, and their undoing, in order. Content: what `identity` says, as JSON; no identifying value.
create table identity_event (
    seq integer primary key,
    at integer not null,
    content text not null
) strict;

-- What the events come to: the person whom a customer is, where that is somebody other than themselves.
create table person_of (
    customer_id integer primary key,
    person integer not null
) strict;
