-- Every table of the method, histories, and a past for the deals. The same rules as in the first shape:
-- no keys, checks, sequences, enums or indexes.

alter table load add column part varchar;
alter table load add column part_of integer;
alter table load add column options json;
alter table load add column blanks_kept boolean default false;
comment on column load.part is 'What of the file this load took, where one file feeds several tables.';
comment on column load.part_of is 'The load of the same file that this one belongs to and is undone with.';
comment on column load.options is 'What the user said about the file.';
comment on column load.blanks_kept is 'Whether a blank cell of this file means "as before".';

create table mapping (
    fingerprint varchar not null,
    table_name varchar not null,
    options json not null,
    file_name varchar,
    remembered_at timestamp not null,
    remembered_by varchar
);
comment on table mapping is 'How files with the same headers are to be read: corrected once, remembered.';
comment on column mapping.fingerprint is 'Of the headers, in any order.';
comment on column mapping.table_name is 'Table that the file holds.';
comment on column mapping.options is 'The corrections.';
comment on column mapping.file_name is 'File at which they were made.';
comment on column mapping.remembered_at is 'When, by the machine''s clock, UTC.';
comment on column mapping.remembered_by is 'By whom.';

alter table opportunity_state add column pipeline varchar;
comment on column opportunity_state.pipeline is 'The sales process that the stage belongs to, where there are several.';
alter table opportunity_version add column pipeline varchar;
comment on column opportunity_version.pipeline is 'The sales process that the stage belongs to, where there are several.';
alter table opportunity_state add column status varchar;
comment on column opportunity_state.status is 'Open, won or lost, where the CRM says so beside the stage; it tells what the stage means.';
alter table opportunity_version add column status varchar;
comment on column opportunity_version.status is 'Open, won or lost, where the CRM says so beside the stage; it tells what the stage means.';
alter table opportunity_state add column last_open_stage varchar;
comment on column opportunity_state.last_open_stage is 'The stage that a closed deal was in before it closed, where the CRM keeps it.';
alter table account_state add column account_id varchar;
comment on column account_state.account_id is 'The CRM''s identifier, by which deals may name the account.';
alter table account_version add column account_id varchar;
comment on column account_version.account_id is 'The CRM''s identifier, by which deals may name the account.';
alter table person_state add column person_id varchar;
comment on column person_state.person_id is 'The CRM''s identifier, by which deals may name their owner.';
alter table person_version add column person_id varchar;
comment on column person_version.person_id is 'The CRM''s identifier, by which deals may name their owner.';
alter table product_state add column product_id varchar;
comment on column product_state.product_id is 'The CRM''s identifier, by which deals may name the product.';
alter table product_version add column product_id varchar;
comment on column product_version.product_id is 'The CRM''s identifier, by which deals may name the product.';
alter table stage_state add column pipeline varchar;
comment on column stage_state.pipeline is 'The sales process it belongs to. Blank: any that has no stage list.';
alter table stage_version add column pipeline varchar;
comment on column stage_version.pipeline is 'The sales process it belongs to. Blank: any that has no stage list.';
alter table stage_state add column stage_id varchar;
comment on column stage_state.stage_id is 'The CRM''s identifier, by which deals may name the stage.';
alter table stage_version add column stage_id varchar;
comment on column stage_version.stage_id is 'The CRM''s identifier, by which deals may name the stage.';
comment on column account_state.parent is 'The account that owns this one, by name or ID.';
comment on column account_version.parent is 'The account that owns this one, by name or ID.';
comment on column person_state.manager is 'The person that this one reports to, by name or ID.';
comment on column person_version.manager is 'The person that this one reports to, by name or ID.';

alter table opportunity_version add column reconstructed boolean default false;
comment on column opportunity_version.reconstructed is 'Whether it reaches back before the first export of the deal, with values that a later day gave.';
alter table stage add column pipeline varchar;
comment on column stage.pipeline is 'Sales process that it belongs to; blank where there is one only.';
alter table stage add column evidence varchar;
comment on column stage.evidence is 'Why it was placed there.';
alter table stage_spell add column is_exact boolean default false;
comment on column stage_spell.is_exact is 'Whether a history or the CRM gave the day of entry, rather than the first export that shows it.';

-- Where a deal's past is known, but not its stage then.
insert into stage (stage_key, stage, position, probability, status, planned_days, origin, in_use)
values (0, 'Stage not known', -1, 0, 'open', null, 'past', false);

create table change_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    changed_at timestamp,
    left_at timestamp,
    stayed double,
    changed_by varchar,
    pipeline varchar,
    stage varchar,
    from_stage varchar,
    amount decimal(18, 2),
    from_amount decimal(18, 2),
    currency varchar,
    probability double,
    close_date date,
    from_close_date date,
    forecast_category varchar,
    from_forecast_category varchar,
    owner varchar,
    from_owner varchar,
    next_step varchar,
    field varchar,
    old_value varchar,
    new_value varchar,
    change_id varchar
);
comment on table change_state is 'History of deals: each distinct content of a record as a file gave it.';
comment on column change_state.record_key is 'The record.';
comment on column change_state.state_hash is 'Hash of the contents.';
comment on column change_state.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column change_state.changed_at is 'When it became so.';
comment on column change_state.left_at is 'When the stage was left, where the export says so.';
comment on column change_state.stayed is 'How long the stage lasted, where the export says so.';
comment on column change_state.changed_by is 'Who changed it.';
comment on column change_state.pipeline is 'Pipeline from then on.';
comment on column change_state.stage is 'Stage from then on.';
comment on column change_state.from_stage is 'Stage until then.';
comment on column change_state.amount is 'Amount from then on.';
comment on column change_state.from_amount is 'Amount until then.';
comment on column change_state.currency is 'ISO 4217 code of the amounts.';
comment on column change_state.probability is 'Probability from then on.';
comment on column change_state.close_date is 'Close date from then on.';
comment on column change_state.from_close_date is 'Close date until then.';
comment on column change_state.forecast_category is 'Category from then on.';
comment on column change_state.from_forecast_category is 'Category until then.';
comment on column change_state.owner is 'Owner from then on, by name or ID.';
comment on column change_state.from_owner is 'Owner until then, by name or ID.';
comment on column change_state.next_step is 'Next step from then on.';
comment on column change_state.field is 'The field that changed, where it is none of the others.';
comment on column change_state.old_value is 'Its value until then.';
comment on column change_state.new_value is 'Its value from then on.';
comment on column change_state.change_id is 'The CRM''s identifier of the change.';

create table change_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    changed_at timestamp,
    left_at timestamp,
    stayed double,
    changed_by varchar,
    pipeline varchar,
    stage varchar,
    from_stage varchar,
    amount decimal(18, 2),
    from_amount decimal(18, 2),
    currency varchar,
    probability double,
    close_date date,
    from_close_date date,
    forecast_category varchar,
    from_forecast_category varchar,
    owner varchar,
    from_owner varchar,
    next_step varchar,
    field varchar,
    old_value varchar,
    new_value varchar,
    change_id varchar
);
comment on table change_version is 'History of deals: what was known of a record, and from when until when.';
comment on column change_version.record_key is 'The record.';
comment on column change_version.valid_from is 'From when this holds.';
comment on column change_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column change_version.load_id is 'The load that brought it.';
comment on column change_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column change_version.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column change_version.changed_at is 'When it became so.';
comment on column change_version.left_at is 'When the stage was left, where the export says so.';
comment on column change_version.stayed is 'How long the stage lasted, where the export says so.';
comment on column change_version.changed_by is 'Who changed it.';
comment on column change_version.pipeline is 'Pipeline from then on.';
comment on column change_version.stage is 'Stage from then on.';
comment on column change_version.from_stage is 'Stage until then.';
comment on column change_version.amount is 'Amount from then on.';
comment on column change_version.from_amount is 'Amount until then.';
comment on column change_version.currency is 'ISO 4217 code of the amounts.';
comment on column change_version.probability is 'Probability from then on.';
comment on column change_version.close_date is 'Close date from then on.';
comment on column change_version.from_close_date is 'Close date until then.';
comment on column change_version.forecast_category is 'Category from then on.';
comment on column change_version.from_forecast_category is 'Category until then.';
comment on column change_version.owner is 'Owner from then on, by name or ID.';
comment on column change_version.from_owner is 'Owner until then, by name or ID.';
comment on column change_version.next_step is 'Next step from then on.';
comment on column change_version.field is 'The field that changed, where it is none of the others.';
comment on column change_version.old_value is 'Its value until then.';
comment on column change_version.new_value is 'Its value from then on.';
comment on column change_version.change_id is 'The CRM''s identifier of the change.';

create table milestone_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    milestone varchar,
    description varchar,
    contact varchar,
    stage varchar,
    target_date date,
    achieved_date date,
    evidence varchar,
    milestone_id varchar
);
comment on table milestone_state is 'Milestones: each distinct content of a record as a file gave it.';
comment on column milestone_state.record_key is 'The record.';
comment on column milestone_state.state_hash is 'Hash of the contents.';
comment on column milestone_state.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column milestone_state.milestone is 'The event, such as NDA received.';
comment on column milestone_state.description is 'What it means for this deal.';
comment on column milestone_state.contact is 'The person at the customer who is responsible for it.';
comment on column milestone_state.stage is 'The stage that it belongs to.';
comment on column milestone_state.target_date is 'The day by which it should be reached.';
comment on column milestone_state.achieved_date is 'The day on which it was reached; blank while it is not.';
comment on column milestone_state.evidence is 'What proves it.';
comment on column milestone_state.milestone_id is 'The CRM''s identifier.';

create table milestone_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    milestone varchar,
    description varchar,
    contact varchar,
    stage varchar,
    target_date date,
    achieved_date date,
    evidence varchar,
    milestone_id varchar
);
comment on table milestone_version is 'Milestones: what was known of a record, and from when until when.';
comment on column milestone_version.record_key is 'The record.';
comment on column milestone_version.valid_from is 'From when this holds.';
comment on column milestone_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column milestone_version.load_id is 'The load that brought it.';
comment on column milestone_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column milestone_version.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column milestone_version.milestone is 'The event, such as NDA received.';
comment on column milestone_version.description is 'What it means for this deal.';
comment on column milestone_version.contact is 'The person at the customer who is responsible for it.';
comment on column milestone_version.stage is 'The stage that it belongs to.';
comment on column milestone_version.target_date is 'The day by which it should be reached.';
comment on column milestone_version.achieved_date is 'The day on which it was reached; blank while it is not.';
comment on column milestone_version.evidence is 'What proves it.';
comment on column milestone_version.milestone_id is 'The CRM''s identifier.';

create table activity_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    account varchar,
    subject varchar,
    type varchar,
    display varchar,
    milestone varchar,
    owner varchar,
    created_by varchar,
    contact varchar,
    resources varchar,
    status varchar,
    priority varchar,
    start_date timestamp,
    due_date date,
    done_date date,
    created_date date,
    note varchar,
    activity_id varchar
);
comment on table activity_state is 'Activities: each distinct content of a record as a file gave it.';
comment on column activity_state.record_key is 'The record.';
comment on column activity_state.state_hash is 'Hash of the contents.';
comment on column activity_state.opportunity_id is 'The deal, by its ID or its unique name. Blank: it belongs to the account.';
comment on column activity_state.account is 'The customer.';
comment on column activity_state.subject is 'What it is about.';
comment on column activity_state.type is 'Call, meeting, e-mail, to do, note or the company''s own types.';
comment on column activity_state.display is 'Calendar and activity, activity, or to do.';
comment on column activity_state.milestone is 'The milestone that it works towards.';
comment on column activity_state.owner is 'Who does it.';
comment on column activity_state.created_by is 'Who entered it.';
comment on column activity_state.contact is 'The person at the customer.';
comment on column activity_state.resources is 'What it takes.';
comment on column activity_state.status is 'Planned, in progress, done or the company''s own states.';
comment on column activity_state.priority is 'How urgent it is.';
comment on column activity_state.start_date is 'When it begins.';
comment on column activity_state.due_date is 'The day by which it should be done.';
comment on column activity_state.done_date is 'The day on which it was done.';
comment on column activity_state.created_date is 'The day on which it was entered.';
comment on column activity_state.note is 'Free text.';
comment on column activity_state.activity_id is 'The CRM''s identifier.';

create table activity_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    account varchar,
    subject varchar,
    type varchar,
    display varchar,
    milestone varchar,
    owner varchar,
    created_by varchar,
    contact varchar,
    resources varchar,
    status varchar,
    priority varchar,
    start_date timestamp,
    due_date date,
    done_date date,
    created_date date,
    note varchar,
    activity_id varchar
);
comment on table activity_version is 'Activities: what was known of a record, and from when until when.';
comment on column activity_version.record_key is 'The record.';
comment on column activity_version.valid_from is 'From when this holds.';
comment on column activity_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column activity_version.load_id is 'The load that brought it.';
comment on column activity_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column activity_version.opportunity_id is 'The deal, by its ID or its unique name. Blank: it belongs to the account.';
comment on column activity_version.account is 'The customer.';
comment on column activity_version.subject is 'What it is about.';
comment on column activity_version.type is 'Call, meeting, e-mail, to do, note or the company''s own types.';
comment on column activity_version.display is 'Calendar and activity, activity, or to do.';
comment on column activity_version.milestone is 'The milestone that it works towards.';
comment on column activity_version.owner is 'Who does it.';
comment on column activity_version.created_by is 'Who entered it.';
comment on column activity_version.contact is 'The person at the customer.';
comment on column activity_version.resources is 'What it takes.';
comment on column activity_version.status is 'Planned, in progress, done or the company''s own states.';
comment on column activity_version.priority is 'How urgent it is.';
comment on column activity_version.start_date is 'When it begins.';
comment on column activity_version.due_date is 'The day by which it should be done.';
comment on column activity_version.done_date is 'The day on which it was done.';
comment on column activity_version.created_date is 'The day on which it was entered.';
comment on column activity_version.note is 'Free text.';
comment on column activity_version.activity_id is 'The CRM''s identifier.';

create table attribute_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    attribute varchar,
    value varchar
);
comment on table attribute_state is 'Attributes: each distinct content of a record as a file gave it.';
comment on column attribute_state.record_key is 'The record.';
comment on column attribute_state.state_hash is 'Hash of the contents.';
comment on column attribute_state.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column attribute_state.attribute is 'What it is, such as Funding.';
comment on column attribute_state.value is 'Its value as text.';

create table attribute_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    attribute varchar,
    value varchar
);
comment on table attribute_version is 'Attributes: what was known of a record, and from when until when.';
comment on column attribute_version.record_key is 'The record.';
comment on column attribute_version.valid_from is 'From when this holds.';
comment on column attribute_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column attribute_version.load_id is 'The load that brought it.';
comment on column attribute_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column attribute_version.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column attribute_version.attribute is 'What it is, such as Funding.';
comment on column attribute_version.value is 'Its value as text.';

create table assessment_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    competitor varchar,
    criterion varchar,
    rating varchar,
    assessed_on date,
    author varchar,
    evidence varchar
);
comment on table assessment_state is 'Assessments: each distinct content of a record as a file gave it.';
comment on column assessment_state.record_key is 'The record.';
comment on column assessment_state.state_hash is 'Hash of the contents.';
comment on column assessment_state.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column assessment_state.competitor is 'Who is rated. Blank: we are.';
comment on column assessment_state.criterion is 'Number 1 to 20, or its name.';
comment on column assessment_state.rating is '+ favourable, - unfavourable, ? unknown.';
comment on column assessment_state.assessed_on is 'The day of the assessment. Blank: the day of the export.';
comment on column assessment_state.author is 'Who assessed it.';
comment on column assessment_state.evidence is 'What was said, by whom and when.';

create table assessment_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    competitor varchar,
    criterion varchar,
    rating varchar,
    assessed_on date,
    author varchar,
    evidence varchar
);
comment on table assessment_version is 'Assessments: what was known of a record, and from when until when.';
comment on column assessment_version.record_key is 'The record.';
comment on column assessment_version.valid_from is 'From when this holds.';
comment on column assessment_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column assessment_version.load_id is 'The load that brought it.';
comment on column assessment_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column assessment_version.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column assessment_version.competitor is 'Who is rated. Blank: we are.';
comment on column assessment_version.criterion is 'Number 1 to 20, or its name.';
comment on column assessment_version.rating is '+ favourable, - unfavourable, ? unknown.';
comment on column assessment_version.assessed_on is 'The day of the assessment. Blank: the day of the export.';
comment on column assessment_version.author is 'Who assessed it.';
comment on column assessment_version.evidence is 'What was said, by whom and when.';

create table competitor_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    competitor varchar,
    product varchar,
    incumbent boolean,
    status varchar,
    strengths varchar,
    weaknesses varchar,
    note varchar
);
comment on table competitor_state is 'Competitors: each distinct content of a record as a file gave it.';
comment on column competitor_state.record_key is 'The record.';
comment on column competitor_state.state_hash is 'Hash of the contents.';
comment on column competitor_state.opportunity_id is 'The deal, by its ID or its unique name. Blank: it holds for all deals.';
comment on column competitor_state.competitor is 'Name of the competitor.';
comment on column competitor_state.product is 'What they offer.';
comment on column competitor_state.incumbent is 'Whether they are in place at the customer.';
comment on column competitor_state.status is 'Short-listed, out, won or the company''s own states.';
comment on column competitor_state.strengths is 'Where they are strong.';
comment on column competitor_state.weaknesses is 'Where they are weak.';
comment on column competitor_state.note is 'Free text.';

create table competitor_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    competitor varchar,
    product varchar,
    incumbent boolean,
    status varchar,
    strengths varchar,
    weaknesses varchar,
    note varchar
);
comment on table competitor_version is 'Competitors: what was known of a record, and from when until when.';
comment on column competitor_version.record_key is 'The record.';
comment on column competitor_version.valid_from is 'From when this holds.';
comment on column competitor_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column competitor_version.load_id is 'The load that brought it.';
comment on column competitor_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column competitor_version.opportunity_id is 'The deal, by its ID or its unique name. Blank: it holds for all deals.';
comment on column competitor_version.competitor is 'Name of the competitor.';
comment on column competitor_version.product is 'What they offer.';
comment on column competitor_version.incumbent is 'Whether they are in place at the customer.';
comment on column competitor_version.status is 'Short-listed, out, won or the company''s own states.';
comment on column competitor_version.strengths is 'Where they are strong.';
comment on column competitor_version.weaknesses is 'Where they are weak.';
comment on column competitor_version.note is 'Free text.';

create table strategy_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    strategy varchar,
    variation varchar,
    competitor varchar,
    declared_on date,
    author varchar,
    reason varchar
);
comment on table strategy_state is 'Strategies: each distinct content of a record as a file gave it.';
comment on column strategy_state.record_key is 'The record.';
comment on column strategy_state.state_hash is 'Hash of the contents.';
comment on column strategy_state.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column strategy_state.strategy is 'Frontal, flanking, fragment, defend, develop or disengage.';
comment on column strategy_state.variation is 'Its variation, such as niche.';
comment on column strategy_state.competitor is 'Against whom.';
comment on column strategy_state.declared_on is 'The day on which it was declared. Blank: the day of the export.';
comment on column strategy_state.author is 'Who declared it.';
comment on column strategy_state.reason is 'Why.';

create table strategy_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    strategy varchar,
    variation varchar,
    competitor varchar,
    declared_on date,
    author varchar,
    reason varchar
);
comment on table strategy_version is 'Strategies: what was known of a record, and from when until when.';
comment on column strategy_version.record_key is 'The record.';
comment on column strategy_version.valid_from is 'From when this holds.';
comment on column strategy_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column strategy_version.load_id is 'The load that brought it.';
comment on column strategy_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column strategy_version.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column strategy_version.strategy is 'Frontal, flanking, fragment, defend, develop or disengage.';
comment on column strategy_version.variation is 'Its variation, such as niche.';
comment on column strategy_version.competitor is 'Against whom.';
comment on column strategy_version.declared_on is 'The day on which it was declared. Blank: the day of the export.';
comment on column strategy_version.author is 'Who declared it.';
comment on column strategy_version.reason is 'Why.';

create table contact_state (
    record_key integer not null,
    state_hash ubigint not null,
    contact varchar,
    account varchar,
    title varchar,
    department varchar,
    email varchar,
    phone varchar,
    reports_to varchar,
    contact_id varchar
);
comment on table contact_state is 'Contacts: each distinct content of a record as a file gave it.';
comment on column contact_state.record_key is 'The record.';
comment on column contact_state.state_hash is 'Hash of the contents.';
comment on column contact_state.contact is 'The person''s name.';
comment on column contact_state.account is 'The customer, as named in the accounts table.';
comment on column contact_state.title is 'Job title.';
comment on column contact_state.department is 'Department.';
comment on column contact_state.email is 'Work address.';
comment on column contact_state.phone is 'Telephone number.';
comment on column contact_state.reports_to is 'The contact that this one reports to, by name or ID.';
comment on column contact_state.contact_id is 'The CRM''s identifier.';

create table contact_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    contact varchar,
    account varchar,
    title varchar,
    department varchar,
    email varchar,
    phone varchar,
    reports_to varchar,
    contact_id varchar
);
comment on table contact_version is 'Contacts: what was known of a record, and from when until when.';
comment on column contact_version.record_key is 'The record.';
comment on column contact_version.valid_from is 'From when this holds.';
comment on column contact_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column contact_version.load_id is 'The load that brought it.';
comment on column contact_version.contact is 'The person''s name.';
comment on column contact_version.account is 'The customer, as named in the accounts table.';
comment on column contact_version.title is 'Job title.';
comment on column contact_version.department is 'Department.';
comment on column contact_version.email is 'Work address.';
comment on column contact_version.phone is 'Telephone number.';
comment on column contact_version.reports_to is 'The contact that this one reports to, by name or ID.';
comment on column contact_version.contact_id is 'The CRM''s identifier.';

create table contact_role_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    account varchar,
    contact varchar,
    buying_role varchar,
    adaptability varchar,
    coverage varchar,
    status varchar,
    rank bigint,
    influence bigint,
    inner_circle boolean,
    business_agenda varchar,
    personal_agenda varchar,
    mapped_on date,
    note varchar
);
comment on table contact_role_state is 'Organisation map: each distinct content of a record as a file gave it.';
comment on column contact_role_state.record_key is 'The record.';
comment on column contact_role_state.state_hash is 'Hash of the contents.';
comment on column contact_role_state.opportunity_id is 'The deal, by its ID or its unique name. Blank: it holds for all deals of the account.';
comment on column contact_role_state.account is 'The customer.';
comment on column contact_role_state.contact is 'The person, by name or ID.';
comment on column contact_role_state.buying_role is 'Approver A, decision-maker D, evaluator E, user U, sponsor S; several letters for several roles.';
comment on column contact_role_state.adaptability is 'Innovator I, visionary V, pragmatist P, conservative C or laggard L.';
comment on column contact_role_state.coverage is 'No contact, brief, multiple contacts or in-depth.';
comment on column contact_role_state.status is 'Enemy X, non-supporter -, neutral =, supporter + or mentor *.';
comment on column contact_role_state.rank is 'Formal rank, 1 to 5.';
comment on column contact_role_state.influence is 'Informal influence, 1 to 5.';
comment on column contact_role_state.inner_circle is 'Whether the person belongs to the inner circle.';
comment on column contact_role_state.business_agenda is 'How the person is measured.';
comment on column contact_role_state.personal_agenda is 'How the person is rewarded.';
comment on column contact_role_state.mapped_on is 'The day of this judgement.';
comment on column contact_role_state.note is 'Free text.';

create table contact_role_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    account varchar,
    contact varchar,
    buying_role varchar,
    adaptability varchar,
    coverage varchar,
    status varchar,
    rank bigint,
    influence bigint,
    inner_circle boolean,
    business_agenda varchar,
    personal_agenda varchar,
    mapped_on date,
    note varchar
);
comment on table contact_role_version is 'Organisation map: what was known of a record, and from when until when.';
comment on column contact_role_version.record_key is 'The record.';
comment on column contact_role_version.valid_from is 'From when this holds.';
comment on column contact_role_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column contact_role_version.load_id is 'The load that brought it.';
comment on column contact_role_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column contact_role_version.opportunity_id is 'The deal, by its ID or its unique name. Blank: it holds for all deals of the account.';
comment on column contact_role_version.account is 'The customer.';
comment on column contact_role_version.contact is 'The person, by name or ID.';
comment on column contact_role_version.buying_role is 'Approver A, decision-maker D, evaluator E, user U, sponsor S; several letters for several roles.';
comment on column contact_role_version.adaptability is 'Innovator I, visionary V, pragmatist P, conservative C or laggard L.';
comment on column contact_role_version.coverage is 'No contact, brief, multiple contacts or in-depth.';
comment on column contact_role_version.status is 'Enemy X, non-supporter -, neutral =, supporter + or mentor *.';
comment on column contact_role_version.rank is 'Formal rank, 1 to 5.';
comment on column contact_role_version.influence is 'Informal influence, 1 to 5.';
comment on column contact_role_version.inner_circle is 'Whether the person belongs to the inner circle.';
comment on column contact_role_version.business_agenda is 'How the person is measured.';
comment on column contact_role_version.personal_agenda is 'How the person is rewarded.';
comment on column contact_role_version.mapped_on is 'The day of this judgement.';
comment on column contact_role_version.note is 'Free text.';

create table influence_line_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    account varchar,
    influencer varchar,
    influenced varchar,
    strength bigint,
    note varchar
);
comment on table influence_line_state is 'Influence lines: each distinct content of a record as a file gave it.';
comment on column influence_line_state.record_key is 'The record.';
comment on column influence_line_state.state_hash is 'Hash of the contents.';
comment on column influence_line_state.opportunity_id is 'The deal, by its ID or its unique name. Blank: it holds for all deals of the account.';
comment on column influence_line_state.account is 'The customer.';
comment on column influence_line_state.influencer is 'The person whose word counts, by name or ID.';
comment on column influence_line_state.influenced is 'The person who listens, by name or ID.';
comment on column influence_line_state.strength is '1 to 5.';
comment on column influence_line_state.note is 'Free text.';

create table influence_line_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    account varchar,
    influencer varchar,
    influenced varchar,
    strength bigint,
    note varchar
);
comment on table influence_line_version is 'Influence lines: what was known of a record, and from when until when.';
comment on column influence_line_version.record_key is 'The record.';
comment on column influence_line_version.valid_from is 'From when this holds.';
comment on column influence_line_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column influence_line_version.load_id is 'The load that brought it.';
comment on column influence_line_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column influence_line_version.opportunity_id is 'The deal, by its ID or its unique name. Blank: it holds for all deals of the account.';
comment on column influence_line_version.account is 'The customer.';
comment on column influence_line_version.influencer is 'The person whose word counts, by name or ID.';
comment on column influence_line_version.influenced is 'The person who listens, by name or ID.';
comment on column influence_line_version.strength is '1 to 5.';
comment on column influence_line_version.note is 'Free text.';

create table revenue_line_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    product varchar,
    quantity double,
    unit_price decimal(18, 2),
    amount decimal(18, 2),
    currency varchar,
    probability double,
    stage varchar,
    date date,
    note varchar,
    line_id varchar
);
comment on table revenue_line_state is 'Revenue lines: each distinct content of a record as a file gave it.';
comment on column revenue_line_state.record_key is 'The record.';
comment on column revenue_line_state.state_hash is 'Hash of the contents.';
comment on column revenue_line_state.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column revenue_line_state.product is 'What is offered.';
comment on column revenue_line_state.quantity is 'How many.';
comment on column revenue_line_state.unit_price is 'Price of one.';
comment on column revenue_line_state.amount is 'Value of the line in the deal''s currency.';
comment on column revenue_line_state.currency is 'ISO 4217 code. Blank: the deal''s.';
comment on column revenue_line_state.probability is 'Chance of winning this line.';
comment on column revenue_line_state.stage is 'Sales stage of the line.';
comment on column revenue_line_state.date is 'The day of the revenue or delivery.';
comment on column revenue_line_state.note is 'Free text.';
comment on column revenue_line_state.line_id is 'The CRM''s identifier.';

create table revenue_line_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    product varchar,
    quantity double,
    unit_price decimal(18, 2),
    amount decimal(18, 2),
    currency varchar,
    probability double,
    stage varchar,
    date date,
    note varchar,
    line_id varchar
);
comment on table revenue_line_version is 'Revenue lines: what was known of a record, and from when until when.';
comment on column revenue_line_version.record_key is 'The record.';
comment on column revenue_line_version.valid_from is 'From when this holds.';
comment on column revenue_line_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column revenue_line_version.load_id is 'The load that brought it.';
comment on column revenue_line_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column revenue_line_version.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column revenue_line_version.product is 'What is offered.';
comment on column revenue_line_version.quantity is 'How many.';
comment on column revenue_line_version.unit_price is 'Price of one.';
comment on column revenue_line_version.amount is 'Value of the line in the deal''s currency.';
comment on column revenue_line_version.currency is 'ISO 4217 code. Blank: the deal''s.';
comment on column revenue_line_version.probability is 'Chance of winning this line.';
comment on column revenue_line_version.stage is 'Sales stage of the line.';
comment on column revenue_line_version.date is 'The day of the revenue or delivery.';
comment on column revenue_line_version.note is 'Free text.';
comment on column revenue_line_version.line_id is 'The CRM''s identifier.';

create table partner_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    partner varchar,
    role varchar,
    contact varchar,
    channel_manager varchar,
    brought boolean,
    share double,
    region varchar,
    since date,
    note varchar
);
comment on table partner_state is 'Partners: each distinct content of a record as a file gave it.';
comment on column partner_state.record_key is 'The record.';
comment on column partner_state.state_hash is 'Hash of the contents.';
comment on column partner_state.opportunity_id is 'The deal, by its ID or its unique name. Blank: it tells of the partner itself.';
comment on column partner_state.partner is 'The partner company.';
comment on column partner_state.role is 'Solutions, marketing, sales, implementation, post-sales service or the company''s own roles.';
comment on column partner_state.contact is 'The person at the partner.';
comment on column partner_state.channel_manager is 'Who looks after the partner on our side.';
comment on column partner_state.brought is 'Whether the partner brought it.';
comment on column partner_state.share is 'The partner''s share of the revenue.';
comment on column partner_state.region is 'Where the partner works.';
comment on column partner_state.since is 'The day from which it takes part.';
comment on column partner_state.note is 'Free text.';

create table partner_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    partner varchar,
    role varchar,
    contact varchar,
    channel_manager varchar,
    brought boolean,
    share double,
    region varchar,
    since date,
    note varchar
);
comment on table partner_version is 'Partners: what was known of a record, and from when until when.';
comment on column partner_version.record_key is 'The record.';
comment on column partner_version.valid_from is 'From when this holds.';
comment on column partner_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column partner_version.load_id is 'The load that brought it.';
comment on column partner_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column partner_version.opportunity_id is 'The deal, by its ID or its unique name. Blank: it tells of the partner itself.';
comment on column partner_version.partner is 'The partner company.';
comment on column partner_version.role is 'Solutions, marketing, sales, implementation, post-sales service or the company''s own roles.';
comment on column partner_version.contact is 'The person at the partner.';
comment on column partner_version.channel_manager is 'Who looks after the partner on our side.';
comment on column partner_version.brought is 'Whether the partner brought it.';
comment on column partner_version.share is 'The partner''s share of the revenue.';
comment on column partner_version.region is 'Where the partner works.';
comment on column partner_version.since is 'The day from which it takes part.';
comment on column partner_version.note is 'Free text.';

create table team_member_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    person varchar,
    role varchar,
    is_primary boolean,
    partner varchar,
    split double,
    since date
);
comment on table team_member_state is 'Sales teams: each distinct content of a record as a file gave it.';
comment on column team_member_state.record_key is 'The record.';
comment on column team_member_state.state_hash is 'Hash of the contents.';
comment on column team_member_state.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column team_member_state.person is 'The member, by name or ID.';
comment on column team_member_state.role is 'What the person does on the deal.';
comment on column team_member_state.is_primary is 'Whether the person leads the team.';
comment on column team_member_state.partner is 'The partner company, where the person is not ours.';
comment on column team_member_state.split is 'Share of the credit.';
comment on column team_member_state.since is 'The day of joining.';

create table team_member_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_key integer,
    opportunity_id varchar,
    person varchar,
    role varchar,
    is_primary boolean,
    partner varchar,
    split double,
    since date
);
comment on table team_member_version is 'Sales teams: what was known of a record, and from when until when.';
comment on column team_member_version.record_key is 'The record.';
comment on column team_member_version.valid_from is 'From when this holds.';
comment on column team_member_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column team_member_version.load_id is 'The load that brought it.';
comment on column team_member_version.opportunity_key is 'Record of the deal; blank while no file has brought the deal.';
comment on column team_member_version.opportunity_id is 'The deal, by its ID or its unique name.';
comment on column team_member_version.person is 'The member, by name or ID.';
comment on column team_member_version.role is 'What the person does on the deal.';
comment on column team_member_version.is_primary is 'Whether the person leads the team.';
comment on column team_member_version.partner is 'The partner company, where the person is not ours.';
comment on column team_member_version.split is 'Share of the credit.';
comment on column team_member_version.since is 'The day of joining.';

create table forecast_call_state (
    record_key integer not null,
    state_hash ubigint not null,
    period varchar,
    person varchar,
    category varchar,
    amount decimal(18, 2),
    submitted_on date,
    reason varchar,
    author varchar
);
comment on table forecast_call_state is 'Forecast calls: each distinct content of a record as a file gave it.';
comment on column forecast_call_state.record_key is 'The record.';
comment on column forecast_call_state.state_hash is 'Hash of the contents.';
comment on column forecast_call_state.period is 'Fiscal quarter (2026Q3), month (2026-07) or year (2026).';
comment on column forecast_call_state.person is 'Whose call it is.';
comment on column forecast_call_state.category is 'Commit, best case, pipeline or the company''s own categories.';
comment on column forecast_call_state.amount is 'The call, in the reporting currency.';
comment on column forecast_call_state.submitted_on is 'The day of the call. Blank: the day of the export.';
comment on column forecast_call_state.reason is 'Why.';
comment on column forecast_call_state.author is 'Who submitted it, where it is not the person.';

create table forecast_call_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    period varchar,
    person varchar,
    category varchar,
    amount decimal(18, 2),
    submitted_on date,
    reason varchar,
    author varchar
);
comment on table forecast_call_version is 'Forecast calls: what was known of a record, and from when until when.';
comment on column forecast_call_version.record_key is 'The record.';
comment on column forecast_call_version.valid_from is 'From when this holds.';
comment on column forecast_call_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column forecast_call_version.load_id is 'The load that brought it.';
comment on column forecast_call_version.period is 'Fiscal quarter (2026Q3), month (2026-07) or year (2026).';
comment on column forecast_call_version.person is 'Whose call it is.';
comment on column forecast_call_version.category is 'Commit, best case, pipeline or the company''s own categories.';
comment on column forecast_call_version.amount is 'The call, in the reporting currency.';
comment on column forecast_call_version.submitted_on is 'The day of the call. Blank: the day of the export.';
comment on column forecast_call_version.reason is 'Why.';
comment on column forecast_call_version.author is 'Who submitted it, where it is not the person.';
