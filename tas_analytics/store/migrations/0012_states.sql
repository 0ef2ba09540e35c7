-- The first deals of a store were written twice over, as states and as versions, which was a tenth of the time of a large
-- first load. Their versions say all that their states do: so they hold them, and the states are a view of both.

alter table opportunity_state rename to opportunity_state_kept;
comment on table opportunity_state_kept is 'Opportunities: the states that no version holds.';
alter table opportunity_kept add column state_hash ubigint;
comment on column opportunity_kept.state_hash is 'The state that it holds as well; blank where that is kept by itself.';

create view opportunity_state as
select
    record_key, state_hash, opportunity_id, name, account, owner, product, stage, amount, currency, probability,
    close_date, created_date, stage_entered, forecast_category, segment, region, source, type, next_step,
    last_activity, lost_reason, pipeline, status, last_open_stage
from opportunity_state_kept
union all
select
    v.record_key, v.state_hash, v.opportunity_id, v.name, a.natural_key, o.natural_key, p.natural_key,
    case when v.pipeline is null then s.natural_key else substr(s.natural_key, length(v.pipeline || ' › ') + 1) end,
    v.amount, v.currency, v.probability, v.close_date, v.created_date, v.stage_entered, v.forecast_category,
    v.segment, v.region, v.source, v.type, v.next_step, v.last_activity, v.lost_reason, v.pipeline, v.status, null
from opportunity_kept v
left join (select record_key, natural_key from record where table_name = 'accounts') a on a.record_key = v.account_key
left join (select record_key, natural_key from record where table_name = 'people') o on o.record_key = v.owner_key
left join (select record_key, natural_key from record where table_name = 'products') p on p.record_key = v.product_key
left join (select record_key, natural_key from record where table_name = 'stages') s on s.record_key = v.stage_key
where v.state_hash is not null;
comment on view opportunity_state is 'Opportunities: each distinct content of a record as a file gave it.';
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
