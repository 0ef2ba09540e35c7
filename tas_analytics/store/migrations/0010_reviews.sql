-- What the weekly review goes through, decides and asks.

create table review_state (
    record_key integer not null,
    state_hash ubigint not null,
    held_on date,
    leader varchar,
    opportunity_id varchar,
    note varchar,
    seconds bigint,
    author varchar
);
comment on table review_state is 'Reviews: each distinct content of a record as a file gave it.';
comment on column review_state.record_key is 'The record.';
comment on column review_state.state_hash is 'Hash of the contents.';
comment on column review_state.held_on is 'The day of the data that the review looked at.';
comment on column review_state.leader is 'The leader whose people were reviewed. Blank: everybody''s.';
comment on column review_state.opportunity_id is 'The deal that was gone through, by its ID or its unique name. Blank: the meeting as a whole.';
comment on column review_state.note is 'What was said.';
comment on column review_state.seconds is 'How long it took.';
comment on column review_state.author is 'Who kept the record.';

create table review_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    held_on date,
    leader varchar,
    opportunity_id varchar,
    note varchar,
    seconds bigint,
    author varchar
);
comment on table review_version is 'Reviews: what was known of a record, and from when until when.';
comment on column review_version.record_key is 'The record.';
comment on column review_version.valid_from is 'From when this holds.';
comment on column review_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column review_version.load_id is 'The load that brought it.';
comment on column review_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column review_version.held_on is 'The day of the data that the review looked at.';
comment on column review_version.leader is 'The leader whose people were reviewed. Blank: everybody''s.';
comment on column review_version.opportunity_id is 'The deal that was gone through, by its ID or its unique name. Blank: the meeting as a whole.';
comment on column review_version.note is 'What was said.';
comment on column review_version.seconds is 'How long it took.';
comment on column review_version.author is 'Who kept the record.';

create table decision_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    decided_on date,
    kind varchar,
    note varchar,
    author varchar
);
comment on table decision_state is 'Decisions: each distinct content of a record as a file gave it.';
comment on column decision_state.record_key is 'The record.';
comment on column decision_state.state_hash is 'Hash of the contents.';
comment on column decision_state.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column decision_state.decided_on is 'The day of the data on which it was decided.';
comment on column decision_state.kind is 'keep_commit, move_out, move_in, hold_date, move_date, chase, reassess, close_lost or other.';
comment on column decision_state.note is 'The decision in words.';
comment on column decision_state.author is 'Who decided it.';

create table decision_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    decided_on date,
    kind varchar,
    note varchar,
    author varchar
);
comment on table decision_version is 'Decisions: what was known of a record, and from when until when.';
comment on column decision_version.record_key is 'The record.';
comment on column decision_version.valid_from is 'From when this holds.';
comment on column decision_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column decision_version.load_id is 'The load that brought it.';
comment on column decision_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column decision_version.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column decision_version.decided_on is 'The day of the data on which it was decided.';
comment on column decision_version.kind is 'keep_commit, move_out, move_in, hold_date, move_date, chase, reassess, close_lost or other.';
comment on column decision_version.note is 'The decision in words.';
comment on column decision_version.author is 'Who decided it.';

create table inspection_answer_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    question varchar,
    answered_on date,
    asked varchar,
    fact varchar,
    answer varchar,
    author varchar
);
comment on table inspection_answer_state is 'Inspection answers: each distinct content of a record as a file gave it.';
comment on column inspection_answer_state.record_key is 'The record.';
comment on column inspection_answer_state.state_hash is 'Hash of the contents.';
comment on column inspection_answer_state.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column inspection_answer_state.question is 'The question''s short name, such as date_past.';
comment on column inspection_answer_state.answered_on is 'The day of the data to which the answer belongs.';
comment on column inspection_answer_state.asked is 'The question as it was worded.';
comment on column inspection_answer_state.fact is 'What raised it.';
comment on column inspection_answer_state.answer is 'What was answered. Blank: it was taken back.';
comment on column inspection_answer_state.author is 'Who answered it.';

create table inspection_answer_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    question varchar,
    answered_on date,
    asked varchar,
    fact varchar,
    answer varchar,
    author varchar
);
comment on table inspection_answer_version is 'Inspection answers: what was known of a record, and from when until when.';
comment on column inspection_answer_version.record_key is 'The record.';
comment on column inspection_answer_version.valid_from is 'From when this holds.';
comment on column inspection_answer_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column inspection_answer_version.load_id is 'The load that brought it.';
comment on column inspection_answer_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column inspection_answer_version.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column inspection_answer_version.question is 'The question''s short name, such as date_past.';
comment on column inspection_answer_version.answered_on is 'The day of the data to which the answer belongs.';
comment on column inspection_answer_version.asked is 'The question as it was worded.';
comment on column inspection_answer_version.fact is 'What raised it.';
comment on column inspection_answer_version.answer is 'What was answered. Blank: it was taken back.';
comment on column inspection_answer_version.author is 'Who answered it.';
