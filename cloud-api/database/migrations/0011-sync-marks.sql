-- The boot of the last event of a lane, and the earliest moment at which it can have happened: what comes after it in
-- the lane happened later.
alter table stream add column last_boot uuid, add column last_lo timestamptz(3);

-- Gaps, letters that nobody could read and pairs of clocks are kept as long as events are.
grant delete on gap, dead, hub_boot to app_system;
create index gap_age on gap (received_at);
create index dead_age on dead (received_at);
create index hub_boot_age on hub_boot (server_at);
