-- A batch that once named claim certificates remembers it, and so does a certificate that was taken off a list: an empty
-- list lets nobody in.
alter table batch_claim_certificate add column removed_at timestamptz(3);
grant update on batch_claim_certificate to app_system;

-- Decisions and tickets are forgotten after a while.
grant delete on provisioning_decision, reprovision_ticket to app_system;
create index provisioning_decision_ticket on provisioning_decision (ticket_id);
create index reprovision_ticket_age on reprovision_ticket (expires_at);

-- Before there was a queue for AWS IoT it was told of no certificate that was revoked: those are still active there.
insert into iot_task (id, certificate_id, thing_name, due_at, created_at)
  select gen_random_uuid(), c.id, c.thing_name, now(), now() from certificate c
  where c.revoked_at is not null and c.deactivated_at is null
    and not exists (select from iot_task t where t.certificate_id = c.id);
