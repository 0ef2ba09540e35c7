-- What people enter in the app is a load like any other. An entry may also take records away.

alter table load add column withdraws boolean default false;
comment on column load.withdraws is 'Whether the records that this load names are gone from its day on.';
