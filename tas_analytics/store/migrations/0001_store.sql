-- The store's first shape. Kept to what DuckLake has as well: no keys, checks, sequences, enums or indexes;
-- uniqueness is kept by the loader and proved by `check`.

create table setting (
    name varchar not null,
    value varchar
);
comment on table setting is 'What the company has chosen, and the store''s own counters.';
comment on column setting.name is 'Setting.';
comment on column setting.value is 'Its value as text.';

create table load (
    load_id integer not null,
    batch_id integer not null,
    loaded_at timestamp not null,
    loaded_by varchar,
    file_name varchar not null,
    file_hash varchar not null,
    file_bytes bigint not null,
    table_name varchar not null,
    source varchar not null,
    as_of date not null,
    as_of_reason varchar,
    complete boolean not null,
    columns varchar[] not null,
    headers varchar[] not null,
    mapping json not null,
    conventions json not null,
    encoding varchar,
    delimiter varchar,
    date_order varchar,
    decimal varchar,
    rows_in_file bigint not null,
    rows_new bigint not null,
    rows_changed bigint not null,
    rows_unchanged bigint not null,
    rows_rejected bigint not null,
    amount_in_file decimal(18, 2),
    amount_loaded decimal(18, 2),
    verdict varchar not null,
    findings json not null,
    undone_at timestamp,
    undone_by varchar
);
comment on table load is 'One row per loaded file: what was decided, what came in, and whether it still counts.';
comment on column load.load_id is 'Number of the load.';
comment on column load.batch_id is 'Loads made together in one transaction share it.';
comment on column load.loaded_at is 'When it was loaded, by the machine''s clock, UTC.';
comment on column load.loaded_by is 'Who loaded it.';
comment on column load.file_name is 'Name of the file.';
comment on column load.file_hash is 'SHA-256 of the file''s bytes.';
comment on column load.file_bytes is 'Size of the file in bytes.';
comment on column load.table_name is 'Importable table that the file went into.';
comment on column load.source is 'Preset by which the file was recognised.';
comment on column load.as_of is 'Day of which the file tells.';
comment on column load.as_of_reason is 'How that day was found.';
comment on column load.complete is 'Whether a record that the file lacks is gone from that day on.';
comment on column load.columns is 'Columns of the table that the file gives; the others keep what earlier loads said.';
comment on column load.headers is 'Headers of the file, in their order.';
comment on column load.mapping is 'Header of the file for each column.';
comment on column load.conventions is 'How each column''s text was read, with the evidence.';
comment on column load.encoding is 'Character encoding.';
comment on column load.delimiter is 'Field delimiter.';
comment on column load.date_order is 'Order of day and month.';
comment on column load.decimal is 'Decimal mark.';
comment on column load.rows_in_file is 'Data rows in the file.';
comment on column load.rows_new is 'Rows of records not known before.';
comment on column load.rows_changed is 'Rows that say something new of a known record.';
comment on column load.rows_unchanged is 'Rows that say what was known.';
comment on column load.rows_rejected is 'Rows not loaded.';
comment on column load.amount_in_file is 'Sum of the amount column over all rows that can be read.';
comment on column load.amount_loaded is 'Sum of the amount column over the loaded rows.';
comment on column load.verdict is 'usable, caveats or unusable.';
comment on column load.findings is 'Ranked problems with counts and examples.';
comment on column load.undone_at is 'When it was undone; such a load no longer counts.';
comment on column load.undone_by is 'Who undid it.';

create table reject (
    load_id integer not null,
    line bigint not null,
    column_name varchar,
    value varchar,
    reason varchar not null,
    row_text varchar[] not null
);
comment on table reject is 'Rows that were not loaded, with the reason, so that they can be mended and loaded again.';
comment on column reject.load_id is 'The load.';
comment on column reject.line is 'Line of the file on which the row begins.';
comment on column reject.column_name is 'Header of the cell at fault.';
comment on column reject.value is 'The cell.';
comment on column reject.reason is 'Why it was refused.';
comment on column reject.row_text is 'The whole row, cell by cell.';

create table record (
    table_name varchar not null,
    record_key integer not null,
    natural_key varchar not null
);
comment on table record is 'Every record ever loaded or mentioned, with the integer that stands for it in joins.';
comment on column record.table_name is 'Importable table.';
comment on column record.record_key is 'Number of the record, unique in its table.';
comment on column record.natural_key is 'What identifies it in the exports.';

create table sighting (
    table_name varchar not null,
    record_key integer not null,
    state_hash ubigint not null,
    load_id integer not null,
    line bigint not null
);
comment on table sighting is 'Which load saw which record in which state: the source from which versions are built.';
comment on column sighting.table_name is 'Importable table.';
comment on column sighting.record_key is 'The record.';
comment on column sighting.state_hash is 'The state, by the hash of its contents.';
comment on column sighting.load_id is 'The load that saw it.';
comment on column sighting.line is 'Line of the file.';

create table opportunity_state (
    record_key integer not null,
    state_hash ubigint not null,
    opportunity_id varchar,
    name varchar,
    account varchar,
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
    lost_reason varchar
);
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

create table opportunity_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    opportunity_id varchar,
    name varchar,
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
    first_close_date date
);
comment on table opportunity_version is 'Opportunities: what was known of a record, and from when until when.';
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

create table account_state (
    record_key integer not null,
    state_hash ubigint not null,
    account varchar,
    industry varchar,
    segment varchar,
    region varchar,
    country varchar,
    employees bigint,
    annual_revenue double,
    parent varchar
);
comment on table account_state is 'Accounts: each distinct content of a record as a file gave it.';
comment on column account_state.record_key is 'The record.';
comment on column account_state.state_hash is 'Hash of the contents.';
comment on column account_state.account is 'The customer''s name, the same as in the opportunities.';
comment on column account_state.industry is 'The customer''s line of business.';
comment on column account_state.segment is 'Market segment, such as enterprise or mid-market.';
comment on column account_state.region is 'Sales region that the account belongs to.';
comment on column account_state.country is 'Country of the head office.';
comment on column account_state.employees is 'Number of employees.';
comment on column account_state.annual_revenue is 'The customer''s yearly revenue, in the export''s own unit.';
comment on column account_state.parent is 'The account that owns this one.';

create table account_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    account varchar,
    industry varchar,
    segment varchar,
    region varchar,
    country varchar,
    employees bigint,
    annual_revenue double,
    parent varchar
);
comment on table account_version is 'Accounts: what was known of a record, and from when until when.';
comment on column account_version.record_key is 'The record.';
comment on column account_version.valid_from is 'From when this holds.';
comment on column account_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column account_version.load_id is 'The load that brought it.';
comment on column account_version.account is 'The customer''s name, the same as in the opportunities.';
comment on column account_version.industry is 'The customer''s line of business.';
comment on column account_version.segment is 'Market segment, such as enterprise or mid-market.';
comment on column account_version.region is 'Sales region that the account belongs to.';
comment on column account_version.country is 'Country of the head office.';
comment on column account_version.employees is 'Number of employees.';
comment on column account_version.annual_revenue is 'The customer''s yearly revenue, in the export''s own unit.';
comment on column account_version.parent is 'The account that owns this one.';

create table person_state (
    record_key integer not null,
    state_hash ubigint not null,
    person varchar,
    manager varchar,
    team varchar,
    region varchar,
    email varchar,
    title varchar
);
comment on table person_state is 'People and teams: each distinct content of a record as a file gave it.';
comment on column person_state.record_key is 'The record.';
comment on column person_state.state_hash is 'Hash of the contents.';
comment on column person_state.person is 'The seller''s name, the same as the owner of the opportunities.';
comment on column person_state.manager is 'The name of the person that this one reports to.';
comment on column person_state.team is 'The team''s name.';
comment on column person_state.region is 'The sales region.';
comment on column person_state.email is 'Work address.';
comment on column person_state.title is 'Job title.';

create table person_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    person varchar,
    manager varchar,
    team varchar,
    region varchar,
    email varchar,
    title varchar
);
comment on table person_version is 'People and teams: what was known of a record, and from when until when.';
comment on column person_version.record_key is 'The record.';
comment on column person_version.valid_from is 'From when this holds.';
comment on column person_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column person_version.load_id is 'The load that brought it.';
comment on column person_version.person is 'The seller''s name, the same as the owner of the opportunities.';
comment on column person_version.manager is 'The name of the person that this one reports to.';
comment on column person_version.team is 'The team''s name.';
comment on column person_version.region is 'The sales region.';
comment on column person_version.email is 'Work address.';
comment on column person_version.title is 'Job title.';

create table product_state (
    record_key integer not null,
    state_hash ubigint not null,
    product varchar,
    family varchar,
    list_price decimal(18, 2)
);
comment on table product_state is 'Products: each distinct content of a record as a file gave it.';
comment on column product_state.record_key is 'The record.';
comment on column product_state.state_hash is 'Hash of the contents.';
comment on column product_state.product is 'The product''s name, the same as in the opportunities.';
comment on column product_state.family is 'Product family or series.';
comment on column product_state.list_price is 'Price before discount, in the reporting currency.';

create table product_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    product varchar,
    family varchar,
    list_price decimal(18, 2)
);
comment on table product_version is 'Products: what was known of a record, and from when until when.';
comment on column product_version.record_key is 'The record.';
comment on column product_version.valid_from is 'From when this holds.';
comment on column product_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column product_version.load_id is 'The load that brought it.';
comment on column product_version.product is 'The product''s name, the same as in the opportunities.';
comment on column product_version.family is 'Product family or series.';
comment on column product_version.list_price is 'Price before discount, in the reporting currency.';

create table target_state (
    record_key integer not null,
    state_hash ubigint not null,
    period varchar,
    person varchar,
    team varchar,
    amount decimal(18, 2)
);
comment on table target_state is 'Targets: each distinct content of a record as a file gave it.';
comment on column target_state.record_key is 'The record.';
comment on column target_state.state_hash is 'Hash of the contents.';
comment on column target_state.period is 'Fiscal quarter (2026Q3), month (2026-07) or year (2026).';
comment on column target_state.person is 'Whose target it is. Leave blank for a team''s.';
comment on column target_state.team is 'Which team''s target it is. Leave blank for a person''s.';
comment on column target_state.amount is 'The target, in the reporting currency.';

create table target_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    period varchar,
    person varchar,
    team varchar,
    amount decimal(18, 2)
);
comment on table target_version is 'Targets: what was known of a record, and from when until when.';
comment on column target_version.record_key is 'The record.';
comment on column target_version.valid_from is 'From when this holds.';
comment on column target_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column target_version.load_id is 'The load that brought it.';
comment on column target_version.period is 'Fiscal quarter (2026Q3), month (2026-07) or year (2026).';
comment on column target_version.person is 'Whose target it is. Leave blank for a team''s.';
comment on column target_version.team is 'Which team''s target it is. Leave blank for a person''s.';
comment on column target_version.amount is 'The target, in the reporting currency.';

create table rate_state (
    record_key integer not null,
    state_hash ubigint not null,
    currency varchar,
    date date,
    rate double
);
comment on table rate_state is 'Currency rates: each distinct content of a record as a file gave it.';
comment on column rate_state.record_key is 'The record.';
comment on column rate_state.state_hash is 'Hash of the contents.';
comment on column rate_state.currency is 'ISO 4217 code.';
comment on column rate_state.date is 'The first day on which the rate holds.';
comment on column rate_state.rate is 'Reporting currency for one unit.';

create table rate_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    currency varchar,
    date date,
    rate double
);
comment on table rate_version is 'Currency rates: what was known of a record, and from when until when.';
comment on column rate_version.record_key is 'The record.';
comment on column rate_version.valid_from is 'From when this holds.';
comment on column rate_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column rate_version.load_id is 'The load that brought it.';
comment on column rate_version.currency is 'ISO 4217 code.';
comment on column rate_version.date is 'The first day on which the rate holds.';
comment on column rate_version.rate is 'Reporting currency for one unit.';

create table stage_state (
    record_key integer not null,
    state_hash ubigint not null,
    stage varchar,
    position double,
    probability double,
    status varchar,
    planned_days bigint
);
comment on table stage_state is 'Stages: each distinct content of a record as a file gave it.';
comment on column stage_state.record_key is 'The record.';
comment on column stage_state.state_hash is 'Hash of the contents.';
comment on column stage_state.stage is 'The name, the same as in the opportunities.';
comment on column stage_state.position is 'Stages are shown from the smallest number to the largest.';
comment on column stage_state.probability is 'Chance of winning that the weighted pipeline uses.';
comment on column stage_state.status is 'open, won or lost.';
comment on column stage_state.planned_days is 'How long a deal should stay in the stage.';

create table stage_version (
    record_key integer not null,
    valid_from timestamp not null,
    valid_to timestamp,
    load_id integer not null,
    stage varchar,
    position double,
    probability double,
    status varchar,
    planned_days bigint
);
comment on table stage_version is 'Stages: what was known of a record, and from when until when.';
comment on column stage_version.record_key is 'The record.';
comment on column stage_version.valid_from is 'From when this holds.';
comment on column stage_version.valid_to is 'Until when it holds; blank while it still does.';
comment on column stage_version.load_id is 'The load that brought it.';
comment on column stage_version.stage is 'The name, the same as in the opportunities.';
comment on column stage_version.position is 'Stages are shown from the smallest number to the largest.';
comment on column stage_version.probability is 'Chance of winning that the weighted pipeline uses.';
comment on column stage_version.status is 'open, won or lost.';
comment on column stage_version.planned_days is 'How long a deal should stay in the stage.';

create table stage (
    stage_key integer not null,
    stage varchar not null,
    position double not null,
    probability double not null,
    status varchar not null,
    planned_days bigint,
    origin varchar not null,
    in_use boolean not null
);
comment on table stage is 'The stages in use, each with its order, probability and meaning: as loaded or edited, otherwise proposed from the name.';
comment on column stage.stage_key is 'Record of the stage.';
comment on column stage.stage is 'Name.';
comment on column stage.position is 'Order on screen.';
comment on column stage.probability is 'Chance of winning that the weighted pipeline uses.';
comment on column stage.status is 'open, won or lost.';
comment on column stage.planned_days is 'How long a deal should stay.';
comment on column stage.origin is 'default, proposed, or set by the company.';
comment on column stage.in_use is 'Whether a deal was ever seen in it.';

create table stage_spell (
    opportunity_key integer not null,
    stage_key integer not null,
    spell integer not null,
    entered date,
    first_seen date not null,
    left_on date,
    next_stage_key integer
);
comment on table stage_spell is 'Each unbroken stay of a deal in one stage.';
comment on column stage_spell.opportunity_key is 'The deal.';
comment on column stage_spell.stage_key is 'The stage.';
comment on column stage_spell.spell is '1 for the first stay seen, and so on.';
comment on column stage_spell.entered is 'First day in the stage; blank where it began before the first export.';
comment on column stage_spell.first_seen is 'First export that shows it.';
comment on column stage_spell.left_on is 'Day on which it left; blank while it stays.';
comment on column stage_spell.next_stage_key is 'Stage that it went to.';

-- No division by zero, infinity or NaN reaches a screen: every ratio goes through this.
create macro ratio(a, b) as case when b is null or b = 0 then null else cast(a as double) / cast(b as double) end;

insert into setting values ('data_version', '0'), ('fiscal_start_month', '1');
comment on table migration is 'Which changes of shape the store has been through.';
comment on column migration.number is 'Number of the change.';
comment on column migration.name is 'Its name.';
