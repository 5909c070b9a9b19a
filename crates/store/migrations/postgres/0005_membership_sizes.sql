-- How many belong, of how many it cannot be told, and of what a saved number says something: told without reading a set. What is here
-- already is counted, and put in its place, right after this.
alter table membership
    add column size bigint not null default 0,
    add column unsure bigint not null default 0,
    -- Of a number that was saved: which, and who may know it. JSON of `pipelines`.
    add column saved text;
alter table membership alter column size drop default, alter column unsure drop default;
