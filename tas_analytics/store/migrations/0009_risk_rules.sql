-- When an open deal counts as at risk, as the company wants it.

create table risk_rule_state (
    record_key integer not null,
    state_hash ubigint not null,
    code varchar,
    rule varchar,
    measure varchar,
    comparison varchar,
    threshold double,
    category varchar,
    from_probability double,
    from_amount decimal(18, 2),
    why varchar,
    mend varchar,
    ask varchar,
    position double,
    in_use boolean
);
comment on table risk_rule_state is 'Risk rules: each distinct content of a record as a file gave it.';
comment on column risk_rule_state.record_key is 'The record.';
comment on column risk_rule_state.state_hash is 'Hash of the contents.';
comment on column risk_rule_state.code is 'A short name that never changes. Blank: made of the name.';
comment on column risk_rule_state.rule is 'What it is called.';
comment on column risk_rule_state.measure is 'What is measured of each open deal, such as days_past_close.';
comment on column risk_rule_state.comparison is 'At least or at most. Blank: at least.';
comment on column risk_rule_state.threshold is 'From which value on it is a risk; a share of 40 % is 0.4.';
comment on column risk_rule_state.category is 'Forecast categories, separated by semicolons. Blank: all.';
comment on column risk_rule_state.from_probability is 'Only in stages of at least this probability.';
comment on column risk_rule_state.from_amount is 'Only deals of at least this amount, in the reporting currency.';
comment on column risk_rule_state.why is 'Why it is a risk.';
comment on column risk_rule_state.mend is 'What ends it.';
comment on column risk_rule_state.ask is 'What to ask about it in the review.';
comment on column risk_rule_state.position is 'Rules are shown from the smallest number to the largest.';
comment on column risk_rule_state.in_use is 'Whether deals are checked by it.';

create table risk_rule_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    code varchar,
    rule varchar,
    measure varchar,
    comparison varchar,
    threshold double,
    category varchar,
    from_probability double,
    from_amount decimal(18, 2),
    why varchar,
    mend varchar,
    ask varchar,
    position double,
    in_use boolean
);
comment on table risk_rule_version is 'Risk rules: what was known of a record, and from when until when.';
comment on column risk_rule_version.record_key is 'The record.';
comment on column risk_rule_version.valid_from is 'From when this holds.';
comment on column risk_rule_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column risk_rule_version.load_id is 'The load that brought it.';
comment on column risk_rule_version.code is 'A short name that never changes. Blank: made of the name.';
comment on column risk_rule_version.rule is 'What it is called.';
comment on column risk_rule_version.measure is 'What is measured of each open deal, such as days_past_close.';
comment on column risk_rule_version.comparison is 'At least or at most. Blank: at least.';
comment on column risk_rule_version.threshold is 'From which value on it is a risk; a share of 40 % is 0.4.';
comment on column risk_rule_version.category is 'Forecast categories, separated by semicolons. Blank: all.';
comment on column risk_rule_version.from_probability is 'Only in stages of at least this probability.';
comment on column risk_rule_version.from_amount is 'Only deals of at least this amount, in the reporting currency.';
comment on column risk_rule_version.why is 'Why it is a risk.';
comment on column risk_rule_version.mend is 'What ends it.';
comment on column risk_rule_version.ask is 'What to ask about it in the review.';
comment on column risk_rule_version.position is 'Rules are shown from the smallest number to the largest.';
comment on column risk_rule_version.in_use is 'Whether deals are checked by it.';
