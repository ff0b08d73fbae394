import { gunzipSync } from 'node:zlib';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { HubCaller } from '../../../cloud-api/auth/principal.js';
import { asSystem, queryRows } from '../../../cloud-api/database/database.js';
import { renewGeneration } from '../../../cloud-api/database/generation.js';
import { toProblem } from '../../../cloud-api/errors.js';
import { parseSyncInput, type SyncInput } from '../../../cloud-api/sync/sync-input.js';
import type { Command, SyncReply } from '../../../contract/index.js';
import { TestCloud } from '../../support/cloud.js';
import type { TestEngine } from '../../support/cloud-databases.js';
import type { TestHub } from '../../support/cloud-devices.js';
import { RigDatabase, type Transact } from './rig-database.js';
import type { Reply, Sent } from './wire.js';

export type RigCaller = TestHub & { caller: HubCaller };

/** How a cloud that is not quite ours differs from it; every part is absent in the true one. */
export type CloudChange = {
  transact?: Transact;
  exchange?: (cloud: RigCloud, call: { hubId: string; input: SyncInput }, go: Exchange) => Promise<SyncReply>;
  /** A restored store goes on under the incarnation that it had. */
  keepsGeneration?: true;
};

export type Exchange = (input: SyncInput) => Promise<SyncReply>;

const BodySchema = z.looseObject({ v: z.number() });
const NameSchema = z.object({ name: z.string() });

/** The real cloud over a database that is watched, for some hubs. */
export class RigCloud {
  readonly cloud: TestCloud;
  readonly database: RigDatabase;
  readonly hubs: readonly RigCaller[];
  #change: CloudChange = {};
  readonly #tables: readonly string[];

  private constructor(parts: {
    cloud: TestCloud;
    database: RigDatabase;
    hubs: readonly RigCaller[];
    tables: readonly string[];
  }) {
    this.cloud = parts.cloud;
    this.database = parts.database;
    this.hubs = parts.hubs;
    this.#tables = parts.tables;
  }

  static async start(engine: TestEngine, { hubs }: { hubs: number }): Promise<RigCloud> {
    let database: RigDatabase | undefined;
    const open = async () => {
      const inner = await engine.open();
      database = await RigDatabase.over(inner.db);
      return { db: database.database, close: inner.close };
    };
    const cloud = await TestCloud.start({ name: engine.name, open });
    if (database === undefined) throw new RangeError('no database was opened');
    const callers: RigCaller[] = [];
    for (let made = 0; made < hubs; made += 1) callers.push(await provision(cloud));
    const tables = await tablesOfHubs(cloud);
    await database.beside(makeBackups(tables));
    return new RigCloud({ cloud, database, hubs: callers, tables });
  }

  /** Makes another cloud of it from here on. */
  become(change: CloudChange): void {
    this.#change = change;
    this.database.transact = change.transact ?? ((run, fn) => run(fn));
  }

  close(): Promise<void> {
    return this.cloud.close();
  }

  /** Nothing was ever heard of the hubs. */
  async reset(): Promise<void> {
    this.cloud.logged.length = 0;
    this.cloud.published.length = 0;
    await this.database.beside(
      `truncate ${this.#tables.join(', ')} cascade; update hub set down_next = 1, down_acked = 0, state_rev = 0; delete from rig_audit;`,
    );
  }

  /** Over HTTP, with the hub's token. */
  async post(hub: RigCaller, { headers, bytes }: Pick<Sent, 'headers' | 'bytes'>): Promise<Reply> {
    const { app } = this.cloud;
    const said = { ...Object.fromEntries(headers), authorization: `Bearer ${await hub.token()}` };
    const reply = await app.inject({ method: 'POST', url: '/v1/sync', headers: said, payload: bytes });
    return { status: reply.statusCode, body: reply.payload };
  }

  /** The same without HTTP around it: the bytes as the route would hand them on. */
  async exchange(hub: RigCaller, { headers, bytes }: Pick<Sent, 'headers' | 'bytes'>): Promise<Reply> {
    try {
      const text = headers.get('content-encoding') === 'gzip' ? gunzipSync(bytes) : bytes;
      const input = parseSyncInput(BodySchema.parse(JSON.parse(text.toString())));
      const go: Exchange = (changed) => this.cloud.services.sync.exchange(hub.caller, changed);
      const call = { hubId: hub.caller.hubId, input };
      const reply = await (this.#change.exchange?.(this, call, go) ?? go(input));
      return { status: 200, body: JSON.stringify(reply) };
    } catch (error) {
      const { status, problem } = toProblem(error, 'rig');
      return { status, body: JSON.stringify(problem) };
    }
  }

  /** A command for a hub, committed and about to be pushed. */
  async order(
    hub: RigCaller,
    order: { slot: string; deadlineAt: Date | undefined } & (
      | { kind: 'refresh'; body: { displayId: string } }
      | { kind: 'reboot'; body: Record<string, never> }
    ),
  ): Promise<Command> {
    const { services, context } = this.cloud;
    const { slot, deadlineAt } = order;
    const place = { hubId: hub.caller.hubId, householdId: null, slot, ...(deadlineAt && { deadlineAt }) };
    return asSystem(context.db, async (tx) => {
      const made =
        order.kind === 'refresh'
          ? await services.commands.enqueueCommand(tx, { ...place, kind: order.kind, body: order.body })
          : await services.commands.enqueueCommand(tx, { ...place, kind: order.kind, body: order.body });
      return made.command;
    });
  }

  /** Ends what is past its deadline, as the chore of the service does. */
  async sweep(): Promise<void> {
    await asSystem(this.cloud.context.db, (tx) => this.cloud.services.delivery.sweep(tx));
  }

  async generation(): Promise<string> {
    const [row] = await this.rows(z.object({ gen: z.string() }), sql`select gen from store`);
    return row?.gen ?? '';
  }

  async backUp(): Promise<void> {
    const copies = this.#tables.map(
      (table) => `truncate rig_backup.${table}; insert into rig_backup.${table} table ${table};`,
    );
    await this.database.beside(`${copies.join('\n')} truncate rig_backup.hub; insert into rig_backup.hub table hub;`);
  }

  /** The database is what it was at the last backup, and its own restore gives it a new incarnation. */
  async restore(): Promise<void> {
    const copies = this.#tables.map((table) => `insert into ${table} table rig_backup.${table};`);
    await this.database.beside(
      `truncate ${this.#tables.join(', ')} cascade; ${copies.join('\n')}
       update hub set down_next = b.down_next, down_acked = b.down_acked, state_rev = b.state_rev
       from rig_backup.hub b where b.id = hub.id; delete from rig_audit;`,
    );
    if (this.#change.keepsGeneration === undefined) await renewGeneration(this.cloud.context.db, this.cloud.clock);
  }

  /** The rows of a query, as the owner of the tables has them. */
  rows<T>(row: z.ZodType<T>, query: ReturnType<typeof sql>): Promise<T[]> {
    return this.cloud.context.db.asOwner((tx) => queryRows(tx, row, query));
  }
}

async function provision(cloud: TestCloud): Promise<RigCaller> {
  const hub = await cloud.provision();
  const { thingName, certificateId } = hub;
  const [row] = await cloud.context.db.asOwner((tx) =>
    queryRows(tx, z.object({ id: z.string() }), sql`select id from hub where thing_name = ${thingName}`),
  );
  if (row === undefined) throw new RangeError(`no hub ${thingName}`);
  return { ...hub, caller: { kind: 'hub', hubId: row.id, thingName, householdId: null, certificateId } };
}

/** Of these, a hub's identity and household are no matter of the queue. */
const NOT_OF_THE_QUEUE = /^(hub|certificate|display|claim|local_binding|hub_transfer|household)/;
const OF_THE_QUEUE = /^hub_(epoch|boot)$/;

async function tablesOfHubs(cloud: TestCloud): Promise<string[]> {
  const rows = await cloud.context.db.asOwner((tx) =>
    queryRows(
      tx,
      NameSchema,
      sql`select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
          where a.attname = 'hub_id' and c.relkind in ('r', 'p') and not c.relispartition
            and c.relnamespace = 'public'::regnamespace order by 1`,
    ),
  );
  return rows.map(({ name }) => name).filter((name) => OF_THE_QUEUE.test(name) || !NOT_OF_THE_QUEUE.test(name));
}

function makeBackups(tables: readonly string[]): string {
  const made = [...tables, 'hub'].map((table) => `create table rig_backup.${table} (like ${table});`);
  return `create schema rig_backup; ${made.join('\n')}`;
}
