-- Grows with whatever may change who consents: what was read of consent holds until then.
create table consent_revision (
    n bigint not null
);

insert into consent_revision (n) values (0);

-- Batches that brought words and are not done: what they say yes to counts when they are.
create table consent_batch (
    batch bigint primary key
);

insert into consent_batch (batch)
select distinct batch from consent_word where batch in (select id from batch where state <> 'done');
