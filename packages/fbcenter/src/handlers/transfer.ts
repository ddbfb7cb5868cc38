import type { TransferBody } from '../api/transfer.js';
import { environmentFile, readEnvironmentFile } from '../documents/environment-file.js';
import { type Plan, type PlanItem, warningsOf } from '../documents/plan.js';
import { promotedItems } from '../documents/promotion.js';
import { countsOf, faultsOf, makeTransfer, planTransfer, type Transfer } from '../documents/transfer.js';
import { type Answer, json, stream } from '../http/answer.js';
import type { EnvironmentExchange } from '../http/exchange.js';
import type { FilePlaces } from '../http/room.js';
import type { Environment } from '../model/environment.js';
import { isJsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import { roleIn } from '../model/role.js';
import type { Clock } from '../runtime/clock.js';
import type { Storage } from '../storage/storage.js';
import { managerOf } from './grants.js';
import { authorship, bodyFields, truth } from './parameters.js';

/** Flags that are promoted at once: as many as an environment takes. */
const MAX_FLAGS = 20_000;

type Stored = Pick<Storage, 'environments' | 'documents' | 'changes' | 'transact'>;

/** Flags and segments that go from one place to another: a file, another environment. */
export function transferHandlers(storage: Stored, clock: Pick<Clock, 'now'>, files: Pick<FilePlaces, 'take'>) {
  const carryOut = async (exchange: EnvironmentExchange, transfer: Omit<Transfer, 'into' | 'by' | 'expected'>) => {
    const { environment: into, query, isGone } = exchange;
    const expected = query.get('plan') || undefined;
    const whole = { ...transfer, into, expected, isGone, by: authorship(exchange).by };
    // All that is there is in memory for the plan.
    const { bytes } = await storage.documents.usage(into.id);
    const place = await files.take(exchange, bytes);
    try {
      if (truth(exchange, 'dryRun') === true) return json<TransferBody>(bodyOf(await planTransfer(storage, whole)));
      const { plan, group, versions } = await makeTransfer(storage, whole);
      return json<TransferBody>(bodyOf(plan, group, versions));
    } finally {
      place.end();
    }
  };
  return {
    export: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { environment } = exchange;
      // It is of one moment, so all of it is in memory until it is taken.
      const { bytes } = await storage.documents.usage(environment.id);
      const transfer = await files.take(exchange, bytes);
      try {
        const { documents } = await storage.changes.everything(environment.id);
        async function* pieces() {
          for (const piece of environmentFile(environment, documents, clock.now())) yield Buffer.from(piece);
        }
        const headers = { 'content-disposition': attachment(environment) };
        return stream('application/json; charset=utf-8', pieces, transfer, headers);
      } catch (error) {
        transfer.end();
        throw error;
      }
    },
    /** Body: a file that was exported. */
    import: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const items = readEnvironmentFile(exchange.body);
      const { note } = authorship(exchange);
      return carryOut(exchange, {
        action: 'import',
        items: async () => items,
        withSwitch: truth(exchange, 'withSwitch') ?? true,
        note: { ...note, source: 'file' },
      });
    },
    /** Body: `{"from": …, "flags": […], "withSwitch": …, "withSegments": …}`. */
    promote: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { from, keys, withSwitch, withSegments } = readPromotion(exchange.body);
      if (from === exchange.environment.key) {
        throw new Refusal('invalid-request', 'from: Must be another environment than the one that they go to.');
      }
      const source = await storage.environments.byKey(from);
      // What the caller may not see is not there.
      const isHidden = source !== undefined && roleIn(managerOf(exchange.caller).grants, source.id) === undefined;
      if (source === undefined || isHidden)
        throw new Refusal('environment-not-found', 'from: There is no environment of this key.');
      const { note } = authorship(exchange);
      return carryOut(exchange, {
        action: 'promote',
        items: async () => promotedItems((await storage.changes.everything(source.id)).documents, keys, withSegments),
        withSwitch,
        note: { ...note, source: `environment ${from}` },
      });
    },
  };
}

function bodyOf(plan: Plan, group?: string, versions?: ReadonlyMap<string, number>): TransferBody {
  return {
    dryRun: versions === undefined,
    plan: plan.digest,
    group: group ?? null,
    counts: countsOf(plan),
    items: plan.items.map((item) => {
      const { kind, key, path, outcome, fields } = item;
      const version = versions?.get(`${kind} ${key}`) ?? null;
      const problems = { faults: faultsOf(item), warnings: warningsOf(item) };
      return { kind, key, path, outcome, fields, isEnabled: switchOf(item), ...problems, version };
    }),
  };
}

function switchOf(item: PlanItem): boolean | null {
  const isChange = item.outcome === 'changed' && item.fields.includes('isEnabled');
  return isChange ? item.verdict.document.isEnabled === true : null;
}

function readPromotion(body: unknown) {
  const {
    from,
    flags,
    withSwitch = false,
    withSegments = true,
  } = bodyFields(body, ['from', 'flags', 'withSwitch', 'withSegments']);
  if (!isJsonObject(body) || typeof from !== 'string' || !isTexts(flags)) {
    throw new Refusal('invalid-request', 'Send {"from": "…", "flags": ["…"]}: an environment and keys of its flags.');
  }
  if (flags.length === 0 || flags.length > MAX_FLAGS) {
    throw new Refusal('invalid-request', `flags: Must be 1 to ${MAX_FLAGS.toLocaleString('en')} keys.`);
  }
  if (typeof withSwitch !== 'boolean' || typeof withSegments !== 'boolean') {
    throw new Refusal('invalid-request', 'withSwitch and withSegments must be true or false.');
  }
  return { from, keys: flags, withSwitch, withSegments };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Saved under the key of the environment, which may have any character. */
function attachment({ key }: Environment): string {
  const name = encodeURIComponent(`${key}.flags.json`).replace(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename*=UTF-8''${name}`;
}
