import { describe, expect, it } from 'vitest';
import { type Compiled, compileDataSync, compileDataSyncNow } from '../../src/flags/compile.js';
import { everybody, versionOf, wireFlag, wireRule, wireSegment } from '../support/wire.js';

function compile(flags: readonly unknown[], segments: readonly unknown[] = []): Compiled {
  return compileDataSyncNow({ eventType: 'full', featureFlags: flags, segments }, 'no-match');
}

describe('compiling a data-sync', () => {
  it('gives each entity its identity, its version and what evaluation needs', () => {
    const { changes, skipped } = compile([wireFlag('a')], [wireSegment('s')]);
    expect(skipped).toEqual([]);
    expect(changes.eventType).toBe('full');
    expect(changes.flags[0]).toMatchObject({
      identity: 'a',
      entity: { key: 'a', version: versionOf(1), archived: false },
    });
    expect(changes.segments[0]).toMatchObject({ identity: 's', entity: { version: versionOf(1), archived: false } });
  });

  it('keeps of archived entities only that they are, and their version', () => {
    const { changes } = compile(
      [wireFlag('a', 'on', { isArchived: true })],
      [wireSegment('s', [], { isArchived: true })],
    );
    expect(changes.flags[0]?.entity).toEqual({ archived: true, version: versionOf(1) });
    expect(changes.segments[0]?.entity).toEqual({ archived: true, version: versionOf(1) });
  });

  it('yields after every entity, so that much of it can be done in slices', () => {
    const featureFlags = [wireFlag('a'), 'damaged', wireFlag('b')];
    const steps = compileDataSync({ eventType: 'patch', featureFlags, segments: [wireSegment('s')] }, 'no-match');
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

describe('a damaged entity', () => {
  it('is skipped and told, by its name or its position; the others are not touched by it', () => {
    const { changes, skipped } = compile(
      [wireFlag('a'), { key: 'b' }, null, { key: ' ' }, wireFlag('c')],
      [{ id: 's' }, 5, wireSegment('t')],
    );
    expect(changes.flags.map(({ identity }) => identity)).toEqual(['a', 'c']);
    expect(changes.segments.map(({ identity }) => identity)).toEqual(['t']);
    expect(skipped.map(({ kind, identity }) => `${kind} ${identity}`)).toEqual([
      'flag b',
      'flag #2',
      'flag #3',
      'segment s',
      'segment #1',
    ]);
    for (const { problem } of skipped) expect(problem).not.toBe('');
  });
});
