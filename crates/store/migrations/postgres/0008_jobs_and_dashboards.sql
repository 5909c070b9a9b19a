-- Long work that was asked of a server. What it is and who asked are kept, so that it goes on after a restart.
create table job (
    id text primary key,
    what text not null, -- JSON
    state text not null check (state in ('waiting', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
    asked_by text not null,
    roles text not null, -- JSON: in which roles it is done
    repeat_key text unique, -- by which a repeated request is known
    asked_at bigint not null,
    ended_at bigint,
    begun bigint not null default 0, -- how often
    outcome text
);

create index job_asked on job (asked_at);

create table dashboard (
    name text primary key,
    title text not null,
    body text not null, -- JSON
    changed_by text not null,
    changed_at bigint not null,
    version bigint not null
);
