import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WireEnvironment } from '../../src/live/wire-environment.js';
import type { DocumentKind, StoredDocument } from '../../src/model/document.js';
import { aDocument, closedGate, FakeChangeLog } from '../support/fake-change-log.js';
import { check } from '../support/property.js';

interface Sent {
  readonly key?: string;
  readonly id?: string;
  readonly updatedAt: string;
}

/** What everything is, as an SDK would read it: `name@version` of flags, then of segments. */
async function read(environment: WireEnvironment) {
  const { cursor, message } = await environment.current();
  const { messageType, data } = JSON.parse(String(message.whole())) as {
    readonly messageType: string;
    readonly data: {
      readonly eventType: string;
      readonly featureFlags: readonly Sent[];
      readonly segments: readonly Sent[];
    };
  };
  expect([messageType, data.eventType]).toEqual(['data-sync', 'full']);
  const flags = data.featureFlags.map(({ key, updatedAt }) => `${key}@${Date.parse(updatedAt)}`);
  // A segment goes over the wire under an id that is made of its key: only its version is read here.
  const segments = data.segments.map(({ updatedAt }) => `segment@${Date.parse(updatedAt)}`);
  return { cursor, documents: [...flags, ...segments] };
}

const removal = ({ kind, key, version }: Pick<StoredDocument, 'kind' | 'key' | 'version'>) => ({
  ...{ environmentId: 'e', kind, key, version },
});

const aSegment = (key: string, version: number) => aDocument(key, version, {}, 'segment');

describe('all of an environment on the wire', () => {
  it('is empty, at the cursor 0, where there is nothing', async () => {
    expect(await read(new WireEnvironment('e', new FakeChangeLog()))).toEqual({ cursor: 0, documents: [] });
  });

  it('is what was read, archived documents included', async () => {
    const log = new FakeChangeLog(aDocument('a', 1), aDocument('b', 2, { isArchived: true }), aSegment('s', 3));
    const environment = new WireEnvironment('e', log);
    expect(await read(environment)).toEqual({ cursor: 3, documents: ['a@1', 'b@2', 'segment@3'] });
  });

  it('is read once, and not before it is asked for', async () => {
    const log = new FakeChangeLog(aDocument('a', 1));
    const environment = new WireEnvironment('e', log);
    environment.take(aDocument('b', 2));
    expect(log.reads).toEqual([]);
    await Promise.all([environment.current(), environment.current()]);
    environment.take(aDocument('c', 3));
    await environment.current();
    expect(log.reads).toEqual(['everything of e']);
  });

  it('is the same object until something changes, so that thousands share it', async () => {
    const environment = new WireEnvironment('e', new FakeChangeLog(aDocument('a', 1)));
    const first = await environment.current();
    expect(await environment.current()).toBe(first);
    environment.take(aDocument('a', 2));
    const second = await environment.current();
    expect(second).not.toBe(first);
    environment.remove(removal(aDocument('a', 2)));
    expect(await environment.current()).not.toBe(second);
  });

  it('that somebody still sends stays as it was', async () => {
    const environment = new WireEnvironment('e', new FakeChangeLog(aDocument('a', 1)));
    const { message } = await environment.current();
    const before = String(message.whole());
    environment.take(aDocument('a', 2));
    environment.take(aDocument('b', 3));
    await environment.current();
    expect(String(message.whole())).toBe(before);
  });

  it.each<[string, readonly StoredDocument[], { cursor: number; documents: readonly string[] }]>([
    ['a newer document', [aDocument('a', 5)], { cursor: 5, documents: ['b@2', 'a@5'] }],
    ['a new document', [aDocument('c', 4)], { cursor: 4, documents: ['a@1', 'b@2', 'c@4'] }],
    ['a segment of a flag’s key', [aSegment('a', 4)], { cursor: 4, documents: ['a@1', 'b@2', 'segment@4'] }],
    ['what it has already', [aDocument('b', 2)], { cursor: 2, documents: ['a@1', 'b@2'] }],
    ['an older document', [aDocument('b', 1)], { cursor: 2, documents: ['a@1', 'b@2'] }],
    ['two in the wrong order', [aDocument('a', 9), aDocument('b', 8)], { cursor: 9, documents: ['b@8', 'a@9'] }],
  ])('takes %s in', async (_, commits, expected) => {
    const environment = new WireEnvironment('e', new FakeChangeLog(aDocument('a', 1), aDocument('b', 2)));
    await environment.current();
    for (const commit of commits) environment.take(commit);
    const found = await read(environment);
    expect({ ...found, documents: [...found.documents].sort() }).toEqual({
      ...expected,
      documents: [...expected.documents].sort(),
    });
  });

  it('forgets what is removed, of that kind alone, and keeps its cursor', async () => {
    const log = new FakeChangeLog(aDocument('a', 1), aSegment('a', 2), aDocument('b', 3, { isArchived: true }));
    const environment = new WireEnvironment('e', log);
    await environment.current();
    environment.remove(removal(aDocument('b', 3)));
    environment.remove(removal(aSegment('a', 2)));
    environment.remove(removal(aDocument('nobody', 9)));
    expect(await read(environment)).toEqual({ cursor: 3, documents: ['a@1'] });
  });

  it.each<[string, (environment: WireEnvironment) => void, { cursor: number; documents: readonly string[] }]>([
    ['a newer commit', (environment) => environment.take(aDocument('a', 7)), { cursor: 7, documents: ['a@7', 'b@2'] }],
    ['an older commit', (environment) => environment.take(aDocument('b', 1)), { cursor: 2, documents: ['a@1', 'b@2'] }],
    ['a removal', (environment) => environment.remove(removal(aDocument('b', 2))), { cursor: 2, documents: ['a@1'] }],
    [
      'the removal of an earlier version',
      (environment) => environment.remove(removal(aDocument('b', 1))),
      { cursor: 2, documents: ['a@1', 'b@2'] },
    ],
    [
      'the removal of a segment of a flag’s key',
      (environment) => environment.remove(removal(aSegment('b', 2))),
      { cursor: 2, documents: ['a@1', 'b@2'] },
    ],
    [
      'a removal, and the document anew',
      (environment) => {
        environment.remove(removal(aDocument('b', 2)));
        environment.take(aDocument('b', 6));
      },
      { cursor: 6, documents: ['a@1', 'b@6'] },
    ],
  ])('loses nothing of what comes while it is read: %s', async (_, meanwhile, expected) => {
    const log = new FakeChangeLog(aDocument('a', 1), aDocument('b', 2));
    const { gate, open } = closedGate();
    log.gate = gate;
    const environment = new WireEnvironment('e', log);
    const asked = environment.current();
    meanwhile(environment);
    open();
    await asked;
    const { cursor, documents } = await read(environment);
    expect({ cursor, documents: [...documents].sort() }).toEqual(expected);
  });

  it('that cannot be read says so to everybody who asks', async () => {
    const log = new FakeChangeLog(aDocument('a', 1));
    log.failure = new Error('the disk is away');
    const environment = new WireEnvironment('e', log);
    const asked = await Promise.allSettled([environment.current(), environment.current()]);
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(environment.current()).rejects.toThrow('the disk is away');
    expect(log.reads).toHaveLength(1);
  });

  it('is what a map would be, whatever comes before, during and after the reading', async () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom<DocumentKind>('flag', 'segment'),
      removes: fc.boolean(),
    });
    const steps = fc.array(step, { maxLength: 12 });
    await check(
      fc.asyncProperty(steps, steps, steps, async (before, during, after) => {
        let version = 0;
        const log = new FakeChangeLog();
        const model = new Map<string, StoredDocument>();
        let environment: WireEnvironment | undefined;
        const apply = ({ key, kind, removes }: (typeof before)[number], isStored: boolean) => {
          const held = model.get(`${kind} ${key}`);
          if (removes) {
            if (held === undefined) return;
            model.delete(`${kind} ${key}`);
            if (isStored) log.remove(held);
            environment?.remove(removal(held));
            return;
          }
          version += 1;
          const document = aDocument(key, version, {}, kind);
          model.set(`${kind} ${key}`, document);
          if (isStored) log.keepQuietly(document);
          environment?.take(document);
        };
        for (const one of before) apply(one, true);
        const { gate, open } = closedGate();
        log.gate = gate;
        environment = new WireEnvironment('e', log);
        const asked = environment.current();
        // Whether the reading has them already is a matter of luck: every other one.
        for (const [index, one] of during.entries()) apply(one, index % 2 === 0);
        open();
        await asked;
        for (const one of after) apply(one, true);
        const { documents } = await read(environment);
        const expected = [...model.values()].map(({ kind, key, version: at }) =>
          kind === 'flag' ? `${key}@${at}` : `segment@${at}`,
        );
        expect([...documents].sort()).toEqual(expected.sort());
      }),
      100,
    );
  });
});
