import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Compiled, compileDataSync, compileDataSyncNow } from '../../src/flags/compile.js';
import { readDataSyncEnvelope } from '../../src/protocol/large-message.js';
import { COMPILING } from '../support/store.js';
import { everybody, full, longText, versionOf, wireFlag, wireRule, wireSegment } from '../support/wire.js';

function compile(flags: readonly unknown[], segments: readonly unknown[] = []): Compiled {
  return compileDataSyncNow({ eventType: 'full', featureFlags: flags, segments }, COMPILING);
}

describe('compiling a data-sync', () => {
  it('gives each flag and segment its key, its version and what evaluation needs', () => {
    const { changes, skipped } = compile([wireFlag('a')], [wireSegment('s')]);
    expect(skipped).toEqual([]);
    expect(changes.eventType).toBe('full');
    expect(changes.flags[0]).toMatchObject({
      key: 'a',
      compiled: { key: 'a', version: versionOf(1), archived: false },
    });
    expect(changes.segments[0]).toMatchObject({ key: 's', compiled: { version: versionOf(1), archived: false } });
  });

  it('keeps only the version of what is archived', () => {
    const { changes } = compile(
      [wireFlag('a', 'on', { isArchived: true })],
      [wireSegment('s', [], { isArchived: true })],
    );
    expect(changes.flags[0]?.compiled).toEqual({ archived: true, version: versionOf(1) });
    expect(changes.segments[0]?.compiled).toEqual({ archived: true, version: versionOf(1) });
  });

  it('yields after every document, so that much of it can be done in slices', () => {
    const featureFlags = [wireFlag('a'), 'damaged', wireFlag('b')];
    const steps = compileDataSync({ eventType: 'patch', featureFlags, segments: [wireSegment('s')] }, COMPILING);
    for (let step = 0; step < 4; step++) expect(steps.next().done).toBe(false);
    expect(steps.next().done).toBe(true);
  });

  it('does not judge what a flag says: that counts when an evaluation reaches it', () => {
    const flag = wireFlag('odd', 'on', {
      variationType: 'colour',
      disabledVariationId: 'nowhere',
      targetUsers: [{ keyIds: ['ada'], variationId: 'nowhere' }],
      rules: [
        wireRule([
          { property: 'a', op: 'MatchRegex', value: '(' },
          { property: 'b', op: 'IsOneOf', value: 'no list' },
          { property: 'User is in segment', op: null, value: 'no list' },
        ]),
      ],
      fallthrough: everybody('nowhere'),
    });
    expect(compile([flag]).skipped).toEqual([]);
  });
});

describe('a document in bytes', () => {
  function inBytes(flags: readonly unknown[], segments: readonly unknown[] = []): Compiled {
    const data = readDataSyncEnvelope(longText(full(flags, segments)));
    if (!data.ok) throw new Error(data.problem);
    return compile(data.value.featureFlags, data.value.segments);
  }

  it('becomes what one that was read becomes, and is read when somebody asks', () => {
    const parse = vi.spyOn(JSON, 'parse');
    onTestFinished(() => parse.mockRestore());
    const text = longText(full([wireFlag('a')], [wireSegment('s', ['ada'])]));
    const data = readDataSyncEnvelope(text);
    const { changes } = compile(data.ok ? data.value.featureFlags : [], data.ok ? data.value.segments : []);
    const documents = parse.mock.calls.filter(([parsed]) => parsed.includes('updatedAt'));
    expect(documents).toEqual([]);
    expect(changes.flags[0]).toMatchObject({
      key: 'a',
      compiled: { key: 'a', version: versionOf(1), archived: false },
    });
    expect(changes.segments[0]).toMatchObject({ key: 's', compiled: { version: versionOf(1), archived: false } });
    const [flag] = changes.flags;
    expect(flag?.compiled.archived === false && flag.compiled.type).toBe('string');
    expect(parse.mock.calls.filter(([parsed]) => parsed.includes('updatedAt'))).toHaveLength(1);
  });

  it('that is damaged is skipped and reported as one that was read is', () => {
    const flags = [wireFlag('a'), { key: 'b' }, null, { key: ' ' }, wireFlag('c', 'on', { isArchived: true })];
    const segments = [{ id: 's' }, 5, wireSegment('t')];
    const { changes, skipped, skippedCount } = inBytes(flags, segments);
    expect(skipped).toEqual(compile(flags, segments).skipped);
    expect(skippedCount).toBe(5);
    expect(changes.flags.map(({ key }) => key)).toEqual(['a', 'c']);
    expect(changes.flags[1]?.compiled).toEqual({ archived: true, version: versionOf(1) });
  });
});

describe('a damaged document', () => {
  it('is skipped and reported, by its key or its position; the others are not affected', () => {
    const { changes, skipped } = compile(
      [wireFlag('a'), { key: 'b' }, null, { key: ' ' }, wireFlag('c')],
      [{ id: 's' }, 5, wireSegment('t')],
    );
    expect(changes.flags.map(({ key }) => key)).toEqual(['a', 'c']);
    expect(changes.segments.map(({ key }) => key)).toEqual(['t']);
    expect(skipped.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      'flag b',
      'flag #2',
      'flag #3',
      'segment s',
      'segment #1',
    ]);
    for (const { problem } of skipped) expect(problem).not.toBe('');
  });
});
