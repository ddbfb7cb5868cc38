import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeAgentData,
  decodeAgentRequest,
  encodeItems,
  statusOf,
  summaryOf,
} from '../../../src/relay/agent/agent-message.js';
import type { EnvironmentIdentity } from '../../../src/relay/relayed-environments.js';
import { check } from '../../support/property.js';
import {
  anIdentity,
  environmentOf,
  featBitSegment,
  relayedEnvironments,
  upstreamDocument,
} from '../../support/relayed.js';
import { featBitFlag } from '../../support/scripted-featbit.js';

const T = Date.UTC(2026, 0, 1);
const SERVER = { type: 'server', projectKey: 'shop', envId: 'e', envKey: 'prod', value: 's' };
const CLIENT = { ...SERVER, type: 'client', value: 'c' };
const ITEM = { envId: 'e', secrets: [SERVER, CLIENT], featureFlags: [], segments: [] };

/** What is read of a message, and what was left out of it. */
function read(data: unknown) {
  const skipped: string[] = [];
  const result = decodeAgentData(data, (kind, problem) => skipped.push(`${kind}: ${problem}`));
  return { result, skipped };
}

/** The identity of the only environment in a message. */
function identityIn(item: object): EnvironmentIdentity | undefined {
  const { result } = read({ eventType: 'rp_full', items: [item] });
  return result?.eventType === 'rp_full' ? result.items[0]?.identity : undefined;
}

describe('a message to an agent', () => {
  it.each<[what: string, data: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a list', []],
    ['a text', 'rp_full'],
    ['a number', 7],
    ['an object without an event type', { items: [] }],
    ['of the event type of server SDKs', { eventType: 'full', featureFlags: [], segments: [] }],
    ['of an event type in capitals', { eventType: 'RP_FULL', items: [] }],
    ['of an event type that is no text', { eventType: ['rp_full'], items: [] }],
    ['everything without items', { eventType: 'rp_full' }],
    ['everything with items that are null', { eventType: 'rp_full', items: null }],
    ['everything with items by name', { eventType: 'rp_full', items: { e: ITEM } }],
    ['what is newer without items', { eventType: 'rp_patch' }],
    ['a change without lists', { eventType: 'patch' }],
    ['a change without segments', { eventType: 'patch', featureFlags: [] }],
    ['a change without flags', { eventType: 'patch', segments: [] }],
    ['a change whose flags are null', { eventType: 'patch', featureFlags: null, segments: [] }],
    ['a change whose segments are by name', { eventType: 'patch', featureFlags: [], segments: {} }],
  ])('is none when it is %s', (_, data) => {
    expect(read(data)).toEqual({ result: undefined, skipped: [] });
  });

  it.each<[what: string, item: unknown]>([
    ['null', null],
    ['a text', 'e'],
    ['a list', [ITEM]],
    ['without an id', { ...ITEM, envId: undefined }],
    ['with an id that is empty', { ...ITEM, envId: '' }],
    ['with an id that is a number', { ...ITEM, envId: 7 }],
    ['with secrets that are null', { ...ITEM, secrets: null }],
    ['with secrets by name', { ...ITEM, secrets: { server: SERVER } }],
    ['without flags', { ...ITEM, featureFlags: undefined }],
    ['without segments', { ...ITEM, segments: undefined }],
    ['with flags that are no list', { ...ITEM, featureFlags: 'none' }],
  ])('is none as a whole when one environment is %s: it must not look like one that is gone', (_, item) => {
    for (const eventType of ['rp_full', 'rp_patch']) {
      expect(read({ eventType, items: [ITEM, item] }).result).toBeUndefined();
      expect(read({ eventType, items: [item, ITEM] }).result).toBeUndefined();
    }
  });

  it.each(['rp_full', 'rp_patch'])('of kind %s may be about no environment at all', (eventType) => {
    expect(read({ eventType, items: [] })).toEqual({ result: { eventType, items: [] }, skipped: [] });
  });

  it('gives environments in the order in which they come', () => {
    const items = ['c', 'a', 'b'].map((envId) => ({ ...ITEM, envId }));
    const { result } = read({ eventType: 'rp_full', items });
    expect(result?.eventType === 'rp_full' && result.items.map(({ identity }) => identity.id)).toEqual(['c', 'a', 'b']);
  });

  it('gives the segments before the flags, which may ask for them', () => {
    const { result } = read({
      eventType: 'patch',
      featureFlags: [featBitFlag('a', T), featBitFlag('b', T + 1)],
      segments: [featBitSegment('s', T + 2)],
    });
    const named = result?.eventType === 'patch' ? result.documents.map(({ kind, key }) => `${kind} ${key}`) : [];
    expect(named).toEqual(['segment s', 'flag a', 'flag b']);
  });

  it('gives of each document its key, its time, whether it is archived, and its environment', () => {
    const { result, skipped } = read({
      eventType: 'patch',
      featureFlags: [featBitFlag('a', T, { envId: 'one', isArchived: true })],
      segments: [{ ...featBitSegment('s', T + 1), envId: 'two' }],
    });
    expect(skipped).toEqual([]);
    expect(result).toMatchObject({
      eventType: 'patch',
      documents: [
        { kind: 'segment', key: 's', version: T + 1, isArchived: false, environmentId: 'two' },
        { kind: 'flag', key: 'a', version: T, isArchived: true, environmentId: 'one' },
      ],
    });
  });

  it.each<[what: string, envId: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['a list', ['e']],
  ])('knows no environment of a change that says %s of it', (_, envId) => {
    const { result } = read({ eventType: 'patch', featureFlags: [featBitFlag('a', T, { envId })], segments: [] });
    expect(result?.eventType === 'patch' && result.documents.map(({ environmentId }) => environmentId)).toEqual([
      undefined,
    ]);
  });

  it('keeps members that this version does not know', () => {
    const { result } = read({
      eventType: 'patch',
      featureFlags: [featBitFlag('a', T, { somethingNew: { x: [1] } })],
      segments: [],
    });
    const [document] = result?.eventType === 'patch' ? result.documents : [];
    expect(JSON.parse(document?.text ?? '{}')).toMatchObject({ somethingNew: { x: [1] } });
  });

  it.each<[what: string, list: 'featureFlags' | 'segments', document: unknown]>([
    ['a flag that is null', 'featureFlags', null],
    ['a flag that is a text', 'featureFlags', 'a'],
    ['a flag that is a list', 'featureFlags', []],
    ['a flag without a key', 'featureFlags', featBitFlag('a', T, { key: undefined })],
    ['a flag whose key is a number', 'featureFlags', featBitFlag('a', T, { key: 7 })],
    ['a flag without a time', 'featureFlags', featBitFlag('a', T, { updatedAt: undefined })],
    ['a flag whose time is none', 'featureFlags', featBitFlag('a', T, { updatedAt: 'yesterday' })],
    ['a segment that is null', 'segments', null],
    ['a segment without an id', 'segments', { ...featBitSegment('s', T), id: undefined }],
    ['a segment whose time is none', 'segments', { ...featBitSegment('s', T), updatedAt: 'yesterday' }],
  ])('leaves out %s, says so once, and keeps the rest', (_, list, document) => {
    const good = { featureFlags: [featBitFlag('good', T)], segments: [featBitSegment('good', T)] };
    const damaged = { ...good, [list]: [document, ...good[list]] };
    const kind = list === 'segments' ? 'segment' : 'flag';
    const pushed = read({ eventType: 'patch', ...damaged });
    expect(pushed.skipped).toEqual([expect.stringMatching(new RegExp(`^${kind}: .+`))]);
    expect(pushed.result?.eventType === 'patch' && pushed.result.documents.map(({ key }) => key)).toEqual([
      'good',
      'good',
    ]);
    const whole = read({ eventType: 'rp_full', items: [{ ...ITEM, ...damaged }] });
    expect(whole.skipped).toEqual(pushed.skipped);
    expect(whole.result?.eventType === 'rp_full' && whole.result.items[0]?.documents).toHaveLength(2);
  });

  it('whatever it is, is read without an error', async () => {
    const anything = fc.jsonValue({ maxDepth: 4 });
    const item = fc.record(
      {
        envId: fc.oneof(fc.string(), anything),
        secrets: fc.oneof(fc.array(anything), anything),
        featureFlags: fc.oneof(fc.array(anything), anything),
        segments: fc.oneof(fc.array(anything), anything),
      },
      { requiredKeys: [] },
    );
    const data = fc.oneof(
      anything,
      fc.record({ eventType: fc.constantFrom('rp_full', 'rp_patch', 'patch', 'x'), items: fc.array(item) }),
    );
    await check(
      fc.property(data, (value) => {
        const { result } = read(value);
        if (result === undefined || result.eventType === 'patch') return;
        // It has each environment that was sent, or none of them.
        expect(result.items.length).toBe((value as { items: unknown[] }).items.length);
        for (const { identity } of result.items) expect(identity.id).not.toBe('');
      }),
      300,
    );
  });
});

describe('the secrets of an environment in a message', () => {
  it.each<[what: string, entry: unknown]>([
    ['null', null],
    ['a text', 'secret'],
    ['a list', ['server', 'x']],
    ['of no kind', { ...SERVER, type: undefined }],
    ['of a kind that is unknown', { ...SERVER, type: 'mobile' }],
    ['of a kind in capitals', { ...SERVER, type: 'Server' }],
    ['without its value', { ...SERVER, value: undefined }],
    ['empty', { ...SERVER, value: '' }],
    ['a number', { ...SERVER, value: 7 }],
  ])('do not count when one is %s; the others do', (_, entry) => {
    expect(identityIn({ ...ITEM, secrets: [entry, SERVER, CLIENT] })).toEqual({
      id: 'e',
      key: 'shop:prod',
      secrets: [
        { kind: 'server', value: 's' },
        { kind: 'client', value: 'c' },
      ],
    });
    expect(identityIn({ ...ITEM, secrets: [entry] })?.secrets).toEqual([]);
  });

  it.each<[what: string, secrets: unknown, key: string]>([
    [
      'the first that counts',
      [
        { ...SERVER, type: 'x', envKey: 'no' },
        { ...SERVER, envKey: 'yes' },
      ],
      'shop:yes',
    ],
    ['the first, though a later one has other names', [SERVER, { ...CLIENT, envKey: 'other' }], 'shop:prod'],
    ['its id when there is none', [], 'e'],
    ['its id when nothing is said of secrets', undefined, 'e'],
    ['its id when a secret names neither', [{ type: 'server', value: 's' }], 'e'],
    ['its id when a secret names no project', [{ ...SERVER, projectKey: undefined }], 'e'],
    ['its id when a secret names no environment', [{ ...SERVER, envKey: null }], 'e'],
    ['its id when the names are no texts', [{ ...SERVER, projectKey: 7, envKey: {} }], 'e'],
    ['its id when the names are empty', [{ ...SERVER, projectKey: '', envKey: '' }], 'e'],
  ])('name it by %s', (_, secrets, key) => {
    expect(identityIn({ ...ITEM, secrets })?.key).toBe(key);
  });

  it('may be several of a kind, in their order', () => {
    const secrets = ['x', 'y', 'z'].map((value) => ({ ...SERVER, value }));
    expect(identityIn({ ...ITEM, secrets })?.secrets.map(({ value }) => value)).toEqual(['x', 'y', 'z']);
  });
});

describe('what an agent asks for', () => {
  it.each<[what: string, data: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a list', []],
    ['a number', 0],
    ['an object whose time is a text', { timestamp: '0' }],
    ['an object whose time is null', { timestamp: null }],
    ['an object whose environments are null', { timestamp: 0, envs: null }],
    ['an object whose environments are by name', { timestamp: 0, envs: { e: 5 } }],
  ])('cannot be answered when it is %s', (_, data) => {
    expect(decodeAgentRequest(data)).toBeUndefined();
  });

  it.each<[what: string, data: object, isForEverything: boolean, cursors: Record<string, number>]>([
    ['says nothing', {}, true, {}],
    ['has nothing', { timestamp: 0 }, true, {}],
    ['has a time before there were any', { timestamp: -1 }, true, {}],
    ['has something, and names no environment', { timestamp: 1 }, false, {}],
    ['has no environments', { timestamp: 1, envs: [] }, false, {}],
    ['names one', { timestamp: 9, envs: [{ envId: 'a', timestamp: 5 }] }, false, { a: 5 }],
    [
      'names two',
      {
        timestamp: 9,
        envs: [
          { envId: 'a', timestamp: 5 },
          { envId: 'b', timestamp: 0 },
        ],
      },
      false,
      { a: 5, b: 0 },
    ],
    [
      'names one twice',
      {
        timestamp: 9,
        envs: [
          { envId: 'a', timestamp: 5 },
          { envId: 'a', timestamp: 7 },
        ],
      },
      false,
      { a: 7 },
    ],
    ['names one that is null', { timestamp: 9, envs: [null, { envId: 'a', timestamp: 5 }] }, false, { a: 5 }],
    ['names one without its id', { timestamp: 9, envs: [{ timestamp: 5 }] }, false, {}],
    ['names one whose id is a number', { timestamp: 9, envs: [{ envId: 1, timestamp: 5 }] }, false, {}],
    ['names one without its time', { timestamp: 9, envs: [{ envId: 'a' }] }, false, {}],
    ['names one whose time is a text', { timestamp: 9, envs: [{ envId: 'a', timestamp: '5' }] }, false, {}],
    ['wants everything, though it names one', { timestamp: 0, envs: [{ envId: 'a', timestamp: 5 }] }, true, { a: 5 }],
  ])('is read of one that %s', (_, data, isForEverything, cursors) => {
    const request = decodeAgentRequest(data);
    expect(request?.isForEverything).toBe(isForEverything);
    expect(Object.fromEntries(request?.cursors ?? [])).toEqual(cursors);
  });

  it('whatever it is, is read without an error', async () => {
    await check(
      fc.property(fc.jsonValue(), fc.array(fc.jsonValue()), (timestamp, envs) => {
        const request = decodeAgentRequest({ timestamp, envs });
        expect(request === undefined).toBe(typeof timestamp !== 'number');
        for (const cursor of request?.cursors.values() ?? []) expect(cursor).toBeTypeOf('number');
      }),
      300,
    );
  });
});

describe('environments as agents are sent them', () => {
  const environments = relayedEnvironments('prod', 'dev');
  environmentOf(environments, 'prod').replica.full([
    upstreamDocument('a', T),
    upstreamDocument('old!', T + 1),
    upstreamDocument('s', T + 2, 'segment'),
  ]);
  environmentOf(environments, 'dev').replica.full([]);
  const written = (eventType: 'rp_full' | 'rp_patch') =>
    JSON.parse(encodeItems(eventType, environments.all, ({ replica }) => replica.everything().documents));

  it('are told with their secrets in everything', () => {
    expect(written('rp_full')).toMatchObject({
      eventType: 'rp_full',
      items: [
        {
          envId: 'id-prod',
          secrets: [
            { type: 'server', projectKey: 'shop', envId: 'id-prod', envKey: 'prod', value: 'server-of-prod' },
            { type: 'client', projectKey: 'shop', envId: 'id-prod', envKey: 'prod', value: 'client-of-prod' },
          ],
          featureFlags: [{ key: 'a' }, { key: 'old', isArchived: true }],
          segments: [{ name: 's' }],
        },
        { envId: 'id-dev', featureFlags: [], segments: [] },
      ],
    });
  });

  it('are told without their secrets in what is newer', () => {
    const text = encodeItems('rp_patch', environments.all, ({ replica }) => replica.everything().documents);
    expect(text).not.toContain('-of-prod');
    expect(written('rp_patch').items.map(({ secrets }: { secrets: unknown }) => secrets)).toEqual([[], []]);
  });

  it('are none where there are none', () => {
    expect(encodeItems('rp_full', [], () => [])).toBe('{"eventType":"rp_full","items":[]}');
  });

  it.each<[key: string, projectKey: string, envKey: string]>([
    ['shop:prod', 'shop', 'prod'],
    ['prod', 'relay', 'prod'],
    ['a:b:c', 'a', 'b:c'],
    [':prod', '', 'prod'],
    ['shop:', 'shop', ''],
    ['say "hi":prod', 'say "hi"', 'prod'],
  ])('with the key %j are of the project %j', (key, projectKey, envKey) => {
    const one = relayedEnvironments();
    one.put(anIdentity('x', { key }));
    const { items } = JSON.parse(encodeItems('rp_full', one.all, () => []));
    expect(items[0].secrets[0]).toMatchObject({ projectKey, envKey });
  });

  it('are read by an agent as they were, whatever they are called', async () => {
    const name = fc.string({ minLength: 1, maxLength: 20 });
    const identities = fc.uniqueArray(
      fc.record({
        id: name,
        key: fc.tuple(name, name).map(([project, environment]) => `${project.replaceAll(':', '')}p:${environment}`),
        secrets: fc.array(fc.record({ kind: fc.constantFrom('server' as const, 'client' as const), value: name }), {
          minLength: 1,
          maxLength: 4,
        }),
      }),
      { selector: ({ id }) => id, maxLength: 4 },
    );
    await check(
      fc.property(identities, fc.integer({ min: 1, max: 10 ** 12 }), (given, version) => {
        const before = relayedEnvironments();
        for (const identity of given) {
          before.put(identity).replica.full([upstreamDocument('a', version), upstreamDocument('b', version + 1)]);
        }
        const text = encodeItems('rp_full', before.all, ({ replica }) => replica.everything().documents);
        const { result, skipped } = read(JSON.parse(text));
        expect(skipped).toEqual([]);
        const items = result?.eventType === 'rp_full' ? result.items : [];
        expect(items.map(({ identity }) => identity)).toEqual(given);
        for (const { documents } of items) {
          expect(documents.map(({ key, version: at }) => [key, at - version])).toEqual([
            ['a', 0],
            ['b', 1],
          ]);
        }
      }),
      100,
    );
  });
});

describe('how an agent says that it stands', () => {
  type Step = 'live' | 'away' | 'refused' | 'never' | 'restored';
  const stateAfter = (steps: readonly Step[]) => {
    const environments = relayedEnvironments(...steps.map((_, index) => `e${index}`));
    for (const [index, step] of steps.entries()) {
      const { freshness, replica } = environmentOf(environments, `e${index}`);
      if (step === 'restored') freshness.restored(T - 60_000 + index);
      if (step === 'live' || step === 'away') freshness.heard(T + index);
      if (step === 'away') freshness.interrupted();
      if (step === 'refused') freshness.refused();
      if (step !== 'never') replica.full([upstreamDocument('a', T + 10 * index)]);
    }
    return statusOf(environments.all, T + 5_000);
  };
  const at = (time: number) => new Date(time).toISOString();

  it.each<[steps: Step[], syncState: string, lastSyncedAt: string | null]>([
    [[], 'Starting', null],
    [['never'], 'Starting', null],
    [['never', 'never'], 'Starting', null],
    [['live'], 'Stable', at(T)],
    [['live', 'live'], 'Stable', at(T)],
    [['away'], 'Interrupted', at(T)],
    [['live', 'away'], 'Interrupted', at(T)],
    [['live', 'never'], 'Interrupted', null],
    [['refused'], 'Interrupted', null],
    [['live', 'refused'], 'Interrupted', null],
    [['restored'], 'Starting', at(T - 60_000)],
    [['live', 'restored'], 'Interrupted', at(T - 60_000 + 1)],
  ])('with environments %j is %s, heard of at %s', (steps, syncState, lastSyncedAt) => {
    expect(stateAfter(steps)).toMatchObject({ syncState, lastSyncedAt, reportedAt: at(T + 5_000) });
  });

  it('is these members and no others', () => {
    expect(stateAfter(['live', 'live'])).toEqual({
      serves: 'shop:e0,shop:e1',
      dataVersion: T + 10,
      syncState: 'Stable',
      lastSyncedAt: at(T),
      reportedAt: at(T + 5_000),
    });
  });

  it('has the greatest version of all, and 0 where there is none', () => {
    expect(summaryOf([])).toEqual({ serves: '', dataVersion: 0 });
    const environments = relayedEnvironments('a', 'b', 'c');
    expect(summaryOf(environments.all)).toEqual({ serves: 'shop:a,shop:b,shop:c', dataVersion: 0 });
    environmentOf(environments, 'b').replica.full([upstreamDocument('x!', T), upstreamDocument('y', T - 1)]);
    environmentOf(environments, 'c').replica.full([upstreamDocument('x', T - 5)]);
    expect(summaryOf(environments.all).dataVersion).toBe(T);
  });
});
