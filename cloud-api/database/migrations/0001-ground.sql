-- The ground: people, households, hubs, commands and what hubs tell. Row-level security stands from the first table on.
-- A household's row is seen by app_user only while current_household() names its household; app_system sees across
-- households, and is granted table by table what log-in, hubs and hooks need. FORCE binds the owner of the tables too.

do $$ begin
  if not exists (select from pg_roles where rolname = 'app_user') then
    create role app_user nologin nosuperuser nobypassrls;
  end if;
  if not exists (select from pg_roles where rolname = 'app_system') then
    create role app_system nologin nosuperuser nobypassrls;
  end if;
exception when duplicate_object or unique_violation then null; -- roles belong to the cluster: another database made them just now
end $$;

-- An administrator may have made and granted the roles before, so that the service needs no right to do so.
do $$ begin
  if not (pg_has_role(current_user, 'app_user', 'member') and pg_has_role(current_user, 'app_system', 'member')) then
    grant app_user, app_system to current_user;
  end if;
end $$;
grant usage on schema public to app_user, app_system;

-- set_config(..., true) leaves '' behind when its transaction ends, which is no uuid: hence nullif.
create function current_household() returns uuid language sql stable
  as $$ select nullif(current_setting('app.household_id', true), '')::uuid $$;

create table store (
  id integer primary key check (id = 1),
  gen text not null
);

create table account (
  id uuid primary key,
  email text not null unique,
  password_hash text not null,
  failed_log_ins integer not null default 0,
  locked_until timestamptz(3),
  created_at timestamptz(3) not null
);

create table household (
  id uuid primary key,
  name text not null,
  created_at timestamptz(3) not null
);

create table membership (
  household_id uuid not null references household,
  account_id uuid not null references account,
  role text not null,
  created_at timestamptz(3) not null,
  primary key (household_id, account_id)
);
create index membership_account on membership (account_id);

create table refresh_token (
  id uuid primary key,
  family_id uuid not null,
  account_id uuid not null references account,
  parent_id uuid references refresh_token,
  token_sha256 text not null unique,
  created_at timestamptz(3) not null,
  used_at timestamptz(3),
  expires_at timestamptz(3) not null,
  absolute_expires_at timestamptz(3) not null,
  revoked_at timestamptz(3)
);
create index refresh_token_family on refresh_token (family_id);

create table personal_access_token (
  id uuid primary key,
  household_id uuid not null references household,
  account_id uuid not null references account,
  name text not null,
  token_sha256 text not null unique,
  last_four text not null,
  created_at timestamptz(3) not null,
  last_used_at timestamptz(3),
  revoked_at timestamptz(3)
);
create index personal_access_token_household on personal_access_token (household_id);

create table hardware (
  hw_id text primary key,
  tag_uid text not null,
  key_id integer not null,
  model integer not null,
  batch integer not null,
  state text not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
);

create table hub (
  id uuid primary key,
  household_id uuid references household,
  thing_name text not null unique,
  hw_id text not null unique references hardware,
  model text,
  version text,
  created_at timestamptz(3) not null,
  bound_at timestamptz(3),
  last_seen_at timestamptz(3),
  last_heartbeat_at timestamptz(3),
  next_heartbeat_s integer,
  heartbeat json,
  state_rev bigint not null default 0,
  down_next bigint not null default 1,
  down_acked bigint not null default 0
);
create index hub_household on hub (household_id);

create table certificate (
  id text primary key,
  hub_id uuid not null references hub,
  thing_name text not null,
  public_key_pem text not null,
  public_key_sha256 text not null,
  claim_certificate_id text not null,
  created_at timestamptz(3) not null,
  first_used_at timestamptz(3),
  revoked_at timestamptz(3)
);
create index certificate_hub on certificate (hub_id);
create index certificate_public_key on certificate (public_key_sha256);

create table provisioning_decision (
  id uuid primary key,
  at timestamptz(3) not null,
  allowed boolean not null,
  reason text,
  hw_id text,
  certificate_id text not null,
  claim_certificate_id text not null,
  client_id text not null
);

create table claim (
  id uuid primary key,
  hub_id uuid not null references hub,
  request_id uuid not null,
  code_hmac text not null unique,
  word text not null,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  looked_up_by uuid references account,
  confirmed_at timestamptz(3),
  dead_at timestamptz(3),
  unique (hub_id, request_id)
);

create table display (
  id uuid primary key,
  household_id uuid references household,
  hub_id uuid not null references hub,
  name text not null,
  nickname text,
  kind text not null,
  panel text not null,
  width integer not null,
  height integer not null,
  inks text[] not null,
  current_presentation_id uuid,
  current_updated_at timestamptz(3),
  pending_presentation_id uuid,
  frame_sha256 text,
  state_updated_at timestamptz(3),
  bound_at timestamptz(3),
  tags text[] not null default '{}'
);
create index display_household on display (household_id, id);
create index display_hub on display (hub_id);

create table command (
  id uuid primary key,
  household_id uuid references household,
  hub_id uuid not null references hub,
  down_seq bigint not null,
  slot text not null,
  rev bigint not null,
  kind text not null,
  body json not null,
  state text not null,
  code text,
  message text,
  deadline_at timestamptz(3),
  queued_at timestamptz(3) not null,
  offered_at timestamptz(3),
  received_at timestamptz(3),
  ended_at timestamptz(3),
  unique (hub_id, down_seq)
);
create index command_slot on command (hub_id, slot, rev);
create index command_unfinished on command (hub_id, down_seq) where state in ('QUEUED', 'OFFERED', 'RECEIVED');
create index command_household on command (household_id);

create table hub_epoch (
  hub_id uuid not null references hub,
  epoch text not null,
  ord integer not null,
  opened_at timestamptz(3) not null,
  closed_at timestamptz(3),
  primary key (hub_id, epoch),
  unique (hub_id, ord)
);

create table hub_boot (
  hub_id uuid not null references hub,
  boot uuid not null,
  mono_ms double precision not null,
  server_at timestamptz(3) not null,
  primary key (hub_id, boot)
);

create table stream (
  hub_id uuid not null references hub,
  epoch text not null,
  lane integer not null,
  hwm bigint not null,
  hwm_id uuid,
  updated_at timestamptz(3) not null,
  primary key (hub_id, epoch, lane)
);

create table event (
  hub_id uuid not null references hub,
  epoch text not null,
  lane integer not null,
  seq bigint not null,
  household_id uuid references household,
  id uuid,
  type text not null,
  tv integer not null,
  known boolean not null,
  ts_lo timestamptz(3) not null,
  ts_hi timestamptz(3) not null,
  received_at timestamptz(3) not null,
  body json,
  primary key (hub_id, epoch, lane, seq)
);

create table state (
  hub_id uuid not null references hub,
  key text not null,
  household_id uuid references household,
  epoch_ord integer not null,
  ver bigint not null,
  body json,
  superseded_total bigint not null,
  updated_at timestamptz(3) not null,
  primary key (hub_id, key)
);

create table gap (
  hub_id uuid not null references hub,
  epoch text not null,
  lane integer not null,
  from_seq bigint not null,
  to_seq bigint not null,
  household_id uuid references household,
  reason text not null,
  rows bigint not null,
  bytes bigint not null,
  first_at timestamptz(3),
  last_at timestamptz(3),
  received_at timestamptz(3) not null,
  primary key (hub_id, epoch, lane, from_seq)
);

create table dead (
  hub_id uuid not null references hub,
  epoch text not null,
  lane integer not null,
  seq bigint not null,
  household_id uuid references household,
  reason text not null,
  raw json not null,
  received_at timestamptz(3) not null,
  primary key (hub_id, epoch, lane, seq)
);

alter table store enable row level security;
alter table store force row level security;
create policy store_system on store to app_system using (true) with check (true);
create policy store_read on store for select to app_user using (true);

alter table account enable row level security;
alter table account force row level security;
create policy account_system on account to app_system using (true) with check (true);

alter table household enable row level security;
alter table household force row level security;
create policy household_system on household to app_system using (true) with check (true);
create policy household_own on household to app_user using (id = current_household()) with check (id = current_household());

alter table membership enable row level security;
alter table membership force row level security;
create policy membership_system on membership to app_system using (true) with check (true);
create policy membership_own on membership to app_user
  using (household_id = current_household()) with check (household_id = current_household());

alter table refresh_token enable row level security;
alter table refresh_token force row level security;
create policy refresh_token_system on refresh_token to app_system using (true) with check (true);

alter table personal_access_token enable row level security;
alter table personal_access_token force row level security;
create policy personal_access_token_system on personal_access_token to app_system using (true) with check (true);
create policy personal_access_token_own on personal_access_token to app_user
  using (household_id = current_household()) with check (household_id = current_household());

alter table hardware enable row level security;
alter table hardware force row level security;
create policy hardware_system on hardware to app_system using (true) with check (true);

alter table hub enable row level security;
alter table hub force row level security;
create policy hub_system on hub to app_system using (true) with check (true);
create policy hub_own on hub to app_user
  using (household_id = current_household()) with check (household_id = current_household());

alter table certificate enable row level security;
alter table certificate force row level security;
create policy certificate_system on certificate to app_system using (true) with check (true);

alter table provisioning_decision enable row level security;
alter table provisioning_decision force row level security;
create policy provisioning_decision_system on provisioning_decision to app_system using (true) with check (true);

alter table claim enable row level security;
alter table claim force row level security;
create policy claim_system on claim to app_system using (true) with check (true);

alter table display enable row level security;
alter table display force row level security;
create policy display_system on display to app_system using (true) with check (true);
create policy display_own on display to app_user
  using (household_id = current_household()) with check (household_id = current_household());

alter table command enable row level security;
alter table command force row level security;
create policy command_system on command to app_system using (true) with check (true);
create policy command_own on command to app_user
  using (household_id = current_household()) with check (household_id = current_household());

alter table hub_epoch enable row level security;
alter table hub_epoch force row level security;
create policy hub_epoch_system on hub_epoch to app_system using (true) with check (true);

alter table hub_boot enable row level security;
alter table hub_boot force row level security;
create policy hub_boot_system on hub_boot to app_system using (true) with check (true);

alter table stream enable row level security;
alter table stream force row level security;
create policy stream_system on stream to app_system using (true) with check (true);

alter table event enable row level security;
alter table event force row level security;
create policy event_system on event to app_system using (true) with check (true);
create policy event_own on event to app_user
  using (household_id = current_household()) with check (household_id = current_household());

alter table state enable row level security;
alter table state force row level security;
create policy state_system on state to app_system using (true) with check (true);
create policy state_own on state to app_user
  using (household_id = current_household()) with check (household_id = current_household());

alter table gap enable row level security;
alter table gap force row level security;
create policy gap_system on gap to app_system using (true) with check (true);
create policy gap_own on gap to app_user
  using (household_id = current_household()) with check (household_id = current_household());

alter table dead enable row level security;
alter table dead force row level security;
create policy dead_system on dead to app_system using (true) with check (true);
create policy dead_own on dead to app_user
  using (household_id = current_household()) with check (household_id = current_household());

grant select on store, household, membership, personal_access_token, hub, display, command, event to app_user;
grant update (name) on household to app_user;
grant insert on personal_access_token, command to app_user;
grant update (last_used_at, revoked_at) on personal_access_token to app_user;
grant update (down_next) on hub to app_user;
grant update (nickname, tags, current_presentation_id, current_updated_at, pending_presentation_id) on display to app_user;
grant update (state, code, message, offered_at, received_at, ended_at) on command to app_user;

grant select on all tables in schema public to app_system;
grant insert on store, account, household, membership, refresh_token, hardware, hub, certificate, provisioning_decision, claim,
  display, command, hub_epoch, hub_boot, stream, event, state, gap, dead to app_system;
grant update on store, account, refresh_token, hardware, hub, certificate, claim, display, command, hub_epoch, hub_boot,
  stream, state to app_system;
grant update (last_used_at) on personal_access_token to app_system;
