import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFlag } from '../../src/documents/flag.js';
import { openFeatureFlags, openFeatureState } from '../../src/evaluation/openfeature-flags.js';
import { plainUserOf } from '../../src/evaluation/wire-user.js';
import { statesAfter } from '../../src/handlers/ofrep-stream.js';
import type { ServerEvent } from '../../src/http/event-streams.js';
import { LiveEnvironments } from '../../src/live/environments.js';
import type { StoredDocument } from '../../src/model/document.js';
import { aFlag, aRule } from '../support/documents.js';
import { aDocument, FakeChangeLog } from '../support/fake-change-log.js';
import { check } from '../support/property.js';

function flag(key: string, version: number, overrides: Record<string, unknown> = {}): StoredDocument {
  const reading = readFlag(aFlag(overrides), key);
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
  return aDocument(key, version, { id: key, ...reading.document });
}
const HIDDEN = { clientVisible: false };
const ARCHIVED = { isArchived: true };
const asking = { rules: [aRule({ property: 'User is in segment', op: null, value: '["s"]' }, 'off')] };
const segment = (version: number, included: readonly string[], name = 's') =>
  aDocument('s', version, { included, excluded: [], rules: [], name }, 'segment');

const GONE = flag('gone', 5, ARCHIVED);
const DOCUMENTS = [segment(1, ['ada']), flag('asking', 2, asking), flag('open', 3), flag('inner', 4, HIDDEN), GONE];

/** An environment that has been read. */
async function anEnvironment(...documents: readonly StoredDocument[]) {
  const log = new FakeChangeLog(...documents);
  const environment = new LiveEnvironments(log).of('e');
  await environment.flags.current();
  return { log, environment };
}

type World = Awaited<ReturnType<typeof anEnvironment>>;

const stateOf = ({ environment }: World, isClient: boolean) => openFeatureState(environment.flags, isClient);

/** What a reader is sent from when it opens its stream, by the ids of its events. */
function opened({ environment }: World, isClient: boolean, known: string | undefined) {
  const events: ServerEvent[] = [];
  const leave = statesAfter(environment, isClient, known)((event) => void events.push(event));
  return { events, ids: () => events.map(({ id }) => id), leave };
}

/** What happens, and whether it concerns those who may have every flag, and pages. */
const CHANGES: readonly [string, (world: World) => void, server: boolean, client: boolean][] = [
  ['nothing', () => {}, false, false],
  ['a flag is changed', ({ log }) => log.commit(flag('open', 10, { isEnabled: false })), true, true],
  ['a flag is made', ({ log }) => log.commit(flag('new', 10)), true, true],
  ['a flag is archived', ({ log }) => log.commit(flag('open', 10, { isArchived: true })), true, true],
  ['a flag is restored', ({ log }) => log.commit(flag('gone', 10)), true, true],
  ['an archived flag is deleted', ({ log }) => log.remove(GONE), false, false],
  ['an archived flag is changed', ({ log }) => log.commit(flag('gone', 10, { ...ARCHIVED, name: 'x' })), false, false],
  ['a flag is hidden from pages', ({ log }) => log.commit(flag('open', 10, HIDDEN)), true, true],
  ['a flag is shown to pages', ({ log }) => log.commit(flag('inner', 10)), true, true],
  [
    'a flag is changed that is hidden',
    ({ log }) => log.commit(flag('inner', 10, { ...HIDDEN, name: 'x' })),
    true,
    false,
  ],
  ['a segment has others', ({ log }) => log.commit(segment(10, ['bob'])), true, true],
  ['a segment has another name', ({ log }) => log.commit(segment(10, ['ada'], 'another')), false, false],
  ['a segment is made', ({ log }) => log.commit(aDocument('t', 10, { included: ['bob'] }, 'segment')), false, false],
];

describe.each(CHANGES)('when %s', (_, change, server, client) => {
  it.each([
    ['servers', false, server],
    ['pages', true, client],
  ])(
    'a stream of %s that opens afterwards begins with an event if it concerns them',
    async (_who, isClient, concerns) => {
      const world = await anEnvironment(...DOCUMENTS);
      const known = stateOf(world, isClient);
      change(world);
      expect(opened(world, isClient, known).ids()).toEqual(concerns ? [stateOf(world, isClient)] : []);
      expect(stateOf(world, isClient) !== known).toBe(concerns);
    },
  );

  it.each([
    ['servers', false, server],
    ['pages', true, client],
  ])('a stream of %s that is open has an event if it concerns them', async (_who, isClient, concerns) => {
    const world = await anEnvironment(...DOCUMENTS);
    const { ids } = opened(world, isClient, stateOf(world, isClient));
    change(world);
    await setImmediate();
    expect(ids()).toEqual(concerns ? [stateOf(world, isClient)] : []);
  });
});

describe('a stream', () => {
  it.each<[string, string | undefined, begins: boolean]>([
    ['of something else', 'x', true],
    ['of nothing', '', true],
    ['of an unknown state', undefined, false],
  ])('for who has an answer %s begins with an event or not', async (_, known, begins) => {
    const world = await anEnvironment(...DOCUMENTS);
    expect(opened(world, true, known).ids()).toEqual(begins ? [stateOf(world, true)] : []);
  });

  it('says which state it is now, and when there was a change last', async () => {
    const world = await anEnvironment(flag('a', 1_771_622_898_765));
    const id = stateOf(world, true);
    expect(id).toMatch(/^[\w-]{22}$/);
    const data = { type: 'refetchEvaluation', etag: id, lastModified: 1_771_622_898 };
    expect(opened(world, true, '5').events).toEqual([{ id, event: 'message', data }]);
  });

  it('has one event for changes that come at once, from which it goes on', async () => {
    const world = await anEnvironment(...DOCUMENTS);
    const { ids } = opened(world, true, undefined);
    for (let version = 10; version < 20; version++) world.log.commit(flag('open', version));
    expect(ids()).toEqual([]);
    await setImmediate();
    expect(ids()).toEqual([stateOf(world, true)]);
    expect(opened(world, true, ids().at(-1)).ids()).toEqual([]);
    world.log.commit(flag('open', 20));
    await setImmediate();
    expect(ids()).toHaveLength(2);
  });

  it('is not looked at once it is over', async () => {
    const world = await anEnvironment(...DOCUMENTS);
    const { ids, leave } = opened(world, true, undefined);
    world.log.commit(flag('open', 10));
    leave();
    await setImmediate();
    world.log.commit(flag('open', 11));
    await setImmediate();
    expect([ids(), world.environment.changes.readers]).toEqual([[], 0]);
  });

  it('is in the same state in a center that starts anew, and in another one that has the same flags', async () => {
    const world = await anEnvironment(...DOCUMENTS);
    world.log.commit(segment(10, ['bob']));
    world.log.commit(flag('open', 11, HIDDEN));
    world.log.commit(flag('new', 12));
    const other = await anEnvironment(
      ...[flag('new', 12), flag('inner', 4, HIDDEN), flag('open', 11, HIDDEN)],
      ...[flag('asking', 2, asking), segment(10, ['bob'])],
    );
    for (const isClient of [false, true]) expect(stateOf(other, isClient)).toBe(stateOf(world, isClient));
  });
});

describe('whatever changes', () => {
  const KEYS = ['a', 'b', 'c'];
  const flagChange = fc.record({
    key: fc.constantFrom(...KEYS),
    isEnabled: fc.boolean(),
    isArchived: fc.boolean(),
    clientVisible: fc.boolean(),
    asks: fc.boolean(),
  });
  const segmentChange = fc.record({
    included: fc.subarray(['ada', 'bob']),
    name: fc.constantFrom('x', 'y'),
  });
  const removal = fc.record({ removed: fc.constantFrom(...KEYS) });
  const steps = fc.array(fc.oneof(flagChange, segmentChange, removal), { maxLength: 12 });

  it('a stream begins with an event if the answer would be another one, and without one if nothing has changed', () =>
    check(
      fc.asyncProperty(steps, fc.boolean(), async (changes, isClient) => {
        const world = await anEnvironment(segment(1, ['ada']));
        const { flags } = world.environment;
        const answered = async () => {
          const digests: string[] = [];
          for (const key of ['ada', 'bob']) {
            const user = plainUserOf({ key });
            if (user === undefined) throw new Error('no user');
            digests.push((await openFeatureFlags(flags, user, isClient)).digest);
          }
          return { state: openFeatureState(flags, isClient), values: digests.join() };
        };
        const archived = new Map<string, StoredDocument>();
        const answers = [await answered()];
        let version = 1;
        for (const change of changes) {
          version += 1;
          if ('removed' in change) {
            const document = archived.get(change.removed);
            if (document !== undefined) world.log.remove(document);
            archived.delete(change.removed);
          } else if ('key' in change) {
            const { key, asks, ...rest } = change;
            const document = flag(key, version, { ...rest, ...(asks ? asking : {}) });
            if (change.isArchived) archived.set(key, document);
            else archived.delete(key);
            world.log.commit(document);
          } else world.log.commit(aDocument('s', version, { excluded: [], rules: [], ...change }, 'segment'));
          answers.push(await answered());
        }
        const now = await answered();
        expect(opened(world, isClient, now.state).ids()).toEqual([]);
        for (const { state, values } of answers) {
          if (values !== now.values) expect(opened(world, isClient, state).ids()).toEqual([now.state]);
        }
      }),
      60,
    ));
});
