-- What customers were last compared by: how often values agree, as JSON of `identity`. One row, and no value of anybody.
create table identity_model (
    content text not null
);
