-- What happened on hubs, in one partition for each day (UTC) on which it was received, so that old days go as a whole.
-- That an event is here once does not rest on the key, which must hold the day too: rows are written under the lock of
-- their hub only, above the mark of their stream, which moves in the same transaction. There is no reference to hub and
-- household for the same reason: the writer has read both under that lock, and rows of neither are ever deleted.
-- The order of the key is that in which a household reads the news of a hub. By the other index it is found what is
-- stored at a place, without a look into every day.
alter table event rename to event_before;
alter table event_before disable row level security;

create table event (
  hub_id uuid not null,
  epoch text not null,
  lane integer not null,
  seq bigint not null,
  household_id uuid,
  id uuid,
  type text not null,
  tv integer not null,
  known boolean not null,
  ts_lo timestamptz(3) not null,
  ts_hi timestamptz(3) not null,
  received_at timestamptz(3) not null,
  body json,
  constraint event_key primary key (hub_id, received_at, lane, seq, epoch)
) partition by range (received_at);
create index event_place on event (hub_id, epoch, lane, seq);
alter table event enable row level security;
alter table event force row level security;
create policy event_system on event to app_system using (true) with check (true);
create policy event_own on event to app_user
  using (household_id = current_household()) with check (household_id = current_household());
grant select on event to app_user;
grant select, insert on event to app_system;

-- What has no day of its own yet waits here. Nobody but the owner reads a partition by its own name.
create table event_rest partition of event default;
alter table event_rest enable row level security;
alter table event_rest force row level security;
create policy event_rest_system on event_rest to app_system using (true) with check (true);

-- Makes the partition of a day, and moves there what had to wait for it. The lock first: nothing may arrive in between.
create function make_event_day(day date) returns void language plpgsql as $$
declare
  part text := 'event_' || to_char(day, 'YYYYMMDD');
  since timestamptz := day::timestamp at time zone 'UTC';
  until timestamptz := (day + 1)::timestamp at time zone 'UTC';
begin
  if to_regclass('public.' || part) is not null then return; end if;
  lock table only event_rest in access exclusive mode;
  execute format('create table public.%I (like event including defaults including constraints including indexes)', part);
  execute format('with moved as (delete from event_rest where received_at >= %L and received_at < %L returning *)
    insert into public.%I select * from moved', since, until, part);
  execute format('alter table public.%I enable row level security, force row level security', part);
  execute format('create policy event_day_system on public.%I to app_system using (true) with check (true)', part);
  execute format('alter table event attach partition public.%I for values from (%L) to (%L)', part, since, until);
end $$;
revoke execute on function make_event_day(date) from public;

-- What an older build has stored becomes one partition as it is, since to copy millions of rows takes long. It has the name
-- of its last day, with which it goes.
do $$
declare
  last date := (select (max(received_at) at time zone 'UTC')::date from event_before);
  part text := 'event_' || to_char(last, 'YYYYMMDD');
begin
  if last is null then
    drop table event_before;
    return;
  end if;
  alter table event_before drop constraint event_pkey, drop constraint event_hub_id_fkey,
    drop constraint event_household_id_fkey;
  drop policy event_own on event_before;
  alter policy event_system on event_before rename to event_day_system;
  revoke all on event_before from app_user, app_system;
  execute format('alter table event_before rename to %I', part);
  execute format('alter table event attach partition public.%I for values from (minvalue) to (%L)',
    part, (last + 1)::timestamp at time zone 'UTC');
  execute format('alter table public.%I enable row level security, force row level security', part);
end $$;
