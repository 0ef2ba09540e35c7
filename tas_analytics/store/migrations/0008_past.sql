-- Written once instead of twice: most deals of a first load are shown by one export, and their past follows from two
-- days. So the past is no row of its own any more; the versions that everything reads are a view that adds it.
--
-- Identifiers and names hardly repeat. Saying so saves DuckDB from trying the other ways to keep texts on each write;
-- a store of another make (DuckLake) does without these words.

create table opportunity_kept (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_id varchar using compression fsst,
    name varchar using compression fsst,
    amount decimal(18, 2),
    currency varchar,
    probability double,
    close_date date,
    created_date date,
    stage_entered date,
    forecast_category varchar,
    segment varchar,
    region varchar,
    source varchar,
    type varchar,
    next_step varchar,
    last_activity date,
    lost_reason varchar,
    account_key integer,
    owner_key integer,
    product_key integer,
    stage_key integer,
    stage_since date,
    last_open_stage_key integer,
    pushes integer not null,
    delays integer not null,
    first_close_date date,
    pipeline varchar,
    status varchar,
    reconstructed boolean default false,
    past_from timestamp,
    past_to timestamp
);
insert into opportunity_kept by name select * from opportunity_version;
drop table opportunity_version;
comment on table opportunity_kept is 'Opportunities as their versions are stored: with the past before the first export as two days.';
comment on column opportunity_kept.record_key is 'The record.';
comment on column opportunity_kept.valid_from is 'From when this holds.';
comment on column opportunity_kept.valid_to is 'Until when it holds; blank while it still does.';
comment on column opportunity_kept.load_id is 'The load that brought it.';
comment on column opportunity_kept.opportunity_id is 'The CRM''s identifier. Without one, account, name and created date identify the deal.';
comment on column opportunity_kept.name is 'What the deal is called. Without one, account and product name it.';
comment on column opportunity_kept.amount is 'The deal''s value in its own currency.';
comment on column opportunity_kept.currency is 'ISO 4217 code of the amount. Blank means the reporting currency.';
comment on column opportunity_kept.probability is 'The probability that the CRM gives, kept beside ours.';
comment on column opportunity_kept.close_date is 'Expected close of an open deal, actual close of a closed one.';
comment on column opportunity_kept.created_date is 'The day on which the deal was opened.';
comment on column opportunity_kept.stage_entered is 'The day on which the deal entered its present stage.';
comment on column opportunity_kept.forecast_category is 'Omitted, pipeline, best case, commit or closed.';
comment on column opportunity_kept.segment is 'Market segment of the deal. Blank takes the account''s.';
comment on column opportunity_kept.region is 'Sales region of the deal. Blank takes the owner''s.';
comment on column opportunity_kept.source is 'Where the deal came from.';
comment on column opportunity_kept.type is 'New business, expansion, renewal or the company''s own types.';
comment on column opportunity_kept.next_step is 'What happens next, in the owner''s words.';
comment on column opportunity_kept.last_activity is 'The day of the latest recorded activity.';
comment on column opportunity_kept.lost_reason is 'Why the deal was lost.';
comment on column opportunity_kept.account_key is 'Record of the account.';
comment on column opportunity_kept.owner_key is 'Record of the owner.';
comment on column opportunity_kept.product_key is 'Record of the product.';
comment on column opportunity_kept.stage_key is 'Record of the stage.';
comment on column opportunity_kept.stage_since is 'Day on which the present stage was entered; blank where no export shows it.';
comment on column opportunity_kept.last_open_stage_key is 'The open stage that the deal is in, or was in last before it closed; blank where no export shows it.';
comment on column opportunity_kept.pushes is 'Moves of the close date into a later fiscal quarter so far.';
comment on column opportunity_kept.delays is 'Moves of the close date to any later day so far.';
comment on column opportunity_kept.first_close_date is 'The close date when the deal was first seen.';
comment on column opportunity_kept.pipeline is 'The sales process that the stage belongs to, where there are several.';
comment on column opportunity_kept.status is 'Open, won or lost, where the CRM says so beside the stage; it tells what the stage means.';
comment on column opportunity_kept.reconstructed is 'Whether it reaches back before the first export of the deal, with values that a later day gave.';
comment on column opportunity_kept.past_from is 'From when the deal existed before the first export that shows it, by its created date; blank where a version tells, or nothing does.';
comment on column opportunity_kept.past_to is 'Until when that holds.';

create view opportunity_version as
select
    record_key, valid_from, valid_to, load_id, opportunity_id, name, amount, currency, probability,
    close_date, created_date, stage_entered, forecast_category, segment, region, source, type, next_step,
    last_activity, lost_reason, account_key, owner_key, product_key, stage_key, stage_since,
    last_open_stage_key, pushes, delays, first_close_date, pipeline, status, reconstructed
from opportunity_kept
union all
select
    record_key, past_from, past_to, load_id, opportunity_id, name,
    amount, currency, null, close_date, created_date, null, null, segment, region, source, type, null, null,
    null, account_key, owner_key, product_key, 0, null, null, 0, 0, close_date, pipeline, null, true
from opportunity_kept where past_from is not null;
comment on view opportunity_version is 'Opportunities: what was known of a record, and from when until when.';
comment on column opportunity_version.record_key is 'The record.';
comment on column opportunity_version.valid_from is 'From when this holds.';
comment on column opportunity_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column opportunity_version.load_id is 'The load that brought it.';
comment on column opportunity_version.opportunity_id is 'The CRM''s identifier. Without one, account, name and created date identify the deal.';
comment on column opportunity_version.name is 'What the deal is called. Without one, account and product name it.';
comment on column opportunity_version.amount is 'The deal''s value in its own currency.';
comment on column opportunity_version.currency is 'ISO 4217 code of the amount. Blank means the reporting currency.';
comment on column opportunity_version.probability is 'The probability that the CRM gives, kept beside ours.';
comment on column opportunity_version.close_date is 'Expected close of an open deal, actual close of a closed one.';
comment on column opportunity_version.created_date is 'The day on which the deal was opened.';
comment on column opportunity_version.stage_entered is 'The day on which the deal entered its present stage.';
comment on column opportunity_version.forecast_category is 'Omitted, pipeline, best case, commit or closed.';
comment on column opportunity_version.segment is 'Market segment of the deal. Blank takes the account''s.';
comment on column opportunity_version.region is 'Sales region of the deal. Blank takes the owner''s.';
comment on column opportunity_version.source is 'Where the deal came from.';
comment on column opportunity_version.type is 'New business, expansion, renewal or the company''s own types.';
comment on column opportunity_version.next_step is 'What happens next, in the owner''s words.';
comment on column opportunity_version.last_activity is 'The day of the latest recorded activity.';
comment on column opportunity_version.lost_reason is 'Why the deal was lost.';
comment on column opportunity_version.account_key is 'Record of the account.';
comment on column opportunity_version.owner_key is 'Record of the owner.';
comment on column opportunity_version.product_key is 'Record of the product.';
comment on column opportunity_version.stage_key is 'Record of the stage.';
comment on column opportunity_version.stage_since is 'Day on which the present stage was entered; blank where no export shows it.';
comment on column opportunity_version.last_open_stage_key is 'The open stage that the deal is in, or was in last before it closed; blank where no export shows it.';
comment on column opportunity_version.pushes is 'Moves of the close date into a later fiscal quarter so far.';
comment on column opportunity_version.delays is 'Moves of the close date to any later day so far.';
comment on column opportunity_version.first_close_date is 'The close date when the deal was first seen.';
comment on column opportunity_version.pipeline is 'The sales process that the stage belongs to, where there are several.';
comment on column opportunity_version.status is 'Open, won or lost, where the CRM says so beside the stage; it tells what the stage means.';
comment on column opportunity_version.reconstructed is 'Whether it reaches back before the first export of the deal, with values that a later day gave.';

create table record_anew (
    table_name varchar not null,
    record_key integer not null,
    natural_key varchar not null using compression fsst
);
insert into record_anew select * from record;
drop table record;
alter table record_anew rename to record;
comment on table record is 'Every record ever loaded or mentioned, with the integer that stands for it in joins.';
comment on column record.table_name is 'Importable table.';
comment on column record.record_key is 'Number of the record, unique in its table.';
comment on column record.natural_key is 'What identifies it in the exports.';

create table opportunity_state_anew (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar using compression fsst,
    name varchar using compression fsst,
    account varchar using compression fsst,
    owner varchar,
    product varchar,
    stage varchar,
    amount decimal(18, 2),
    currency varchar,
    probability double,
    close_date date,
    created_date date,
    stage_entered date,
    forecast_category varchar,
    segment varchar,
    region varchar,
    source varchar,
    type varchar,
    next_step varchar,
    last_activity date,
    lost_reason varchar,
    pipeline varchar,
    status varchar,
    last_open_stage varchar
);
insert into opportunity_state_anew select * from opportunity_state;
drop table opportunity_state;
alter table opportunity_state_anew rename to opportunity_state;
comment on table opportunity_state is 'Opportunities: each distinct content of a record as a file gave it.';
comment on column opportunity_state.record_key is 'The record.';
comment on column opportunity_state.state_hash is 'Hash of the contents.';
comment on column opportunity_state.opportunity_id is 'The CRM''s identifier. Without one, account, name and created date identify the deal.';
comment on column opportunity_state.name is 'What the deal is called. Without one, account and product name it.';
comment on column opportunity_state.account is 'The customer, as named in the accounts table.';
comment on column opportunity_state.owner is 'The person responsible, as named in the people table.';
comment on column opportunity_state.product is 'The main product, as named in the products table.';
comment on column opportunity_state.stage is 'The step of the sales process, or won or lost.';
comment on column opportunity_state.amount is 'The deal''s value in its own currency.';
comment on column opportunity_state.currency is 'ISO 4217 code of the amount. Blank means the reporting currency.';
comment on column opportunity_state.probability is 'The probability that the CRM gives, kept beside ours.';
comment on column opportunity_state.close_date is 'Expected close of an open deal, actual close of a closed one.';
comment on column opportunity_state.created_date is 'The day on which the deal was opened.';
comment on column opportunity_state.stage_entered is 'The day on which the deal entered its present stage.';
comment on column opportunity_state.forecast_category is 'Omitted, pipeline, best case, commit or closed.';
comment on column opportunity_state.segment is 'Market segment of the deal. Blank takes the account''s.';
comment on column opportunity_state.region is 'Sales region of the deal. Blank takes the owner''s.';
comment on column opportunity_state.source is 'Where the deal came from.';
comment on column opportunity_state.type is 'New business, expansion, renewal or the company''s own types.';
comment on column opportunity_state.next_step is 'What happens next, in the owner''s words.';
comment on column opportunity_state.last_activity is 'The day of the latest recorded activity.';
comment on column opportunity_state.lost_reason is 'Why the deal was lost.';
comment on column opportunity_state.pipeline is 'The sales process that the stage belongs to, where there are several.';
comment on column opportunity_state.status is 'Open, won or lost, where the CRM says so beside the stage; it tells what the stage means.';
comment on column opportunity_state.last_open_stage is 'The stage that a closed deal was in before it closed, where the CRM keeps it.';
