-- The life of a certificate beyond its first day: rotation, re-provisioning, and what AWS IoT is still to be told of it.

-- A certificate that replaces another waits for its hub's commit until commit_by; of each kind a thing has one at most.
alter table certificate
  add column replaces text references certificate,
  add column commit_by timestamptz(3),
  add column revoked_reason text,
  add column deactivated_at timestamptz(3);
create unique index certificate_live on certificate (thing_name) where revoked_at is null and commit_by is null;
create unique index certificate_pending on certificate (thing_name) where revoked_at is null and commit_by is not null;
create index certificate_thing on certificate (thing_name);
create index certificate_commit on certificate (commit_by) where revoked_at is null and commit_by is not null;

-- Certificates that AWS IoT is still to deactivate and detach, written in the transaction that revokes them.
create table iot_task (
  id uuid primary key,
  certificate_id text not null references certificate,
  thing_name text not null,
  due_at timestamptz(3) not null,
  attempts integer not null default 0,
  last_error text,
  created_at timestamptz(3) not null
);
create index iot_task_due on iot_task (due_at);
create index iot_task_certificate on iot_task (certificate_id);
alter table iot_task enable row level security;
alter table iot_task force row level security;
create policy iot_task_system on iot_task to app_system using (true) with check (true);
grant select, insert, update, delete on iot_task to app_system;

-- Leave to give hardware that was at work already a new certificate. The proof is the tag; a ticket holds no secret.
create table reprovision_ticket (
  id uuid primary key,
  hw_id text not null references hardware,
  issuer text not null check (issuer in ('owner', 'operator', 'technician')),
  household_id uuid references household,
  account_id uuid references account,
  technician text,
  work_order_id text,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  cancelled_at timestamptz(3),
  used_at timestamptz(3),
  used_by text
);
create index reprovision_ticket_hardware on reprovision_ticket (hw_id, created_at);
create unique index reprovision_ticket_open on reprovision_ticket (hw_id) where used_at is null and cancelled_at is null;
create index reprovision_ticket_household on reprovision_ticket (household_id);
alter table reprovision_ticket enable row level security;
alter table reprovision_ticket force row level security;
create policy reprovision_ticket_system on reprovision_ticket to app_system using (true) with check (true);
grant select, insert, update on reprovision_ticket to app_system;

-- What a decision was about, by which ticket, and with whose key if the key was another's.
alter table provisioning_decision
  add column kind text not null default 'claim',
  add column ticket_id uuid references reprovision_ticket,
  add column twin_thing_name text;
create index provisioning_decision_age on provisioning_decision (at, id);

-- Who wrote hardware down, and why it is no longer to be let in.
alter table hardware add column registered_by text, add column state_reason text;
