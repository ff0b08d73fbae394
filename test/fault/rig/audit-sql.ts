/** What a transaction of the cloud changes is written down beside it, whatever statements it is made of. */
const AUDITED = ['hub_epoch', 'stream', 'event', 'dead', 'gap', 'state', 'command'] as const;

export const AUDIT_SQL = `
create table rig_audit (n bigint generated always as identity, name text not null, was jsonb, is_now jsonb not null);
grant select, delete on rig_audit to app_system, app_user;
create function rig_audit_row() returns trigger language plpgsql security definer as $$
begin
  insert into rig_audit (name, was, is_now)
  values (tg_argv[0], case tg_op when 'UPDATE' then to_jsonb(old) - 'body' - 'raw' end, to_jsonb(new) - 'body' - 'raw');
  return null;
end $$;
${AUDITED.map(
  (table) =>
    `create trigger rig_audit after insert or update on ${table} for each row execute function rig_audit_row('${table}');`,
).join('\n')}
`;
