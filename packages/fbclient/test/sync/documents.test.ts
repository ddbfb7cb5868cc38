import { beforeEach, describe, expect, it } from 'vitest';
import { compileDataSyncNow } from '../../src/flags/compile.js';
import { FlagStore } from '../../src/flags/store.js';
import { HeldDocuments } from '../../src/sync/documents.js';
import { COMPILING } from '../support/store.js';
import { updatedAt, wireFlag, wireSegment } from '../support/wire.js';

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

describe('fingerprints', () => {
  it('are made once for each document, those that came meanwhile included', () => {
    commit('full', [wireFlag('a'), wireFlag('b')], [wireSegment('s')]);
    const steps = documents.printEach();
    steps.next();
    commit('patch', [wireFlag('c')]);
    let printed = 1;
    for (let step = steps.next(); step.done !== true; step = steps.next()) printed += 1;
    expect(printed).toBe(4);
    expect(printAll()).toBe(0);
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

  it('are dropped where they are not, once their fingerprints are made', () => {
    commit('full', [wireFlag('a')]);
    printAll();
    expect(documents.all()).toEqual({ flags: [undefined], segments: [] });
  });
});
