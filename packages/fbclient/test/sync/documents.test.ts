import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { compileDataSyncNow } from '../../src/flags/compile.js';
import { FlagStore } from '../../src/flags/store.js';
import { EncodedDocument } from '../../src/protocol/encoded-document.js';
import { readDataSyncEnvelope } from '../../src/protocol/large-message.js';
import type { DataSync } from '../../src/protocol/messages.js';
import { decodeRecentMessage } from '../../src/protocol/recent-messages.js';
import { HeldDocuments } from '../../src/sync/documents.js';
import { COMPILING } from '../support/store.js';
import { full, longText, patch, updatedAt, wireFlag, wireSegment } from '../support/wire.js';

let store: FlagStore;
let documents: HeldDocuments;

beforeEach(() => begin(false));

function begin(keeps: boolean): void {
  store = new FlagStore();
  documents = new HeldDocuments(store, keeps);
}

function commit(eventType: 'full' | 'patch', featureFlags: readonly unknown[], segments: readonly unknown[] = []) {
  const { changes } = compileDataSyncNow({ eventType, featureFlags, segments }, COMPILING, documents);
  store.commit(changes);
  documents.remember(changes);
  return changes;
}

function printAll(): number {
  let printed = 0;
  for (const _ of documents.printEach()) printed += 1;
  return printed;
}

describe.each([
  ['before their fingerprints are made', () => undefined],
  ['afterwards', () => void printAll()],
])('documents that are held, %s', (_when, meanwhile) => {
  it('are found again by what they say, whatever their version', () => {
    commit('full', [wireFlag('a'), wireFlag('b')], [wireSegment('s', ['ada'])]);
    meanwhile();
    expect(documents.flag(wireFlag('a', 'on', { updatedAt: updatedAt(9) }))).toBe(store.flag('a'));
    expect(documents.segment(wireSegment('s', ['ada']))).toBe(store.segment('s'));
    expect(documents.flag(wireFlag('a', 'other'))).toBeUndefined();
    expect(documents.segment(wireSegment('s', ['bob']))).toBeUndefined();
    expect(documents.flag(wireFlag('c'))).toBeUndefined();
  });

  it('are found by being archived, whatever else they say', () => {
    commit('full', [wireFlag('a', 'on', { isArchived: true }), wireFlag('b')]);
    meanwhile();
    expect(documents.flag(wireFlag('a', 'other', { isArchived: true }))).toBe(store.held.flags.get('a'));
    expect(documents.flag(wireFlag('a'))).toBeUndefined();
    expect(documents.flag(wireFlag('b', 'on', { isArchived: true }))).toBeUndefined();
  });

  it('need no compiling when they come again', () => {
    commit('full', [wireFlag('a'), wireFlag('b')]);
    meanwhile();
    const { flags } = commit('full', [wireFlag('a'), wireFlag('b', 'other')]);
    expect(flags.map(({ unchanged }) => unchanged)).toEqual([true, false]);
    // What was compiled once has its fingerprint already, or still its document.
    expect(documents.flag(wireFlag('a'))).toBe(store.flag('a'));
    expect(documents.flag(wireFlag('b', 'other'))).toBe(store.flag('b'));
  });
});

describe('documents that were not read when they came', () => {
  function read(eventType: 'full' | 'patch', flags: readonly unknown[], segments: readonly unknown[] = []) {
    const data = readDataSyncEnvelope(longText(eventType === 'full' ? full(flags, segments) : patch(flags, segments)));
    return data.ok ? data.value : expect.unreachable(data.problem);
  }

  function encoded(...given: Parameters<typeof read>) {
    const { eventType, featureFlags, segments } = read(...given);
    return commit(eventType, featureFlags, segments);
  }

  function prepareAll(): number {
    let prepared = 0;
    for (const _ of documents.prepareEach()) prepared += 1;
    return prepared;
  }

  it('are found again by what they say, read or not, in a text or an object', () => {
    encoded('full', [wireFlag('a')], [wireSegment('s', ['ada'])]);
    expect(documents.flag(wireFlag('a'))).toBe(store.flag('a'));
    prepareAll();
    const { flags, segments } = encoded('full', [wireFlag('a')], [wireSegment('s', ['ada'])]);
    expect([...flags, ...segments].map(({ unchanged }) => unchanged)).toEqual([true, true]);
    expect(encoded('full', [wireFlag('a', 'other')]).flags[0]?.unchanged).toBe(false);
  });

  it.each([
    ['as it came', { updatedAt: updatedAt(1), name: 'A' }, true, 0],
    ['with another member that evaluation does not see', { updatedAt: updatedAt(1), name: 'B' }, true, 1],
    ['in another version', { updatedAt: updatedAt(2), name: 'A' }, true, 1],
    ['with another value in the same version', { updatedAt: updatedAt(1), name: 'A', isEnabled: false }, false, 1],
  ])('are compared by their texts, and read only where these differ: one %s', (_what, change, unchanged, reads) => {
    const flag = (key: string, more: object) => ({ ...wireFlag(key), ...more });
    const first = { updatedAt: updatedAt(1), name: 'A' };
    for (const prepares of [false, true]) {
      begin(false);
      encoded('full', [flag('a', first), flag('b', first)], [wireSegment('s')]);
      if (prepares) prepareAll();
      const { eventType, featureFlags, segments } = read(
        'full',
        [flag('a', change), flag('b', first)],
        [wireSegment('s')],
      );
      const parse = vi.spyOn(JSON, 'parse');
      const { flags, segments: after } = commit(eventType, featureFlags, segments);
      // What is held is read as well where nothing has read it yet.
      expect(parse.mock.calls).toHaveLength(prepares ? reads : 2 * reads);
      parse.mockRestore();
      expect([...flags, ...after].map((one) => one.unchanged)).toEqual([unchanged, true, true]);
    }
  });

  it('are read once to be compiled and to get their fingerprints, and then dropped', () => {
    encoded('full', [wireFlag('a'), wireFlag('b', 'on', { isArchived: true })], [wireSegment('s')]);
    const parse = vi.spyOn(JSON, 'parse');
    onTestFinished(() => parse.mockRestore());
    expect(prepareAll()).toBe(3);
    expect(store.flag('a')?.targeting().rules).toEqual([]);
    expect(store.segment('s')?.members().rules).toEqual([]);
    expect(documents.flag(wireFlag('a'))).toBe(store.flag('a'));
    // Nobody needs what the archived one says.
    expect(parse).toHaveBeenCalledTimes(2);
    expect(documents.all()).toEqual({ flags: [undefined, undefined], segments: [undefined] });
    expect(prepareAll()).toBe(0);
  });

  it('are not read where they were replaced meanwhile', () => {
    encoded('full', [wireFlag('a'), wireFlag('b')]);
    encoded('full', [wireFlag('a', 'newer', { updatedAt: updatedAt(2) })]);
    const parse = vi.spyOn(JSON, 'parse');
    onTestFinished(() => parse.mockRestore());
    prepareAll();
    expect(parse).toHaveBeenCalledTimes(1);
    expect(documents.all().flags).toHaveLength(1);
  });

  it('go on where they were left, whoever goes on', () => {
    encoded('full', [wireFlag('a'), wireFlag('b'), wireFlag('c')]);
    documents.prepareEach().next();
    expect(prepareAll()).toBe(2);
  });

  it('stay as they came where documents are kept', () => {
    begin(true);
    encoded('full', [{ ...wireFlag('a'), name: 'A' }]);
    prepareAll();
    const [kept] = documents.all().flags;
    expect(kept instanceof EncodedDocument && kept.parse()).toEqual({ ...wireFlag('a'), name: 'A' });
  });
});

describe('fingerprints', () => {
  it('are made once for each document, those that came meanwhile included', () => {
    commit('full', [wireFlag('a'), wireFlag('b')], [wireSegment('s')]);
    const steps = documents.printEach();
    steps.next();
    commit('full', [wireFlag('a'), wireFlag('b'), wireFlag('c')], [wireSegment('s')]);
    let printed = 1;
    for (let step = steps.next(); step.done !== true; step = steps.next()) printed += 1;
    expect(printed).toBe(3 + 3);
    expect(printAll()).toBe(0);
  });
});

describe('what is to be prepared', () => {
  const flag = (version: number) => wireFlag('a', 'on', { updatedAt: updatedAt(version) });
  const push = (version: number) => commit('patch', [flag(version)]);

  it('is a whole environment, and nothing once that is done', () => {
    expect(documents.hasUnprepared).toBe(false);
    commit('full', [flag(1)]);
    expect(documents.hasUnprepared).toBe(true);
    printAll();
    expect(documents.hasUnprepared).toBe(false);
    commit('full', [flag(1)]);
    expect(documents.hasUnprepared).toBe(false);
  });

  it('is no push: its document is kept until there are some of them', () => {
    const isKept = (): boolean => typeof store.flag('a')?.said === 'object';
    let pushes = 0;
    do push(++pushes);
    while (isKept() && pushes < 100);
    expect(pushes).toBe(17);
    push(++pushes);
    expect([isKept(), documents.hasUnprepared]).toEqual([true, false]);
    expect(documents.flag(flag(pushes))).toBe(store.flag('a'));
  });

  it('is no push that was replaced meanwhile', () => {
    const flags = Array.from({ length: 17 }, (_, index) => {
      // As a push comes: nothing is compared.
      const data: DataSync = { eventType: 'patch', featureFlags: [flag(index + 1)], segments: [] };
      const { changes } = compileDataSyncNow(data, COMPILING);
      store.commit(changes);
      documents.remember(changes);
      return store.flag('a');
    });
    expect(flags.map((one) => typeof one?.said)).toEqual([...flags.slice(1).map(() => 'object'), 'number']);
  });

  it('is a patch of many documents, and one that keeps a long message in memory', () => {
    commit(
      'patch',
      Array.from({ length: 17 }, (_, index) => wireFlag(`f${index}`)),
    );
    expect(documents.hasUnprepared).toBe(true);
    printAll();
    const data = readDataSyncEnvelope(longText(patch([flag(1)])));
    if (!data.ok) throw new Error(data.problem);
    commit('patch', data.value.featureFlags);
    expect(documents.hasUnprepared).toBe(true);
  });
});

describe('the documents themselves', () => {
  it('are all there, archived ones included, where they are kept', () => {
    begin(true);
    commit('full', [wireFlag('a'), wireFlag('b', 'on', { isArchived: true })], [wireSegment('s')]);
    commit('patch', [
      wireFlag('a', 'newer', { updatedAt: updatedAt(5) }),
      wireFlag('b', 'older', { updatedAt: updatedAt(0) }),
    ]);
    printAll();
    expect(documents.all()).toEqual({
      flags: [wireFlag('a', 'newer', { updatedAt: updatedAt(5) }), wireFlag('b', 'on', { isArchived: true })],
      segments: [wireSegment('s')],
    });
  });

  it('that other clients of the process have looked at are found again', () => {
    const text = JSON.stringify(
      patch([wireFlag('a', 'shared'), wireFlag('b', 'on', { isArchived: true })], [wireSegment('s')]),
    );
    const push = () => {
      const message = decodeRecentMessage(text);
      return message.ok && message.value.type === 'data-sync' ? message.value.data : expect.unreachable();
    };
    const commitPush = () => commit('patch', push().featureFlags, push().segments);
    commitPush();
    printAll();
    // The next client.
    begin(false);
    commitPush();
    printAll();
    const again = commit('patch', [wireFlag('a', 'shared', { updatedAt: updatedAt(7) })], [wireSegment('s')]);
    expect([...again.flags, ...again.segments].map(({ unchanged }) => unchanged)).toEqual([true, true]);
    // One that keeps them keeps these, too.
    begin(true);
    commitPush();
    expect(documents.all().flags).toHaveLength(2);
    expect(documents.all().flags[0]).toEqual(wireFlag('a', 'shared'));
  });

  it('are dropped where they are not, once their fingerprints are made', () => {
    commit('full', [wireFlag('a')]);
    printAll();
    expect(documents.all()).toEqual({ flags: [undefined], segments: [] });
  });
});
