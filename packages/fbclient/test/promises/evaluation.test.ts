import { describe, expect, it } from 'vitest';
import type { FBClient } from '../../src/node-client.js';
import { eventually, faultClient, faultServer } from '../support/fault-client.js';
import { SHIFTY_USERS, THROWING_USERS, UNUSABLE_USERS } from '../support/odd-users.js';
import { everybody, full, patch, segmentFlag, updatedAt, wireFlag, wireRule, wireSegment } from '../support/wire.js';

const ADA = { key: 'ada', country: 'fr' };

/** A client that holds flags and opens nothing. */
function offline(flags: readonly unknown[], segments: readonly unknown[] = []): FBClient {
  return faultClient({ offline: true, bootstrap: full(flags, segments) });
}

const condition = (property: string, op: string | null, value: string | null) => ({ property, op, value });

const DAMAGED = [
  wireFlag('no-variations', 'on', { variations: [] }),
  wireFlag('no-off-variation', 'on', { isEnabled: false, disabledVariationId: 'gone' }),
  wireFlag('bad-target', 'on', { targetUsers: [{ keyIds: ['ada'], variationId: 'gone' }] }),
  wireFlag('rollout-gap', 'on', {
    fallthrough: { includedInExpt: false, variations: [{ id: 'v-on', rollout: [0, 0], exptRollout: 1 }] },
  }),
  wireFlag('no-rollout', 'on', { fallthrough: { includedInExpt: false, variations: [] } }),
  wireFlag('bad-pattern', 'on', { rules: [wireRule([condition('country', 'MatchRegex', '(')])] }),
  wireFlag('look-around', 'on', { rules: [wireRule([condition('country', 'NotMatchRegex', '(?=a)')])] }),
  wireFlag('bad-list', 'on', { rules: [wireRule([condition('country', 'IsOneOf', '{"a":')])] }),
  wireFlag('bad-segment-list', 'on', { rules: [wireRule([condition('User is in segment', null, null)])] }),
  segmentFlag('absent-segment', ['gone']),
  segmentFlag('damaged-segment', ['damaged']),
];
const DAMAGED_SEGMENT = wireSegment('damaged', [], {
  rules: [{ conditions: [condition('country', 'MatchRegex', '(')] }],
});

describe('promise 7: no evaluation throws, whatever the user, flag or attribute', () => {
  const USERS = [...UNUSABLE_USERS, ...THROWING_USERS, ...SHIFTY_USERS.map(([name, make]) => [name, make()] as const)];
  const FLAG_KEYS: readonly unknown[] = [
    ...DAMAGED.map(({ key }) => key),
    'good',
    'absent',
    '',
    '__proto__',
    'constructor',
    undefined,
    null,
    5,
    {},
    Symbol('f'),
  ];

  it.each(USERS)('for %s', (_name, user) => {
    const client = offline([...DAMAGED, wireFlag('good')], [DAMAGED_SEGMENT]);
    for (const flagKey of FLAG_KEYS as readonly string[]) {
      const fallback = { mine: true };
      const one = user as typeof ADA;
      expect(client.variation(flagKey, one, 'd')).toBeTypeOf('string');
      expect(client.variation(flagKey, one)).toSatisfy(() => true);
      expect(client.boolVariation(flagKey, one, true)).toBeTypeOf('boolean');
      expect(client.numberVariation(flagKey, one, 1)).toBe(1);
      expect(client.stringVariationDetail(flagKey, one, 'd').reasonText).toBeTypeOf('string');
      expect(client.jsonVariation(flagKey, one, fallback)).toBe(fallback);
      expect(client.isFlagKnown(flagKey)).toBeTypeOf('boolean');
    }
    const all = client.getAllLatestFlagVariations(user as typeof ADA);
    expect(JSON.stringify(all)).toBeTypeOf('string');
    client.trackMetric(user as typeof ADA, 'm');
    client.trackMetrics(user as typeof ADA, { m: 1 });
    client.identify(user as typeof ADA);
    client.flagTracker.addFlagValueChangedListener('good', user as typeof ADA, () => undefined)();
  });

  it.each(DAMAGED.map(({ key }) => key))('a damaged flag returns the default and an error: %s', (flagKey) => {
    const client = offline(DAMAGED, [DAMAGED_SEGMENT]);
    expect(client.variationDetail(flagKey, ADA, 'd')).toMatchObject({ value: 'd', variationId: '', reason: 'Error' });
  });

  it('one bad flag does not take the bulk call down', () => {
    const states = offline([...DAMAGED, wireFlag('good')], [DAMAGED_SEGMENT]).getAllLatestFlagVariations(ADA);
    expect(states.success).toBe(true);
    expect(states.keys()).toHaveLength(DAMAGED.length + 1);
    expect(states.toJSON().flags.good).toMatchObject({ value: 'on', reason: 'Fallthrough' });
    expect(states.toJSON().flags['bad-pattern']).toEqual({ value: null, variationId: '', reason: 'Error' });
  });

  it.each<[string, unknown, string]>([
    ['an absent attribute', { key: 'ada' }, 'off'],
    ['null', { key: 'ada', country: null }, 'off'],
    ['an object', { key: 'ada', country: { toString: () => 'fr' } }, 'off'],
    ['a number', { key: 'ada', country: 33 }, 'off'],
    ['NaN', { key: 'ada', country: Number.NaN }, 'off'],
    ['a lone surrogate', { key: '\ud800', country: '\udfff' }, 'off'],
    ['a million characters', { key: 'ada', country: 'x'.repeat(1_000_000) }, 'off'],
    ['what the rule asks for', { key: 'ada', country: 'fr' }, 'on'],
  ])('with %s as an attribute', (_name, user, expected) => {
    const rules = [wireRule([condition('country', 'Equal', 'fr')])];
    const client = offline([wireFlag('f', 'on', { rules, fallthrough: everybody('v-off') })]);
    expect(client.variation('f', user as typeof ADA, 'd')).toBe(expected);
  });

  it('and an archived flag is no flag', () => {
    const client = offline([wireFlag('f', 'on', { isArchived: true })]);
    expect(client.variationDetail('f', ADA, 'd')).toMatchObject({ value: 'd', reason: 'Error' });
    expect(client.isFlagKnown('f')).toBe(false);
  });
});

describe('promise 8: a pattern is the rule’s value, the text is the attribute, and no input makes it run long', () => {
  const matching = (pattern: string, op = 'MatchRegex'): FBClient => {
    const rules = [wireRule([condition('text', op, pattern)])];
    return offline([wireFlag('f', 'on', { rules, fallthrough: everybody('v-off') })]);
  };

  it.each<[string, string, string]>([
    ['^a+$', 'aaa', 'on'],
    // The other way round it would match.
    ['aaa', '^a+$', 'off'],
    ['b', 'abc', 'on'],
  ])('%s in %s: %s', (pattern, text, expected) => {
    expect(matching(pattern).variation('f', { key: 'u', text }, 'd')).toBe(expected);
  });

  it.each<[string, string, string]>([
    ['nested repeats', '(a+)+$', `${'a'.repeat(50_000)}!`],
    ['alternatives that overlap', '(a|aa)+$', `${'a'.repeat(50_000)}!`],
    ['repeats of repeats', '(.*a){20}', 'a'.repeat(20_000)],
    ['many wildcards', '.*.*.*.*.*=', 'x'.repeat(50_000)],
    ['a long text', 'x*y', 'x'.repeat(5_000_000)],
  ])('%s', (_name, pattern, text) => {
    const client = matching(pattern);
    client.variation('f', { key: 'u', text: 'warm up' }, 'd');
    const start = performance.now();
    const { reason } = client.variationDetail('f', { key: 'u', text }, 'd');
    // Backtracking would take longer than the universe has; a busy machine takes some tens of milliseconds.
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(['Fallthrough', 'RuleMatch', 'Error']).toContain(reason);
  });
});

describe('promise 9: a rule’s own includedInExpt decides, and an absent dispatch attribute hashes the flag key alone', () => {
  const eventOf = async (flag: unknown, user: { key: string }): Promise<boolean | undefined> => {
    const server = await faultServer();
    const client = faultClient({
      ...server.options,
      dataSource: { start: (sink) => void sink.accept(full([flag])), close: () => undefined },
    });
    await client.waitForInitialization();
    client.variation('f', user, 'd');
    await client.flushAndWait(5_000);
    return server.requests.events[0]?.variations?.[0]?.sendToExperiment;
  };

  it.each([
    [true, false],
    [false, true],
  ])('a rule with %s, a fallthrough with %s', async (ofRule, ofFallthrough) => {
    const flag = wireFlag('f', 'on', {
      rules: [{ ...wireRule([condition('country', 'Equal', 'fr')]), includedInExpt: ofRule }],
      fallthrough: { ...everybody('v-on'), includedInExpt: ofFallthrough },
    });
    expect(await eventOf(flag, ADA)).toBe(ofRule);
    expect(await eventOf(flag, { key: 'bob' })).toBe(ofFallthrough);
  });

  it('without its dispatch attribute every user is in the bucket of the flag key', () => {
    // The bucket of `test-value`, from FeatBit's specification of the rollout.
    const bucket = 0.14653629204258323;
    const flag = wireFlag('test-value', 'on', {
      fallthrough: {
        dispatchKey: 'company',
        includedInExpt: false,
        variations: [
          { id: 'v-off', rollout: [0, bucket - 1e-9], exptRollout: 1 },
          { id: 'v-on', rollout: [bucket - 1e-9, bucket + 1e-9], exptRollout: 1 },
          { id: 'v-off', rollout: [bucket + 1e-9, 1], exptRollout: 1 },
        ],
      },
    });
    const client = offline([flag]);
    for (let user = 0; user < 100; user++) expect(client.variation('test-value', { key: `u${user}` }, 'd')).toBe('on');
    expect(client.variation('test-value', { key: 'u', company: 'x' }, 'd')).toBe('off');
  });
});

describe('promise 10: patches compare versions entity by entity, not over the whole store', () => {
  it('a newer flag and an older segment in one patch: the new flag, and the segment as it was', async () => {
    const server = await faultServer();
    const client = faultClient(server.options);
    server.data.put(
      segmentFlag('f', ['s'], { updatedAt: updatedAt(10) }),
      wireFlag('g', 'first', { updatedAt: updatedAt(10) }),
    );
    server.data.putSegments(wireSegment('s', ['ada'], { updatedAt: updatedAt(50) }));
    await client.waitForInitialization();
    expect(client.variation('f', ADA, 'd')).toBe('on');

    // Newer than the flag `g`, older than the segment: both versions are below the greatest one held.
    const update = wireFlag('g', 'second', { updatedAt: updatedAt(20) });
    server.streams.send(JSON.stringify(patch([update], [wireSegment('s', [], { updatedAt: updatedAt(40) })])));
    await eventually(() => expect(client.variation('g', ADA, 'd')).toBe('second'));
    expect(client.variation('f', ADA, 'd')).toBe('on');
    expect(client.diagnostics().data).toMatchObject({ flags: 2, segments: 1 });
  });
});
