/** Short forms for behaviour cases. */
import type { Capability } from '../driver/protocol.js';
import { guidOf } from '../reference/guid.js';
import type { Flag, Segment } from '../reference/wire.js';
import type { ScriptedServer } from '../server/scripted-server.js';
import { dataSync } from '../server/scripted-server.js';
import type { SuiteCase } from '../suite/case.js';
import type { Trial, TrialClient } from '../suite/trial.js';

export type Behaviour = Omit<SuiteCase, 'group'>;

/** Cases of one group, whose ids are the group's name, a slash and their own. */
export const group = (name: string, cases: Behaviour[]): SuiteCase[] =>
  cases.map((item) => ({ ...item, id: `${name}/${item.id}`, group: name }));

export const STREAMING: Capability[] = ['streaming'];

const ENVIRONMENT_ID = '226b9bf8-4af3-4ffa-9b01-162270e4cd40';

/** An ISO time so many seconds into 2026. */
export const second = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();

/** {@link second} as a version. */
export const version = (seconds: number): number => Date.UTC(2026, 0, 1) + seconds * 1000;

/** A flag whose string value is the given one for everyone. */
export function flag(key: string, value: string, updatedAt: string, overrides: Partial<Flag> = {}): Flag {
  return {
    id: guidOf(key),
    envId: ENVIRONMENT_ID,
    key,
    name: key,
    variationType: 'string',
    variations: [{ id: guidOf(value), value }],
    targetUsers: [],
    rules: [],
    isEnabled: true,
    disabledVariationId: guidOf(value),
    fallthrough: { includedInExpt: false, variations: [{ id: guidOf(value), rollout: [0, 1], exptRollout: 1 }] },
    exptIncludeAllTargets: false,
    tags: [],
    isArchived: false,
    createdAt: second(0),
    updatedAt,
    ...overrides,
  };
}

/** A flag that serves yes to users of a segment and no to others. */
export function segmentFlag(key: string, segmentId: string, updatedAt: string): Flag {
  return flag(key, 'no', updatedAt, {
    variations: [
      { id: guidOf('yes'), value: 'yes' },
      { id: guidOf('no'), value: 'no' },
    ],
    rules: [
      {
        id: guidOf('rule'),
        name: 'rule',
        includedInExpt: false,
        conditions: [{ property: 'User is in segment', op: null, value: JSON.stringify([segmentId]) }],
        variations: [{ id: guidOf('yes'), rollout: [0, 1], exptRollout: 1 }],
      },
    ],
  });
}

export function segment(id: string, updatedAt: string, overrides: Partial<Segment> = {}): Segment {
  return {
    id,
    envId: ENVIRONMENT_ID,
    name: id,
    included: [],
    excluded: [],
    rules: [],
    isArchived: false,
    updatedAt,
    ...overrides,
  };
}

export const ONE = flag('a', 'one', second(1));

export const fullOf = (...flags: unknown[]): object => dataSync('full', flags, []);
export const patchOf = (...flags: unknown[]): object => dataSync('patch', flags, []);

/** A server with flag `a`, value "one", and a client that is ready. */
export async function readyClient(
  trial: Trial,
  ...[overrides, settings]: Tail<Parameters<Trial['client']>>
): Promise<{ server: ScriptedServer; client: TrialClient }> {
  const server = await trial.server();
  server.onDataSync = () => fullOf(ONE);
  const client = await trial.client(server, overrides, settings);
  await client.ready();
  return { server, client };
}

type Tail<Items extends unknown[]> = Items extends [unknown, ...infer Rest] ? Rest : never;

/** Looks for one of the headers that name an SDK. */
export function checkUserAgent(trial: Trial, headers: Record<string, unknown> | undefined): void {
  const named = [headers?.['user-agent'], headers?.['x-featbit-user-agent']].some(
    (value) => typeof value === 'string' && value.trim() !== '',
  );
  trial.check('a User-Agent or X-FeatBit-User-Agent header', named, Object.keys(headers ?? {}));
}
