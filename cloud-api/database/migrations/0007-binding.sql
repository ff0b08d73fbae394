-- Wrong tries are counted here, so that the limits hold over restarts and for several instances together.
create table claim_try (
  id uuid primary key,
  at timestamptz(3) not null,
  kind text not null,
  account_id uuid not null,
  address_block text not null
);
create index claim_try_time on claim_try (kind, at);
create index claim_try_account on claim_try (account_id, kind, at);
alter table claim_try enable row level security;
alter table claim_try force row level security;
create policy claim_try_system on claim_try to app_system using (true) with check (true);
grant select, insert, delete on claim_try to app_system;

-- How long an account waits between two tries, which grows when it does not. Source: RFC 8628 section 3.5.
create table claim_pace (
  account_id uuid primary key,
  interval_s integer not null,
  next_at timestamptz(3) not null
);
alter table claim_pace enable row level security;
alter table claim_pace force row level security;
create policy claim_pace_system on claim_pace to app_system using (true) with check (true);
grant select, insert, update, delete on claim_pace to app_system;

-- The tag that proves itself anew at each read. It is another chip than the hub's name plate, and belongs to one hub.
alter table hardware add column sun_tag_uid text unique, add column sun_counter integer;

-- A hub that its household has offered to another, which works for the former until the latter has claimed it.
create table hub_transfer (
  id uuid primary key,
  hub_id uuid not null references hub,
  from_household_id uuid not null references household,
  offered_by uuid not null references account,
  offered_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  cancelled_at timestamptz(3),
  to_household_id uuid references household,
  accepted_at timestamptz(3)
);
create index hub_transfer_hub on hub_transfer (hub_id, offered_at);
create index hub_transfer_from on hub_transfer (from_household_id);
create index hub_transfer_to on hub_transfer (to_household_id);
alter table hub_transfer enable row level security;
alter table hub_transfer force row level security;
create policy hub_transfer_system on hub_transfer to app_system using (true) with check (true);
grant select, insert, update on hub_transfer to app_system;

-- A claim by a tag that proves itself has no code; one of a hub that is bound belongs to its offer.
alter table claim alter column code_hmac drop not null, add column transfer_id uuid references hub_transfer;
create index claim_hub_age on claim (hub_id, created_at);

-- What hubs bound themselves while this service was away. The receipt itself is with the person.
create table local_binding (
  id uuid primary key,
  hub_id uuid not null references hub,
  household_name text not null,
  bound_at timestamptz(3) not null,
  receipt_sha256 text not null unique,
  received_at timestamptz(3) not null,
  adopted_at timestamptz(3),
  ended_at timestamptz(3)
);
create index local_binding_hub on local_binding (hub_id);
alter table local_binding enable row level security;
alter table local_binding force row level security;
create policy local_binding_system on local_binding to app_system using (true) with check (true);
grant select, insert, update on local_binding to app_system;
