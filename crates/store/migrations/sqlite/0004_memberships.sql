-- Who belongs to a segment, as it was last decided. Sets of customers are in roaring's portable format; `clusters` holds one set a
-- cluster, the history is as `features` writes it. `revision` counts writings, so that of two who write at once one is told.
create table membership (
    segment text primary key,
    revision integer not null,
    -- What it was decided from, and what is known of it beside who belongs: JSON of `pipelines`.
    content text not null,
    members blob not null,
    unknown blob not null,
    clusters blob,
    history blob not null
) strict;

-- How often customers were erased from memberships: what was decided before an erasure is not written after it. One row.
create table membership_erasures (
    number integer not null
) strict;
insert into membership_erasures (number) values (0);
