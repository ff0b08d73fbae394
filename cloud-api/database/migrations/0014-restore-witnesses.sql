-- Hubs that showed to have more of an incarnation than this store, which may have come back from a backup.
create table restore_witness (
  hub_id uuid primary key references hub,
  gen text not null,
  seen_at timestamptz(3) not null
);
alter table restore_witness enable row level security;
alter table restore_witness force row level security;
create policy restore_witness_system on restore_witness to app_system using (true) with check (true);
grant select, insert, update on restore_witness to app_system;
