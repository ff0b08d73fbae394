import type { Database } from './database.js';

/** Whose hub this is. */
export type Household = { householdId: string; householdName: string };

/** A household that bound the hub at the hub, under an id that the hub made. */
export type LocalBinding = { bindingId: string; householdName: string; receiptSha256: string; boundMs: number };

/** The claim code that was last on the glass. */
export type ShownClaim = { requestId: string; expiresMs: number };

type Row = {
  householdId: string | null;
  householdName: string | null;
  claimRequestId: string | null;
  claimExpiresMs: number | null;
  receiptSha256: string | null;
  boundMs: number | null;
};

/** The household that the hub takes itself to belong to, and the code with which one may claim it. */
export class Binding {
  readonly #database: Database;
  readonly #get;
  readonly #set;
  readonly #setClaim;
  readonly #notify = () => {
    for (const listener of this.#listeners) listener();
  };
  readonly #listeners: (() => void)[] = [];

  constructor(database: Database) {
    this.#database = database;
    this.#get = database.prepare<[], Row>(
      `SELECT household_id AS householdId, household_name AS householdName, claim_request_id AS claimRequestId,
         claim_expires_ms AS claimExpiresMs, receipt_sha256 AS receiptSha256, bound_ms AS boundMs FROM binding WHERE one = 1`,
    );
    this.#set = database.prepare<[string | null, string | null, string | null, number | null]>(
      `UPDATE binding SET household_id = ?, household_name = ?, receipt_sha256 = ?, bound_ms = ?,
         claim_request_id = NULL, claim_expires_ms = NULL WHERE one = 1`,
    );
    this.#setClaim = database.prepare<[string, number]>(
      'UPDATE binding SET claim_request_id = ?, claim_expires_ms = ? WHERE one = 1',
    );
  }

  /** Called after each commit that changed it. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  household(): Household | undefined {
    const row = this.#get.get();
    if (row === undefined || row.householdId === null || row.householdName === null) return undefined;
    return { householdId: row.householdId, householdName: row.householdName };
  }

  claim(): ShownClaim | undefined {
    const row = this.#get.get();
    if (row === undefined || row.claimRequestId === null || row.claimExpiresMs === null) return undefined;
    return { requestId: row.claimRequestId, expiresMs: row.claimExpiresMs };
  }

  bind(household: Household | undefined): void {
    this.#write(() => this.#set.run(household?.householdId ?? null, household?.householdName ?? null, null, null));
  }

  /** The binding that was made at the hub, until an account has it. */
  local(): LocalBinding | undefined {
    const row = this.#get.get();
    if (row === undefined || row.householdId === null || row.householdName === null) return undefined;
    const { householdId: bindingId, householdName, receiptSha256, boundMs } = row;
    return receiptSha256 === null || boundMs === null
      ? undefined
      : { bindingId, householdName, receiptSha256, boundMs };
  }

  bindLocally({ bindingId, householdName, receiptSha256, boundMs }: LocalBinding): void {
    this.#write(() => this.#set.run(bindingId, householdName, receiptSha256, boundMs));
  }

  setClaim(claim: ShownClaim): void {
    this.#write(() => this.#setClaim.run(claim.requestId, claim.expiresMs));
  }

  #write(change: () => void): void {
    this.#database.write(() => {
      this.#database.afterCommit(this.#notify);
      change();
    });
  }
}
