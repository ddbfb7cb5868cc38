import fc from 'fast-check';
import type { FlagDocument, RolloutDocument } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { letUsersIn, serveToAll } from '../../src/experiments/flag-edits.js';
import { enteringShare, expectedShares, feedsOf, lettingIn } from '../../src/experiments/flag-shares.js';
import { aRollout, aRule, aServedFlag, HALVES, slice } from '../support/experiment-situation.js';
import { SOMEBODY } from '../support/experiments.js';
import { check } from '../support/property.js';

const TARGET = { environment: { id: 'e', key: 'dev' }, key: 'checkout', by: SOMEBODY };
const COMPARED = ['off', 'on'];
const THREE = [...aServedFlag().variations, { id: 'x', value: 'true' }];

function edited(edit: ReturnType<typeof serveToAll>, flag: FlagDocument): FlagDocument | 'unchanged' {
  if (edit.creates) throw new Error('A flag is changed, not made.');
  const outcome = edit.change({ ...flag, name: 'Checkout', tags: [] });
  if (outcome === 'unchanged') return outcome;
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.faults));
  return outcome.document as unknown as FlagDocument;
}

/** The document, or an error when nothing was to be changed. */
function changed(edit: ReturnType<typeof serveToAll>, flag: FlagDocument): FlagDocument {
  const document = edited(edit, flag);
  if (document === 'unchanged') throw new Error('Nothing was to be changed.');
  return document;
}

const inShort = ({ variations, includedInExpt }: RolloutDocument) => [
  includedInExpt,
  ...variations.map(({ id, rollout: [low, high], exptRollout }) => `${id} ${low}–${high} ${exptRollout}`),
];

describe('letting users into an experiment', () => {
  it.each<[string, RolloutDocument, readonly unknown[]]>([
    ['opens what chance decides', aRollout(HALVES, false), [true, 'off 0–0.5 1', 'on 0.5–1 1']],
    [
      'opens a share of nothing',
      aRollout([slice('off', 0, 0.5, 0), slice('on', 0.5, 1, 0.2)]),
      [true, 'off 0–0.5 1', 'on 0.5–1 1'],
    ],
    [
      'leaves shares that somebody has set',
      aRollout([slice('off', 0, 0.5, 0.1), slice('on', 0.5, 1, 0.2)]),
      [true, 'off 0–0.5 0.1', 'on 0.5–1 0.2'],
    ],
    [
      'opens shares that were closed as a whole',
      aRollout([slice('off', 0, 0.5, 0.1), slice('on', 0.5, 1, 0.2)], false),
      [true, 'off 0–0.5 1', 'on 0.5–1 1'],
    ],
    ['closes where all get the same', aRollout([slice('on', 0, 1)]), [false, 'on 0–1 1']],
    [
      'closes where one of two has no width',
      aRollout([slice('off', 0, 0), slice('on', 0, 1)]),
      [false, 'off 0–0 1', 'on 0–1 1'],
    ],
    [
      'closes where only one of the two is compared',
      aRollout([slice('x', 0, 0.5), slice('on', 0.5, 1)]),
      [false, 'x 0–0.5 1', 'on 0.5–1 1'],
    ],
    [
      'closes where one variation has two slices',
      aRollout([slice('on', 0, 0.5), slice('on', 0.5, 1)]),
      [false, 'on 0–0.5 1', 'on 0.5–1 1'],
    ],
  ])('%s, in rules as in the default rule', (_, rollout, expected) => {
    const { rules, fallthrough } = lettingIn(
      aServedFlag({ variations: THREE, fallthrough: rollout, rules: [aRule(rollout)] }),
      COMPARED,
    );
    expect(inShort(fallthrough)).toEqual(expected);
    expect(rules.map(inShort)).toEqual([expected]);
  });

  it('is a change that the audit log calls by its name, and that changes nothing else', () => {
    const flag = aServedFlag({
      fallthrough: aRollout(HALVES, false),
      targetUsers: [{ keyIds: ['a'], variationId: 'on' }],
    });
    const edit = letUsersIn(TARGET, COMPARED);
    expect(edit).toMatchObject({ ...TARGET, kind: 'flag', creates: false });
    expect(edit.action(undefined, {})).toBe('prepare-experiment');
    const { fallthrough, targetUsers, isEnabled } = changed(edit, flag);
    expect(inShort(fallthrough)).toEqual([true, 'off 0–0.5 1', 'on 0.5–1 1']);
    expect([targetUsers, isEnabled]).toEqual([flag.targetUsers, true]);
  });

  it('changes nothing of a flag that lets them in already', () => {
    expect(edited(letUsersIn(TARGET, COMPARED), aServedFlag())).toBe('unchanged');
  });
});

describe('serving one variation to all', () => {
  it.each<[string, RolloutDocument, readonly unknown[]]>([
    ['replaces what chance decides', aRollout(), [false, 'on 0–1 1']],
    ['whoever was let in', aRollout(HALVES, false), [false, 'on 0–1 1']],
    ['leaves where all get the same', aRollout([slice('off', 0, 1)]), [true, 'off 0–1 1']],
    [
      'leaves what was not compared',
      aRollout([slice('x', 0, 0.4), slice('on', 0.4, 1)]),
      [true, 'x 0–0.4 1', 'on 0.4–1 1'],
    ],
    [
      'keeps the users of another variation where they are',
      aRollout([slice('off', 0, 0.3), slice('x', 0.3, 0.6), slice('on', 0.6, 1)]),
      [false, 'on 0–0.3 1', 'x 0.3–0.6 1', 'on 0.6–1 1'],
    ],
    [
      'drops what has no width',
      aRollout([slice('x', 0, 0), slice('off', 0, 0.5), slice('on', 0.5, 1)]),
      [false, 'on 0–1 1'],
    ],
  ])('%s', (_, rollout, expected) => {
    const flag = aServedFlag({ variations: THREE, isEnabled: true, rules: [aRule(rollout)] });
    const { rules } = changed(serveToAll(TARGET, COMPARED, 'on'), { ...flag, fallthrough: aRollout() });
    expect(rules.map(inShort)).toEqual([expected]);
  });

  it('goes back to the control as well', () => {
    const edit = serveToAll(TARGET, COMPARED, 'off');
    expect(edit.action(undefined, {})).toBe('decide-experiment');
    expect(inShort(changed(edit, aServedFlag()).fallthrough)).toEqual([false, 'off 0–1 1']);
  });

  it('changes nothing the second time', () => {
    const edit = serveToAll(TARGET, COMPARED, 'on');
    expect(edited(edit, changed(edit, aServedFlag()))).toBe('unchanged');
  });

  it.each<[what: string, fallthrough: RolloutDocument, rule: RolloutDocument]>([
    ['all get the other one', aRollout([slice('off', 0, 1)]), aRollout([slice('off', 0, 1)])],
    ['a rule serves the other one', aRollout([slice('on', 0, 1)]), aRollout([slice('off', 0, 1)])],
    ['none of them is served', aRollout([slice('x', 0, 1)]), aRollout([slice('x', 0, 1)])],
  ])('is refused where chance decides for nobody and %s', (_, fallthrough, rule) => {
    const flag = aServedFlag({ variations: THREE, fallthrough, rules: [aRule(rule)] });
    expect(() => edited(serveToAll(TARGET, COMPARED, 'on'), flag)).toThrow(
      expect.objectContaining({ code: 'not-ready', message: expect.stringContaining('change the flag itself') }),
    );
  });

  it.each([letUsersIn(TARGET, COMPARED), serveToAll(TARGET, COMPARED, 'on')])(
    'is refused of an archived flag, as letting users in is (%#)',
    (edit) => {
      expect(() => edited(edit, aServedFlag({ isArchived: true }))).toThrow(
        expect.objectContaining({ code: 'archived', message: 'The flag is archived: restore it first.' }),
      );
    },
  );
});

/** Slices of three variations next to each other, some without width, with any share let in. */
const rollouts = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 0, maxLength: 4 }),
    fc.array(fc.constantFrom('off', 'on', 'x'), { minLength: 5, maxLength: 5 }),
    fc.array(fc.constantFrom(0, 0.1, 0.5, 1), { minLength: 5, maxLength: 5 }),
    fc.boolean(),
  )
  .map(([cuts, ids, shares, included]) => {
    const bounds = [0, ...cuts.map((cut) => cut / 20).sort((a, b) => a - b), 1];
    const slices = bounds
      .slice(1)
      .map((high, index) => slice(ids[index] ?? 'on', bounds[index] ?? 0, high, shares[index] ?? 1));
    return aRollout(slices, included);
  });
const flags = fc
  .record({ fallthrough: rollouts, rules: fc.array(rollouts, { maxLength: 3 }), exptIncludeAllTargets: fc.boolean() })
  .map(({ rules, ...flag }) => aServedFlag({ ...flag, variations: THREE, rules: rules.map((one) => aRule(one)) }));

describe('whatever a flag serves', () => {
  const isByChance = ({ variations }: RolloutDocument) =>
    new Set(variations.filter(({ id, rollout }) => id !== 'x' && rollout[1] > rollout[0]).map(({ id }) => id)).size ===
    2;

  it('letting users in lets in exactly those for whom chance decides, and doing so again changes nothing', async () => {
    const property = fc.property(flags, (flag) => {
      const opened = { ...flag, ...lettingIn(flag, COMPARED) };
      expect(lettingIn(opened, COMPARED)).toEqual(lettingIn(flag, COMPARED));
      const parts = [...opened.rules, opened.fallthrough];
      for (const [index, { shares }] of feedsOf(opened).entries()) {
        const part = parts[index];
        if (part === undefined) throw new Error('Each part has a feed.');
        expect(COMPARED.every((id) => shares.has(id))).toBe(isByChance(part));
        if (!isByChance(part)) expect(shares.size).toBe(0);
      }
    });
    await check(property, 200);
  });

  it('nobody gets another variation by being let in', async () => {
    const property = fc.property(flags, (flag) => {
      const { rules, fallthrough } = lettingIn(flag, COMPARED);
      const served = (parts: readonly RolloutDocument[]) =>
        parts.map(({ variations }) => variations.map(({ id, rollout }) => [id, ...rollout]));
      expect(served([...rules, fallthrough])).toEqual(served([...flag.rules, flag.fallthrough]));
    });
    await check(property, 100);
  });

  it('no more than all of its users enter, and expected shares add up to one', async () => {
    const property = fc.property(flags, (flag) => {
      const share = enteringShare(flag, COMPARED);
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
      const shares = expectedShares(feedsOf(flag), COMPARED);
      if (share === 0) expect(shares).toBeNull();
      if (shares !== null) expect(shares.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 9);
    });
    await check(property, 200);
  });

  it('a decision leaves no rule in which chance decides between compared variations, and others as they are', async () => {
    const property = fc.property(flags, fc.constantFrom('off', 'on'), (flag, winner) => {
      fc.pre([...flag.rules, flag.fallthrough].some(isByChance));
      const document = edited(serveToAll(TARGET, COMPARED, winner), flag);
      const after = document === 'unchanged' ? flag : document;
      const widthOf = (part: RolloutDocument, id: string) =>
        part.variations.reduce((sum, one) => (one.id === id ? sum + one.rollout[1] - one.rollout[0] : sum), 0);
      for (const [index, part] of [...after.rules, after.fallthrough].entries()) {
        const before = [...flag.rules, flag.fallthrough][index];
        if (before === undefined) throw new Error('No rule goes away.');
        expect(isByChance(part)).toBe(false);
        expect(widthOf(part, 'x')).toBeCloseTo(widthOf(before, 'x'), 9);
        if (isByChance(before)) expect(part.includedInExpt).toBe(false);
        else expect(part.variations).toEqual(before.variations);
      }
    });
    await check(property, 200);
  });
});
