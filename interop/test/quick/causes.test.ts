import type { Flag } from 'fbclient-conformance/reference';
import { describe, expect, it } from 'vitest';
import { causeOf, semanticsWith } from '../../src/compare/attribute.js';
import { answerOf, OURS, THREW } from '../../src/compare/model.js';
import { QUIRKS, type QuirkName } from '../../src/compare/quirks.js';
import { type World, worldOf } from '../../src/compare/world.js';
import type { Who } from '../../src/driven.js';
import { SDKS } from '../../src/sdks.js';

const everybody = (id: string) => [{ id, rollout: [0, 1] as [number, number], exptRollout: 1 }];

/** A flag that is `yes` for whom the condition holds, otherwise `no`. */
function asking(property: string, op: string, value: string, overrides: Partial<Flag> = {}): Flag {
  const serve = { dispatchKey: null, includedInExpt: false };
  return {
    id: 'f',
    envId: '',
    key: 'f',
    name: 'f',
    variationType: 'string',
    variations: [
      { id: 'yes', value: 'yes' },
      { id: 'no', value: 'no' },
    ],
    targetUsers: [],
    rules: [{ ...serve, id: 'r', name: 'r', conditions: [{ property, op, value }], variations: everybody('yes') }],
    isEnabled: true,
    disabledVariationId: 'no',
    fallthrough: { ...serve, variations: everybody('no') },
    exptIncludeAllTargets: true,
    tags: [],
    isArchived: false,
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-01T00:00:00Z',
    ...overrides,
  };
}

const ADA: Who = { key: 'ada', name: 'Ada' };
const having = (custom: Record<string, string>): Who => ({ ...ADA, custom });
const worldOfOne = (flag: Flag): World => ({ flags: [flag], segments: [], users: [] });

interface Difference {
  readonly quirk: QuirkName;
  readonly flag: Flag;
  readonly who: Who;
  readonly ours: unknown;
  readonly theirs: unknown;
}

const DISPATCHED = (() => {
  const serve = { dispatchKey: 'team', includedInExpt: false };
  const share = (id: string, lo: number, hi: number) => ({ id, rollout: [lo, hi] as [number, number], exptRollout: 1 });
  // `a` is at 0.55 and `aundefined` at 0.83.
  return asking('keyId', 'Equal', 'nobody', {
    key: 'a',
    fallthrough: { ...serve, variations: [share('yes', 0, 0.65), share('no', 0.65, 1)] },
  });
})();
const LIST = asking('keyId', 'Equal', 'nobody', { variationType: 'json', variations: [{ id: 'no', value: '[1]' }] });

const DIFFERENCES: readonly Difference[] = [
  { quirk: 'absent-negative', flag: asking('plan', 'NotContain', 'x'), who: ADA, ours: 'no', theirs: 'yes' },
  { quirk: 'absent-empty', flag: asking('plan', 'StartsWith', ''), who: ADA, ours: 'no', theirs: 'yes' },
  { quirk: 'absent-not-equal', flag: asking('plan', 'NotOneOf', '["x"]'), who: ADA, ours: 'no', theirs: 'yes' },
  { quirk: 'absent-throws', flag: asking('plan', 'Contains', 'x'), who: ADA, ours: 'no', theirs: THREW },
  { quirk: 'dispatch-undefined', flag: DISPATCHED, who: ADA, ours: 'yes', theirs: 'no' },
  {
    quirk: 'empty-is-absent',
    flag: asking('plan', 'Equal', ''),
    who: having({ plan: '' }),
    ours: 'yes',
    theirs: 'no',
  },
  {
    quirk: 'names-in-any-case',
    flag: asking('Name', 'Equal', 'Ada'),
    who: having({ Name: 'Eve' }),
    ours: 'no',
    theirs: 'yes',
  },
  {
    quirk: 'swapped-pattern',
    flag: asking('plan', 'MatchRegex', 'pro'),
    who: having({ plan: 'prod' }),
    ours: 'yes',
    theirs: 'no',
  },
  {
    quirk: 'whole-pattern',
    flag: asking('plan', 'MatchRegex', 'pro'),
    who: having({ plan: 'prod' }),
    ours: 'yes',
    theirs: 'no',
  },
  {
    quirk: 'ascii-pattern',
    flag: asking('plan', 'MatchRegex', '\\d'),
    who: having({ plan: '٣' }),
    ours: 'yes',
    theirs: 'no',
  },
  {
    quirk: 'number-beginning',
    flag: asking('age', 'BiggerThan', '1'),
    who: having({ age: '5px' }),
    ours: 'no',
    theirs: 'yes',
  },
  {
    quirk: 'number-python',
    flag: asking('age', 'BiggerThan', '1'),
    who: having({ age: '1_000' }),
    ours: 'no',
    theirs: 'yes',
  },
  {
    quirk: 'number-go',
    flag: asking('age', 'BiggerThan', '1'),
    who: having({ age: ' 7 ' }),
    ours: 'yes',
    theirs: 'no',
  },
  {
    quirk: 'number-digits',
    flag: asking('age', 'LessThan', '1'),
    who: having({ age: '-3' }),
    ours: 'yes',
    theirs: 'no',
  },
  {
    quirk: 'number-rust',
    flag: asking('age', 'BiggerThan', '1'),
    who: having({ age: ' 7 ' }),
    ours: 'yes',
    theirs: 'no',
  },
  {
    quirk: 'serves-archived',
    flag: asking('keyId', 'Equal', 'ada', { isArchived: true }),
    who: ADA,
    ours: 'the default',
    theirs: 'yes',
  },
  { quirk: 'json-of-its-type', flag: LIST, who: ADA, ours: [1], theirs: { no: 'flag' } },
];

const answer = (value: unknown): string => (value === THREW ? THREW : JSON.stringify(value));

describe('the model of SDKs', () => {
  it('has a case for each quirk', () => {
    expect(DIFFERENCES.map(({ quirk }) => quirk).sort()).toEqual(Object.keys(QUIRKS).sort());
  });

  it.each(DIFFERENCES)('gives another value with $quirk', ({ quirk, flag, who, ours, theirs }) => {
    expect(answerOf(OURS, worldOfOne(flag), flag, who)).toBe(answer(ours));
    expect(answerOf(semanticsWith([quirk]), worldOfOne(flag), flag, who)).toBe(answer(theirs));
  });

  it.each(DIFFERENCES)('names $quirk as the cause, whatever else the SDK has', ({ quirk, flag, who, theirs }) => {
    const others = SDKS.flatMap(({ quirks = [] }) => (quirks.includes(quirk) ? [quirks] : []));
    expect(others.length).toBeGreaterThan(0);
    for (const quirks of others) expect(causeOf(worldOfOne(flag), flag, who, answer(theirs), quirks)).toEqual([quirk]);
  });
});

describe('a cause', () => {
  it('is two quirks that only together give the value', () => {
    const flag = asking('plan', 'NotMatchRegex', '[', { isArchived: true });
    expect(causeOf(worldOfOne(flag), flag, ADA, answer('yes'), ['serves-archived', 'absent-negative'])).toEqual([
      'serves-archived',
      'absent-negative',
    ]);
  });

  it('is unexplained when no quirk gives the value', () => {
    const flag = asking('keyId', 'Equal', 'ada');
    expect(causeOf(worldOfOne(flag), flag, ADA, answer('no'), ['absent-negative', 'number-go'])).toBe('unexplained');
  });
});

describe('a world', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(worldOf(7, 20, 5)).toEqual(worldOf(7, 20, 5));
    expect(worldOf(8, 20, 5)).not.toEqual(worldOf(7, 20, 5));
  });

  it('has every operator, archived flags, flags that are off, and users without each attribute', () => {
    const { flags, users } = worldOf(1, 300, 50);
    const ops = new Set(
      flags.flatMap(({ rules }) => rules.flatMap(({ conditions }) => conditions.map(({ op }) => op))),
    );
    expect(ops.size).toBe(17); // sixteen, and that of segments
    expect(flags.filter(({ isArchived }) => isArchived).length).toBeGreaterThan(5);
    expect(flags.filter(({ isEnabled }) => !isEnabled).length).toBeGreaterThan(10);
    expect(users.filter(({ custom }) => custom?.country === undefined).length).toBeGreaterThan(5);
  });
});
