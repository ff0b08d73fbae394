import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { CloudContext } from '../context.js';
import { isDataError } from '../database/data-error.js';
import { asSystem, queryRows, type Tx } from '../database/database.js';
import { unnested } from '../database/unnested.js';
import { CloudError } from '../errors.js';
import { Grouped } from '../grouped.js';
import type { Commands, NewCommand } from './commands.js';

/** What somebody of a household asks of one of its displays. */
type DisplayOrder = Pick<NewCommand, 'slot' | 'kind' | 'body' | 'deadlineAt'> & {
  householdId: string;
  displayId: string;
};

/** More would only hold the locks of many hubs for longer. */
const MOST_AT_ONCE = 100;

const PlaceSchema = z.object({
  place: z.coerce.number(),
  hubId: z.string(),
  thingName: z.string(),
  downSeq: z.coerce.number(),
});

/** Commands to displays: those of many people that come while others are committed are committed together. */
export class DisplayOrders {
  readonly #context: Pick<CloudContext, 'db'>;
  readonly #commands: Pick<Commands, 'writeInPlaces'>;
  readonly #grouped: Grouped<DisplayOrder, string | undefined>;

  constructor(context: Pick<CloudContext, 'db'>, commands: Pick<Commands, 'writeInPlaces'>) {
    this.#context = context;
    this.#commands = commands;
    this.#grouped = new Grouped({
      most: MOST_AT_ONCE,
      keyOf: ({ displayId }) => displayId,
      run: (orders) => asSystem(this.#context.db, (tx) => this.#write(tx, orders)),
      isItemsFault: isDataError,
    });
  }

  /**
   * Resolves with the id of the command once it is committed.
   * @throws CloudError `display_not_found`
   */
  async give(order: DisplayOrder): Promise<string> {
    const cmdId = await this.#grouped.add(order);
    if (cmdId === undefined) throw new CloudError('display_not_found', 'No display of this household has this id.');
    return cmdId;
  }

  async #write(tx: Tx, orders: readonly DisplayOrder[]): Promise<(string | undefined)[]> {
    const places = new Map((await givePlaces(tx, orders)).map(({ place, ...given }) => [place, given]));
    const placed = orders.flatMap((order, index) => {
      const given = places.get(index);
      return given === undefined ? [] : [{ index, order: { ...order, ...given } }];
    });
    const made = await this.#commands.writeInPlaces(
      tx,
      placed.map(({ order }) => order),
    );
    const ids = new Map(placed.map(({ index }, nth) => [index, made[nth]?.command.cmdId]));
    return orders.map((_, index) => ids.get(index));
  }
}

/**
 * Finds the hubs of displays, each only in its own household, and gives every order its place in the down sequence of
 * its hub, in one statement. Hubs are locked by their ids, as everybody does who holds several.
 */
function givePlaces(tx: Tx, orders: readonly DisplayOrder[]): Promise<z.infer<typeof PlaceSchema>[]> {
  const asked = unnested('asked', [...orders.entries()], {
    place: ['int', ([place]) => place],
    display_id: ['uuid', ([, { displayId }]) => displayId],
    household_id: ['uuid', ([, { householdId }]) => householdId],
  });
  return queryRows(
    tx,
    PlaceSchema,
    sql`with found as materialized (
        select place, hub_id, row_number() over (partition by hub_id order by place) as nth
        from ${asked} join display on display.id = asked.display_id and display.household_id = asked.household_id
      ), counted as (
        select hub_id, count(*) as orders from found group by hub_id
      ), held as materialized (
        select id from hub where id in (select hub_id from counted) order by id for update
      ), moved as (
        update hub set down_next = down_next + counted.orders from counted join held on held.id = counted.hub_id
        where hub.id = counted.hub_id
        returning hub.id, hub.thing_name, hub.down_next - counted.orders as first
      )
      select place, hub_id as "hubId", thing_name as "thingName", first + nth - 1 as "downSeq"
      from found join moved on moved.id = found.hub_id`,
  );
}
