-- What a company plans and watches its deals by: milestones, activity plans, warning signals.

create table milestone_type_state (
    record_key integer not null,
    state_hash ubigint not null,
    code varchar,
    milestone varchar,
    kind varchar,
    position double,
    stage varchar,
    planned_days bigint,
    mandatory boolean,
    synonyms varchar,
    about varchar,
    in_use boolean
);
comment on table milestone_type_state is 'Milestone catalogue: each distinct content of a record as a file gave it.';
comment on column milestone_type_state.record_key is 'The record.';
comment on column milestone_type_state.state_hash is 'Hash of the contents.';
comment on column milestone_type_state.code is 'A short name that never changes. Blank: made of the name.';
comment on column milestone_type_state.milestone is 'What it is called.';
comment on column milestone_type_state.kind is 'Milestone, customer event, stage outcome (at the end of a stage) or verifiable outcome.';
comment on column milestone_type_state.position is 'Milestones are shown from the smallest number to the largest.';
comment on column milestone_type_state.stage is 'The stage that it belongs to.';
comment on column milestone_type_state.planned_days is 'Days from entering that stage by which it should be reached.';
comment on column milestone_type_state.mandatory is 'Whether the stage is not done without it.';
comment on column milestone_type_state.synonyms is 'Other names in exports, separated by semicolons.';
comment on column milestone_type_state.about is 'What it means, in a sentence.';
comment on column milestone_type_state.in_use is 'Whether it is offered for new deals.';

create table milestone_type_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    code varchar,
    milestone varchar,
    kind varchar,
    position double,
    stage varchar,
    planned_days bigint,
    mandatory boolean,
    synonyms varchar,
    about varchar,
    in_use boolean
);
comment on table milestone_type_version is 'Milestone catalogue: what was known of a record, and from when until when.';
comment on column milestone_type_version.record_key is 'The record.';
comment on column milestone_type_version.valid_from is 'From when this holds.';
comment on column milestone_type_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column milestone_type_version.load_id is 'The load that brought it.';
comment on column milestone_type_version.code is 'A short name that never changes. Blank: made of the name.';
comment on column milestone_type_version.milestone is 'What it is called.';
comment on column milestone_type_version.kind is 'Milestone, customer event, stage outcome (at the end of a stage) or verifiable outcome.';
comment on column milestone_type_version.position is 'Milestones are shown from the smallest number to the largest.';
comment on column milestone_type_version.stage is 'The stage that it belongs to.';
comment on column milestone_type_version.planned_days is 'Days from entering that stage by which it should be reached.';
comment on column milestone_type_version.mandatory is 'Whether the stage is not done without it.';
comment on column milestone_type_version.synonyms is 'Other names in exports, separated by semicolons.';
comment on column milestone_type_version.about is 'What it means, in a sentence.';
comment on column milestone_type_version.in_use is 'Whether it is offered for new deals.';

create table plan_step_state (
    record_key integer not null,
    state_hash ubigint not null,
    step_id varchar,
    milestone varchar,
    subject varchar,
    type varchar,
    display varchar,
    lead_days bigint,
    owner varchar,
    resources varchar,
    priority varchar,
    position double,
    in_use boolean
);
comment on table plan_step_state is 'Activity plans: each distinct content of a record as a file gave it.';
comment on column plan_step_state.record_key is 'The record.';
comment on column plan_step_state.state_hash is 'Hash of the contents.';
comment on column plan_step_state.step_id is 'Identifies the activity in its plan, so that its text can change.';
comment on column plan_step_state.milestone is 'The milestone that brings it.';
comment on column plan_step_state.subject is 'What is to be done.';
comment on column plan_step_state.type is 'Call, meeting, e-mail, to do, note or the company''s own types.';
comment on column plan_step_state.display is 'Calendar and activity, activity, or to do.';
comment on column plan_step_state.lead_days is 'So many days before the milestone''s target date it is due.';
comment on column plan_step_state.owner is 'Author (who adds the milestone), deal owner, manager, or a person''s name.';
comment on column plan_step_state.resources is 'What it takes.';
comment on column plan_step_state.priority is 'How urgent it is.';
comment on column plan_step_state.position is 'Activities are shown from the smallest number to the largest.';
comment on column plan_step_state.in_use is 'Whether it is suggested.';

create table plan_step_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    step_id varchar,
    milestone varchar,
    subject varchar,
    type varchar,
    display varchar,
    lead_days bigint,
    owner varchar,
    resources varchar,
    priority varchar,
    position double,
    in_use boolean
);
comment on table plan_step_version is 'Activity plans: what was known of a record, and from when until when.';
comment on column plan_step_version.record_key is 'The record.';
comment on column plan_step_version.valid_from is 'From when this holds.';
comment on column plan_step_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column plan_step_version.load_id is 'The load that brought it.';
comment on column plan_step_version.step_id is 'Identifies the activity in its plan, so that its text can change.';
comment on column plan_step_version.milestone is 'The milestone that brings it.';
comment on column plan_step_version.subject is 'What is to be done.';
comment on column plan_step_version.type is 'Call, meeting, e-mail, to do, note or the company''s own types.';
comment on column plan_step_version.display is 'Calendar and activity, activity, or to do.';
comment on column plan_step_version.lead_days is 'So many days before the milestone''s target date it is due.';
comment on column plan_step_version.owner is 'Author (who adds the milestone), deal owner, manager, or a person''s name.';
comment on column plan_step_version.resources is 'What it takes.';
comment on column plan_step_version.priority is 'How urgent it is.';
comment on column plan_step_version.position is 'Activities are shown from the smallest number to the largest.';
comment on column plan_step_version.in_use is 'Whether it is suggested.';

create table warning_signal_state (
    record_key integer not null,
    state_hash ubigint not null,
    code varchar,
    signal varchar,
    about varchar,
    ask varchar,
    position double,
    in_use boolean
);
comment on table warning_signal_state is 'Warning signals: each distinct content of a record as a file gave it.';
comment on column warning_signal_state.record_key is 'The record.';
comment on column warning_signal_state.state_hash is 'Hash of the contents.';
comment on column warning_signal_state.code is 'A short name that never changes. Blank: made of the name.';
comment on column warning_signal_state.signal is 'What it is called.';
comment on column warning_signal_state.about is 'Customer, contest or us.';
comment on column warning_signal_state.ask is 'The question that finds it.';
comment on column warning_signal_state.position is 'Signals are shown from the smallest number to the largest.';
comment on column warning_signal_state.in_use is 'Whether deals are checked for it.';

create table warning_signal_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    code varchar,
    signal varchar,
    about varchar,
    ask varchar,
    position double,
    in_use boolean
);
comment on table warning_signal_version is 'Warning signals: what was known of a record, and from when until when.';
comment on column warning_signal_version.record_key is 'The record.';
comment on column warning_signal_version.valid_from is 'From when this holds.';
comment on column warning_signal_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column warning_signal_version.load_id is 'The load that brought it.';
comment on column warning_signal_version.code is 'A short name that never changes. Blank: made of the name.';
comment on column warning_signal_version.signal is 'What it is called.';
comment on column warning_signal_version.about is 'Customer, contest or us.';
comment on column warning_signal_version.ask is 'The question that finds it.';
comment on column warning_signal_version.position is 'Signals are shown from the smallest number to the largest.';
comment on column warning_signal_version.in_use is 'Whether deals are checked for it.';

create table deal_warning_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    signal varchar,
    holds boolean,
    seen_on date,
    author varchar,
    note varchar
);
comment on table deal_warning_state is 'Warnings: each distinct content of a record as a file gave it.';
comment on column deal_warning_state.record_key is 'The record.';
comment on column deal_warning_state.state_hash is 'Hash of the contents.';
comment on column deal_warning_state.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column deal_warning_state.signal is 'The warning signal, by its code or its name.';
comment on column deal_warning_state.holds is 'Whether it still holds; blank means yes.';
comment on column deal_warning_state.seen_on is 'The day on which it was seen. Blank: the day of the export.';
comment on column deal_warning_state.author is 'Who saw it.';
comment on column deal_warning_state.note is 'What was seen.';

create table deal_warning_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    signal varchar,
    holds boolean,
    seen_on date,
    author varchar,
    note varchar
);
comment on table deal_warning_version is 'Warnings: what was known of a record, and from when until when.';
comment on column deal_warning_version.record_key is 'The record.';
comment on column deal_warning_version.valid_from is 'From when this holds.';
comment on column deal_warning_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column deal_warning_version.load_id is 'The load that brought it.';
comment on column deal_warning_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column deal_warning_version.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column deal_warning_version.signal is 'The warning signal, by its code or its name.';
comment on column deal_warning_version.holds is 'Whether it still holds; blank means yes.';
comment on column deal_warning_version.seen_on is 'The day on which it was seen. Blank: the day of the export.';
comment on column deal_warning_version.author is 'Who saw it.';
comment on column deal_warning_version.note is 'What was seen.';

-- The milestones in use: the catalogue, and what the data name besides.
create table milestone_type (
    milestone_key integer not null,
    code varchar not null,
    milestone varchar not null,
    kind varchar not null,
    position double not null,
    stage varchar,
    planned_days integer,
    mandatory boolean not null,
    in_use boolean not null,
    origin varchar not null,
    about varchar,
    synonyms varchar
);
comment on table milestone_type is 'The milestones in their order: the catalogue, and those that only the data name.';
comment on column milestone_type.milestone_key is 'The record.';
comment on column milestone_type.code is 'A short name that never changes.';
comment on column milestone_type.milestone is 'What it is called.';
comment on column milestone_type.kind is 'Milestone, customer event, stage outcome, verifiable outcome or own.';
comment on column milestone_type.position is 'Its place in the order of a usual deal.';
comment on column milestone_type.stage is 'The stage that it belongs to.';
comment on column milestone_type.planned_days is 'Days from entering that stage by which it should be reached.';
comment on column milestone_type.mandatory is 'Whether the stage is not done without it.';
comment on column milestone_type.in_use is 'Whether it is offered for new deals.';
comment on column milestone_type.origin is 'default, set by the company, or found in its data.';
comment on column milestone_type.about is 'What it means.';
comment on column milestone_type.synonyms is 'Other names in exports.';

create table milestone_name (name varchar not null, milestone_key integer not null);
comment on table milestone_name is 'The milestone that each spelling in the data means.';
comment on column milestone_name.name is 'The name as a file has it.';
comment on column milestone_name.milestone_key is 'The milestone.';

alter table milestone_version add column milestone_key integer;
comment on column milestone_version.milestone_key is 'The milestone of the catalogue that its name means.';
