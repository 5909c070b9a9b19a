-- Versions of models, by what they are: `content` is a hash (BLAKE3, hex) of a version's bytes and of the definition that judged it, and
-- `bytes` that of the bytes alone, which lie beside the lake. `made` says what it was learnt from and how good it is: JSON of
-- `pipelines`. `revision` counts changes of the state, so that of two who act at once one is told.
create table model_version (
    name text not null,
    version integer not null,
    content text not null,
    bytes text not null,
    state text not null,
    made text not null,
    trained_at integer not null,
    trained_by text not null,
    revision integer not null,
    primary key (name, version),
    unique (name, content)
) strict;
-- A model has one champion at most.
create unique index model_champion on model_version (name) where state = 'champion';

-- What was done with a version, in order: trained, waived, approved, promoted ….
create table model_act (
    name text not null,
    version integer not null,
    number integer not null,
    at integer not null,
    by_user text not null,
    act text not null,
    -- What the act is about (a guard, say) and why, where it says so.
    subject text,
    reason text,
    primary key (name, version, number),
    foreign key (name, version) references model_version (name, version)
) strict;
