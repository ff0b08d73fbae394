-- What housekeeping removes, and by what it is found. A chain of refresh tokens loses its oldest links first; nothing
-- reads the parent of a token, which stays as a trace only.
alter table refresh_token drop constraint refresh_token_parent_id_fkey;
create index refresh_token_expiry on refresh_token (expires_at);
create index idempotency_age on idempotency (created_at);
create policy idempotency_system on idempotency to app_system using (true) with check (true);
grant select, delete on idempotency to app_system;
grant delete on refresh_token to app_system;

-- The hook counts recent decisions at each call.
create index provisioning_decision_hardware on provisioning_decision (hw_id, at);
create index provisioning_decision_claim on provisioning_decision (claim_certificate_id, at);

-- What a display shows is told by its presentations: a state message on its way must not contradict them.
alter table display drop column current_presentation_id, drop column current_updated_at, drop column frame_sha256;

-- Which claim certificates the hardware of a batch may use.
create table batch_claim_certificate (
  batch integer not null,
  claim_certificate_id text not null,
  created_at timestamptz(3) not null,
  primary key (batch, claim_certificate_id)
);
create index batch_claim_certificate_id on batch_claim_certificate (claim_certificate_id);
alter table batch_claim_certificate enable row level security;
alter table batch_claim_certificate force row level security;
create policy batch_claim_certificate_system on batch_claim_certificate to app_system using (true) with check (true);
grant select, insert, delete on batch_claim_certificate to app_system;

-- A hub with a new store counts its displays anew; those that it reports no longer stay for what was shown on them.
alter table display add column reported boolean not null default true;
