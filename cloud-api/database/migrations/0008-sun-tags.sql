-- How far each tag that proves itself has counted. It stays when the tag leaves its hub: its old links must not live again.
create table sun_tag (
  uid text primary key,
  counter integer not null
);
alter table sun_tag enable row level security;
alter table sun_tag force row level security;
create policy sun_tag_system on sun_tag to app_system using (true) with check (true);
grant select, insert, update on sun_tag to app_system;

-- The codes that are good are counted at each try of one: the more there are, the fewer tries the world has.
create index claim_live_code on claim (expires_at)
  where code_hmac is not null and dead_at is null and confirmed_at is null;

set local role app_system;
insert into sun_tag (uid, counter)
  select sun_tag_uid, sun_counter from hardware where sun_tag_uid is not null and sun_counter is not null;
-- Whose a hub is has a slot of its own: what waits already must not be replaced by a claim screen either.
update command set slot = 'binding' where kind in ('bound', 'unbound') and state in ('QUEUED', 'OFFERED', 'RECEIVED');
reset role;

alter table hardware drop column sun_counter;
