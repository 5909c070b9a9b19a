-- How many belong, of how many it cannot be told, and of what a saved number says something, before the sets: a row is then told from
-- its first page, whatever the sets take. What is here already is counted, and put in its place, right after this.
create table membership_sized (
    segment text primary key,
    revision integer not null,
    size integer not null,
    unsure integer not null,
    -- Of a number that was saved: which, and who may know it. JSON of `pipelines`.
    saved text,
    -- What it was decided from, and what is known of it beside who belongs: JSON of `pipelines`.
    content text not null,
    members blob not null,
    unknown blob not null,
    clusters blob,
    history blob not null
) strict;
insert into membership_sized
    select segment, revision, 0, 0, null, content, members, unknown, clusters, history from membership;
drop table membership;
alter table membership_sized rename to membership;
