-- Merges and splits of customers, and their undoing, in order. Content: what `identity` says, as JSON; no identifying value.
create table identity_event (
    seq bigint primary key,
    at bigint not null,
    content text not null
);

-- What the events come to: the person whom a customer is, where that is somebody other than themselves.
create table person_of (
    customer_id bigint primary key,
    person bigint not null
);
