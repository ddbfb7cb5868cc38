import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFlag } from '../../src/documents/flag.js';
import { openFeatureFlags } from '../../src/evaluation/openfeature-flags.js';
import { plainUserOf } from '../../src/evaluation/wire-user.js';
import { changesFrom, stateOf } from '../../src/handlers/ofrep-stream.js';
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
const asking = { rules: [aRule({ property: 'User is in segment', op: null, value: '["s"]' }, 'off')] };
const segment = (version: number, included: readonly string[], name = 's') =>
  aDocument('s', version, { included, excluded: [], rules: [], name }, 'segment');

const DOCUMENTS = [segment(1, ['ada']), flag('asking', 2, asking), flag('open', 3), flag('inner', 4, HIDDEN)];

/** An environment that has been read. */
async function anEnvironment(...documents: readonly StoredDocument[]) {
  const log = new FakeChangeLog(...documents);
  const environment = new LiveEnvironments(log).of('e');
  await environment.flags.current();
  return { log, environment };
}

type World = Awaited<ReturnType<typeof anEnvironment>>;

/** What a reader is sent from when it opens its stream, by the ids of its events. */
function opened({ environment }: World, isClient: boolean, known: string | undefined) {
  const events: ServerEvent[] = [];
  const leave = changesFrom(environment, isClient, known)((event) => void events.push(event));
  return { events, ids: () => events.map(({ id }) => id), leave };
}

describe('the state of flags', () => {
  it.each<[string, readonly StoredDocument[], server: string, client: string]>([
    ['of no flags at all', [], '0', '0'],
    ['of a segment alone', [segment(9, ['ada'])], '0', '0'],
    ['of one flag', [flag('open', 7)], '7', '7'],
    ['of several is that of the latest', [flag('b', 9), flag('a', 7)], '9', '9'],
    ['counts an archived flag, which was there before', [flag('a', 7), flag('b', 9, { isArchived: true })], '9', '9'],
    ['counts for pages no flag that they may not have', [flag('a', 7), flag('b', 9, HIDDEN)], '9', '7'],
    ['of hidden flags alone', [flag('b', 9, HIDDEN)], '9', '0'],
    ['counts the change of a segment that is asked for', [flag('a', 7, asking), segment(9, ['ada'])], '9', '9'],
    ['counts no change of another segment', [flag('a', 7), segment(9, ['ada'])], '7', '7'],
  ])('%s', async (_, documents, server, client) => {
    const { environment } = await anEnvironment(...documents);
    expect([stateOf(environment.flags, false), stateOf(environment.flags, true)]).toEqual([server, client]);
  });
});

describe('a stream that opens', () => {
  it.each<[string, StoredDocument, server: boolean, client: boolean]>([
    ['a flag was changed', flag('open', 10, { isEnabled: false }), true, true],
    ['a flag was made', flag('new', 10), true, true],
    ['a flag was archived', flag('open', 10, { isArchived: true }), true, true],
    ['a flag was hidden from pages', flag('open', 10, HIDDEN), true, true],
    ['a flag was shown to pages', flag('inner', 10), true, true],
    ['a segment has others', segment(10, ['bob']), true, true],
    ['a segment has another name', segment(10, ['ada'], 'another'), false, false],
    ['a flag was changed that is hidden from pages', flag('inner', 10, { ...HIDDEN, isEnabled: false }), true, false],
  ])('begins with an event when since the answer %s', async (_, change, server, client) => {
    for (const isClient of [false, true]) {
      const world = await anEnvironment(...DOCUMENTS);
      const known = stateOf(world.environment.flags, isClient);
      world.log.commit(change);
      await setImmediate();
      expect(opened(world, isClient, known).ids(), `${isClient}`).toEqual((isClient ? client : server) ? ['10'] : []);
    }
  });

  it.each<[string, string | undefined, string[]]>([
    ['of the state that is now', '3', []],
    ['of an earlier state', '2', ['3']],
    ['of a later state, which this center does not know', '9', ['3']],
    ['of something else', 'x', ['3']],
    ['of nothing', '', ['3']],
    ['of an unknown state', undefined, []],
  ])('for who has an answer %s', async (_, known, ids) => {
    expect(opened(await anEnvironment(...DOCUMENTS), true, known).ids()).toEqual(ids);
  });

  it('says which state it is now, and when that came to be', async () => {
    const world = await anEnvironment(flag('a', 1_771_622_898_765));
    expect(opened(world, true, '5').events).toEqual([
      {
        id: '1771622898765',
        event: 'message',
        data: { type: 'refetchEvaluation', etag: '1771622898765', lastModified: 1_771_622_898 },
      },
    ]);
  });
});

describe('a stream that is open', () => {
  it('has an event for each change that pages may know of, whose id is what it goes on from', async () => {
    const world = await anEnvironment(...DOCUMENTS);
    const { ids, leave } = opened(world, true, '3');
    world.log.commit(flag('open', 10, { isEnabled: false }));
    world.log.commit(flag('open', 11));
    world.log.commit(flag('inner', 12, { ...HIDDEN, isEnabled: false }));
    await setImmediate();
    expect(ids()).toEqual(['10', '11']);
    expect(opened(world, true, ids().at(-1)).ids()).toEqual([]);
    leave();
    world.log.commit(flag('open', 13));
    await setImmediate();
    expect(ids()).toEqual(['10', '11']);
    expect(opened(world, true, '11').ids()).toEqual(['13']);
  });

  it.each<[string, StoredDocument]>([
    ['a flag that pages may not have', flag('inner', 10, { ...HIDDEN, isEnabled: false })],
    ['the name of a segment', segment(10, ['ada'], 'another')],
  ])('has no event for pages of %s', async (_, change) => {
    const world = await anEnvironment(...DOCUMENTS);
    const { ids } = opened(world, true, '3');
    world.log.commit(change);
    await setImmediate();
    expect(ids()).toEqual([]);
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
          return { state: stateOf(flags, isClient), values: digests.join() };
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
