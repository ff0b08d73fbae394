-- The delivery log: when each command reached each state, and by which way. A trigger writes it, so that no state is
-- reached without a line, whichever statement sets it.
alter table command add column path text;
grant update (path) on command to app_user;

create table command_delivery (
  id bigint generated always as identity primary key,
  command_id uuid not null references command on delete cascade,
  household_id uuid references household,
  state text not null,
  path text,
  code text,
  at timestamptz(3) not null
);
create index command_delivery_command on command_delivery (command_id, id);
create index command_delivery_age on command_delivery (at);
create index command_delivery_household on command_delivery (household_id);
alter table command_delivery enable row level security;
alter table command_delivery force row level security;
create policy command_delivery_system on command_delivery to app_system using (true) with check (true);
create policy command_delivery_own on command_delivery to app_user
  using (household_id = current_household()) with check (household_id = current_household());
grant select, insert on command_delivery to app_user;
grant select, insert, delete on command_delivery to app_system;

-- The time is the one that the service gave to the state, so that both tell the same.
create function log_delivery() returns trigger language plpgsql as $$
begin
  insert into command_delivery (command_id, household_id, state, path, code, at)
    values (new.id, new.household_id, new.state, new.path, new.code, case new.state
      when 'QUEUED' then new.queued_at
      when 'OFFERED' then coalesce(new.offered_at, now())
      when 'RECEIVED' then coalesce(new.received_at, now())
      else coalesce(new.ended_at, now()) end);
  return null;
end $$;
create trigger command_queued after insert on command for each row execute function log_delivery();
create trigger command_moved after update of state on command for each row
  when (old.state is distinct from new.state) execute function log_delivery();

-- What is known of commands from before, as far back as lines are kept.
insert into command_delivery (command_id, household_id, state, code, at)
  select c.id, c.household_id, s.state, case when s.state = c.state then c.code end, s.at from command c
  cross join lateral (values
    ('QUEUED', c.queued_at),
    ('OFFERED', c.offered_at),
    ('RECEIVED', c.received_at),
    (case when c.state in ('QUEUED', 'OFFERED', 'RECEIVED') then null else c.state end, c.ended_at)
  ) as s(state, at)
  where s.state is not null and s.at >= now() - interval '90 days'
  order by s.at;

create index command_recent on command (hub_id, id desc);

-- Messages of hubs that could not be stored when they came, acknowledged because they are kept here.
create table parked_message (
  id uuid primary key,
  topic text not null,
  payload bytea not null,
  parked_at timestamptz(3) not null,
  due_at timestamptz(3) not null,
  tries integer not null default 0
);
create index parked_message_due on parked_message (due_at);
alter table parked_message enable row level security;
alter table parked_message force row level security;
create policy parked_message_system on parked_message to app_system using (true) with check (true);
grant select, insert, update, delete on parked_message to app_system;
