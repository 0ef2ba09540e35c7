-- The criteria of the assessment as the company wants them.

create table criterion_state (
    record_key integer not null,
    state_hash ubigint not null,
    criterion varchar,
    short varchar,
    favourable varchar,
    unfavourable varchar,
    weight double,
    ask varchar,
    whom varchar,
    threshold double,
    within_days bigint
);
comment on table criterion_state is 'Criteria: each distinct content of a record as a file gave it.';
comment on column criterion_state.record_key is 'The record.';
comment on column criterion_state.state_hash is 'Hash of the contents.';
comment on column criterion_state.criterion is 'Number 1 to 20, or its name.';
comment on column criterion_state.short is 'The favourable side in two or three words, for headings.';
comment on column criterion_state.favourable is 'What + means.';
comment on column criterion_state.unfavourable is 'What - means.';
comment on column criterion_state.weight is 'How much it counts in the assessment; 1 unless changed, 0 not at all.';
comment on column criterion_state.ask is 'The questions that find it out, separated by a vertical bar.';
comment on column criterion_state.whom is 'Who can answer them.';
comment on column criterion_state.threshold is '16: order amount from which + is proposed. 17: other business with the account. 18: margin, as a share.';
comment on column criterion_state.within_days is '16: days until the close. 17: days around today that count.';

create table criterion_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    criterion varchar,
    short varchar,
    favourable varchar,
    unfavourable varchar,
    weight double,
    ask varchar,
    whom varchar,
    threshold double,
    within_days bigint
);
comment on table criterion_version is 'Criteria: what was known of a record, and from when until when.';
comment on column criterion_version.record_key is 'The record.';
comment on column criterion_version.valid_from is 'From when this holds.';
comment on column criterion_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column criterion_version.load_id is 'The load that brought it.';
comment on column criterion_version.criterion is 'Number 1 to 20, or its name.';
comment on column criterion_version.short is 'The favourable side in two or three words, for headings.';
comment on column criterion_version.favourable is 'What + means.';
comment on column criterion_version.unfavourable is 'What - means.';
comment on column criterion_version.weight is 'How much it counts in the assessment; 1 unless changed, 0 not at all.';
comment on column criterion_version.ask is 'The questions that find it out, separated by a vertical bar.';
comment on column criterion_version.whom is 'Who can answer them.';
comment on column criterion_version.threshold is '16: order amount from which + is proposed. 17: other business with the account. 18: margin, as a share.';
comment on column criterion_version.within_days is '16: days until the close. 17: days around today that count.';
