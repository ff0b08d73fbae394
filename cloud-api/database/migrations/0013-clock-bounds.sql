-- When a request arrives nobody knows how long it was on its way: what is known of a boot's clock from then on is a bound
-- on one side. The other one comes from the hub, which waited for the answer in which it heard our time.
alter table hub_boot add column low_mono_ms double precision, add column low_at timestamptz(3);
