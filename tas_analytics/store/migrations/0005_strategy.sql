-- What a strategy rests on and the value that it promises. A strategy is known by its competitor too, so that two of one day
-- are two.

create table judgement_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    judgement varchar,
    answer varchar,
    judged_on date,
    author varchar,
    reason varchar
);
comment on table judgement_state is 'Strategy judgements: each distinct content of a record as a file gave it.';
comment on column judgement_state.record_key is 'The record.';
comment on column judgement_state.state_hash is 'Hash of the contents.';
comment on column judgement_state.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column judgement_state.judgement is 'three_to_one, criteria_changeable, winnable_subset, position_to_protect or event_creatable.';
comment on column judgement_state.answer is 'Yes, no or unknown.';
comment on column judgement_state.judged_on is 'The day of the judgement. Blank: the day of the export.';
comment on column judgement_state.author is 'Who judged it.';
comment on column judgement_state.reason is 'Why.';

create table judgement_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    judgement varchar,
    answer varchar,
    judged_on date,
    author varchar,
    reason varchar
);
comment on table judgement_version is 'Strategy judgements: what was known of a record, and from when until when.';
comment on column judgement_version.record_key is 'The record.';
comment on column judgement_version.valid_from is 'From when this holds.';
comment on column judgement_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column judgement_version.load_id is 'The load that brought it.';
comment on column judgement_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column judgement_version.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column judgement_version.judgement is 'three_to_one, criteria_changeable, winnable_subset, position_to_protect or event_creatable.';
comment on column judgement_version.answer is 'Yes, no or unknown.';
comment on column judgement_version.judged_on is 'The day of the judgement. Blank: the day of the export.';
comment on column judgement_version.author is 'Who judged it.';
comment on column judgement_version.reason is 'Why.';

create table value_argument_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    argument varchar,
    business_driver varchar,
    business_initiative varchar,
    solution varchar,
    differentiation varchar,
    unique_value varchar,
    confirmed_by varchar,
    confirmed_on date,
    author varchar
);
comment on table value_argument_state is 'Value chain: each distinct content of a record as a file gave it.';
comment on column value_argument_state.record_key is 'The record.';
comment on column value_argument_state.state_hash is 'Hash of the contents.';
comment on column value_argument_state.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column value_argument_state.argument is 'Its number or name. Blank: the deal has one.';
comment on column value_argument_state.business_driver is 'What moves the customer''s business.';
comment on column value_argument_state.business_initiative is 'What the customer does about it.';
comment on column value_argument_state.solution is 'What of ours makes the initiative work.';
comment on column value_argument_state.differentiation is 'What nobody else can do in its place.';
comment on column value_argument_state.unique_value is 'The result that the customer gets from us alone.';
comment on column value_argument_state.confirmed_by is 'Who at the customer has said so.';
comment on column value_argument_state.confirmed_on is 'The day on which they said so; blank while they have not.';
comment on column value_argument_state.author is 'Who wrote it.';

create table value_argument_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    argument varchar,
    business_driver varchar,
    business_initiative varchar,
    solution varchar,
    differentiation varchar,
    unique_value varchar,
    confirmed_by varchar,
    confirmed_on date,
    author varchar
);
comment on table value_argument_version is 'Value chain: what was known of a record, and from when until when.';
comment on column value_argument_version.record_key is 'The record.';
comment on column value_argument_version.valid_from is 'From when this holds.';
comment on column value_argument_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column value_argument_version.load_id is 'The load that brought it.';
comment on column value_argument_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column value_argument_version.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column value_argument_version.argument is 'Its number or name. Blank: the deal has one.';
comment on column value_argument_version.business_driver is 'What moves the customer''s business.';
comment on column value_argument_version.business_initiative is 'What the customer does about it.';
comment on column value_argument_version.solution is 'What of ours makes the initiative work.';
comment on column value_argument_version.differentiation is 'What nobody else can do in its place.';
comment on column value_argument_version.unique_value is 'The result that the customer gets from us alone.';
comment on column value_argument_version.confirmed_by is 'Who at the customer has said so.';
comment on column value_argument_version.confirmed_on is 'The day on which they said so; blank while they have not.';
comment on column value_argument_version.author is 'Who wrote it.';

create table value_proposition_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    form varchar,
    proposition varchar,
    business_initiative varchar,
    outcome varchar,
    solution varchar,
    similar_customer varchar,
    past_value varchar,
    current_situation varchar,
    business_driver varchar,
    tracking_system varchar,
    frequency varchar,
    compelling_event varchar,
    shared_risk varchar,
    confirmed_by varchar,
    confirmed_on date,
    author varchar
);
comment on table value_proposition_state is 'Value propositions: each distinct content of a record as a file gave it.';
comment on column value_proposition_state.record_key is 'The record.';
comment on column value_proposition_state.state_hash is 'Hash of the contents.';
comment on column value_proposition_state.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column value_proposition_state.form is 'Initiative, precedent, change, tracking, event or assurance.';
comment on column value_proposition_state.proposition is 'Its number or name, where a deal has several of one form.';
comment on column value_proposition_state.business_initiative is 'What the customer wants to do.';
comment on column value_proposition_state.outcome is 'A result that is specific or can be measured.';
comment on column value_proposition_state.solution is 'What we deliver.';
comment on column value_proposition_state.similar_customer is 'Who was in the same situation.';
comment on column value_proposition_state.past_value is 'What they gained.';
comment on column value_proposition_state.current_situation is 'How the customer does it today.';
comment on column value_proposition_state.business_driver is 'What moves the customer''s business.';
comment on column value_proposition_state.tracking_system is 'How the value is measured.';
comment on column value_proposition_state.frequency is 'How often it is reported.';
comment on column value_proposition_state.compelling_event is 'Why they must act, and by when.';
comment on column value_proposition_state.shared_risk is 'How we share in the risk or the reward.';
comment on column value_proposition_state.confirmed_by is 'Who at the customer has agreed to it.';
comment on column value_proposition_state.confirmed_on is 'The day on which they did; blank while they have not.';
comment on column value_proposition_state.author is 'Who wrote it.';

create table value_proposition_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    form varchar,
    proposition varchar,
    business_initiative varchar,
    outcome varchar,
    solution varchar,
    similar_customer varchar,
    past_value varchar,
    current_situation varchar,
    business_driver varchar,
    tracking_system varchar,
    frequency varchar,
    compelling_event varchar,
    shared_risk varchar,
    confirmed_by varchar,
    confirmed_on date,
    author varchar
);
comment on table value_proposition_version is 'Value propositions: what was known of a record, and from when until when.';
comment on column value_proposition_version.record_key is 'The record.';
comment on column value_proposition_version.valid_from is 'From when this holds.';
comment on column value_proposition_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column value_proposition_version.load_id is 'The load that brought it.';
comment on column value_proposition_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column value_proposition_version.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column value_proposition_version.form is 'Initiative, precedent, change, tracking, event or assurance.';
comment on column value_proposition_version.proposition is 'Its number or name, where a deal has several of one form.';
comment on column value_proposition_version.business_initiative is 'What the customer wants to do.';
comment on column value_proposition_version.outcome is 'A result that is specific or can be measured.';
comment on column value_proposition_version.solution is 'What we deliver.';
comment on column value_proposition_version.similar_customer is 'Who was in the same situation.';
comment on column value_proposition_version.past_value is 'What they gained.';
comment on column value_proposition_version.current_situation is 'How the customer does it today.';
comment on column value_proposition_version.business_driver is 'What moves the customer''s business.';
comment on column value_proposition_version.tracking_system is 'How the value is measured.';
comment on column value_proposition_version.frequency is 'How often it is reported.';
comment on column value_proposition_version.compelling_event is 'Why they must act, and by when.';
comment on column value_proposition_version.shared_risk is 'How we share in the risk or the reward.';
comment on column value_proposition_version.confirmed_by is 'Who at the customer has agreed to it.';
comment on column value_proposition_version.confirmed_on is 'The day on which they did; blank while they have not.';
comment on column value_proposition_version.author is 'Who wrote it.';

update record set natural_key = named.name
from (
    select record_key, concat_ws(' | ', coalesce(min(opportunity_id), ''), coalesce(min(competitor), ''),
        coalesce(cast(min(declared_on) as varchar), '')) as name
    from strategy_state group by record_key
) named
where record.table_name = 'strategies' and record.record_key = named.record_key;
