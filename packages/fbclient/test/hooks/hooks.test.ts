import { describe, expect, it, vi } from 'vitest';
import type { EvaluationMethod, EvaluationSeries } from '../../src/evaluation/hooked-evaluator.js';
import type { EvaluationResult } from '../../src/evaluation/result.js';
import type { Hook } from '../../src/hooks/hook.js';
import { FBClient } from '../../src/node-client.js';
import { offlineClient } from '../support/clients.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { everybody, updatedAt, versionOf, wireFlag, wireRule } from '../support/wire.js';

const ADA = { key: 'ada', plan: 'pro' };

const half = (id: string, low: number, high: number) => ({ id, rollout: [low, high] as const, exptRollout: 1 });
const halves = { includedInExpt: false, variations: [half('v-on', 0, 0.5), half('v-off', 0.5, 1)] };
const pro = { property: 'plan', op: 'Equal', value: 'pro' };

const FLAGS = [
  wireFlag('plain'),
  wireFlag('off', 'on', { isEnabled: false }),
  wireFlag('targeted', 'on', { targetUsers: [{ keyIds: ['ada'], variationId: 'v-on' }] }),
  wireFlag('ruled', 'on', { rules: [wireRule([pro])], fallthrough: everybody('v-off'), updatedAt: updatedAt(7) }),
  wireFlag('ruled-in-halves', 'on', { rules: [{ ...halves, conditions: [pro] }], fallthrough: everybody('v-off') }),
  wireFlag('halves', 'on', { fallthrough: halves }),
  wireFlag('switch', 'true', { variationType: 'boolean' }),
  wireFlag('count', '7', { variationType: 'number' }),
  wireFlag('shape', '{"a":1}', { variationType: 'json' }),
  wireFlag('damaged', 'on', { fallthrough: everybody('v-gone') }),
];

interface Seen {
  readonly series: EvaluationSeries;
  readonly result: EvaluationResult;
  readonly data: unknown;
}

/** A hook that keeps what it sees. */
class Recorder implements Hook {
  readonly name = 'recorder';
  readonly seen: Seen[] = [];
  readonly tracked: unknown[] = [];

  beforeEvaluation(series: EvaluationSeries): unknown {
    return `before ${series.flagKey}`;
  }

  afterEvaluation(series: EvaluationSeries, result: EvaluationResult, data: unknown): void {
    this.seen.push({ series, result, data });
  }

  afterTrack(...tracked: readonly unknown[]): void {
    this.tracked.push(tracked);
  }
}

function recorded(use: (client: FBClient) => unknown): readonly Seen[] {
  const recorder = new Recorder();
  use(offlineClient(FLAGS, { hooks: [recorder] }));
  return recorder.seen;
}

describe('what a hook sees', () => {
  it.each<[EvaluationMethod, (client: FBClient) => unknown, unknown, unknown]>([
    ['variation', (client) => client.variation('plain', ADA, 'd'), 'd', 'on'],
    ['variation', (client) => client.variation('plain', ADA), undefined, 'on'],
    ['variationDetail', (client) => client.variationDetail('plain', ADA, 'd').value, 'd', 'on'],
    ['boolVariation', (client) => client.boolVariation('switch', ADA), false, true],
    ['boolVariationDetail', (client) => client.boolVariationDetail('switch', ADA, true).value, true, true],
    ['stringVariation', (client) => client.stringVariation('plain', ADA), '', 'on'],
    ['stringVariationDetail', (client) => client.stringVariationDetail('plain', ADA).value, '', 'on'],
    ['numberVariation', (client) => client.numberVariation('count', ADA, 3), 3, 7],
    ['numberVariationDetail', (client) => client.numberVariationDetail('count', ADA).value, 0, 7],
    ['jsonVariation', (client) => client.jsonVariation('shape', ADA), null, { a: 1 }],
    ['jsonVariationDetail', (client) => client.jsonVariationDetail('shape', ADA).value, null, { a: 1 }],
    ['evaluate', (client) => client.evaluate('switch', ADA, 'string', 'd').value, 'd', 'true'],
    ['allFlagStates', (client) => client.getAllLatestFlagVariations(ADA).get('plain', 'd').value, 'd', 'on'],
    ['allFlagStates', (client) => client.getAllLatestFlagVariations(ADA).getVariation('plain', 'd'), 'd', 'on'],
  ])('of %s: the method, the default and the value that the application gets', (method, use, defaultValue, value) => {
    let returned: unknown;
    const [seen, ...more] = recorded((client) => {
      returned = use(client);
    });
    expect(more).toEqual([]);
    expect(returned).toEqual(value);
    expect(seen?.result.value).toBe(returned);
    expect(seen?.series).toMatchObject({ method, defaultValue });
    expect(seen?.data).toBe(`before ${seen?.series.flagKey}`);
  });

  const served = { failure: undefined, reasonText: expect.any(String) };
  const flag = { type: 'string' as const, version: versionOf(1), targeted: false };
  it.each<[string, string, Partial<EvaluationResult>]>([
    ['a plain flag', 'plain', { value: 'on', variationId: 'v-on', reason: 'Fallthrough', split: false, flag }],
    ['a flag that is off', 'off', { value: 'off', variationId: 'v-off', reason: 'Off', split: false, flag }],
    ['a target', 'targeted', { reason: 'TargetMatch', split: false, flag: { ...flag, targeted: true } }],
    [
      'a rule',
      'ruled',
      { reason: 'RuleMatch', split: false, flag: { ...flag, version: versionOf(7), targeted: true } },
    ],
    ['a rule with a rollout', 'ruled-in-halves', { reason: 'RuleMatch', split: true }],
    ['a rollout', 'halves', { reason: 'Fallthrough', split: true, flag }],
  ])('of %s: what was served, why, and of what flag', (_, key, expected) => {
    const [seen] = recorded((client) => client.variation(key, ADA, 'd'));
    expect(seen?.result).toMatchObject({ flagKey: key, ...served, ...expected });
  });

  const none = { split: false, value: 'd', variationId: '' };
  it.each<[string, (client: FBClient) => unknown, Partial<EvaluationResult>]>([
    ['an unknown flag', (client) => client.variation('x', ADA, 'd'), { failure: 'unknown-flag', flag: undefined }],
    ['a damaged flag', (client) => client.variation('damaged', ADA, 'd'), { failure: 'damaged-flag', flag }],
    ['a bad user', (client) => client.variation('plain', { key: ' ' }, 'd'), { failure: 'bad-user', flag: undefined }],
    [
      'a key that is no text',
      (client) => client.variation(7 as unknown as string, ADA, 'd'),
      { failure: 'bad-flag-key', flag: undefined },
    ],
    [
      'another type',
      (client) => client.numberVariation('plain', ADA, 5),
      { failure: 'wrong-type', value: 5, reason: 'WrongType', flag },
    ],
    [
      'a flag that is not among all flags',
      (client) => client.getAllLatestFlagVariations(ADA).get('x', 'd'),
      { failure: 'unknown-flag', flag: undefined },
    ],
  ])('of %s: why it is the default', (_, use, expected) => {
    const [seen] = recorded(use);
    expect(seen?.result).toMatchObject({ ...none, ...expected });
  });

  it('before there is data: that the client is not ready', () => {
    const recorder = new Recorder();
    const dataSource = { start: () => undefined, close: () => undefined };
    const client = new FBClient({ dataSource, disableEvents: true, hooks: [recorder] });
    client.variation('plain', ADA, 'd');
    expect(recorder.seen[0]?.result).toMatchObject({ failure: 'client-not-ready', reason: 'ClientNotReady' });
    return client.close();
  });

  it('is one frozen series for both stages, with the user as given, and a frozen result', () => {
    const before: EvaluationSeries[] = [];
    const recorder = new Recorder();
    const client = offlineClient(FLAGS, {
      hooks: [{ name: 'first', beforeEvaluation: (series) => before.push(series) }, recorder],
    });
    client.variation('plain', ADA, 'd');
    const [seen] = recorder.seen;
    expect(before).toEqual([seen?.series]);
    expect(before[0]).toBe(seen?.series);
    expect(seen?.series.user).toBe(ADA);
    expect([Object.isFrozen(seen?.series), Object.isFrozen(seen?.result)]).toEqual([true, true]);
  });

  it('is every metric, whether or not events are sent', () => {
    const recorder = new Recorder();
    const client = offlineClient(FLAGS, { hooks: [recorder] });
    client.trackMetric(ADA, 'bought');
    client.trackMetrics(ADA, { price: 9.5, items: 2 });
    client.trackMetrics(ADA, null as unknown as Record<string, number>);
    expect(recorder.tracked).toEqual([
      [ADA, 'bought', 1],
      [ADA, 'price', 9.5],
      [ADA, 'items', 2],
    ]);
  });

  it('is nothing of what the client evaluates without being asked', async () => {
    const seen = recorded((client) => {
      client.flagTracker.addFlagValueChangedListener('plain', ADA, () => undefined);
      client.initializeFromExternalJson({
        messageType: 'data-sync',
        data: {
          eventType: 'patch',
          featureFlags: [wireFlag('plain', 'new', { updatedAt: updatedAt(9) })],
          segments: [],
        },
      });
      const all = client.getAllLatestFlagVariations(ADA);
      expect([...all].length).toBe(FLAGS.length);
      all.toJSON();
      client.isFlagKnown('plain');
      client.identify(ADA);
    });
    expect(seen).toEqual([]);
  });
});

describe('several hooks', () => {
  it('are called in their order before, and in reverse order after', () => {
    const calls: string[] = [];
    const hook = (name: string): Hook => ({
      name,
      beforeEvaluation: () => {
        calls.push(`${name} before`);
        return name;
      },
      afterEvaluation: (_, __, data) => void calls.push(`${name} after with ${data}`),
      afterTrack: () => void calls.push(`${name} tracked`),
    });
    const client = offlineClient(FLAGS, { hooks: [hook('a'), { name: 'b', afterTrack: () => undefined }, hook('c')] });
    client.variation('plain', ADA);
    client.trackMetric(ADA, 'bought');
    expect(calls).toEqual(['a before', 'c before', 'c after with c', 'a after with a', 'c tracked', 'a tracked']);
  });

  it('keep their own `this`, and a list of their own', () => {
    const recorder = new Recorder();
    const hooks: Hook[] = [recorder];
    const client = offlineClient(FLAGS, { hooks });
    hooks.length = 0;
    client.variation('plain', ADA);
    expect(recorder.seen.length).toBe(1);
  });

  it('that evaluate and track themselves do not call each other', () => {
    let inner: unknown;
    const recorder = new Recorder();
    const asking: Hook = {
      name: 'asking',
      beforeEvaluation: () => {
        inner = client.variation('plain', ADA, 'd');
        client.trackMetric(ADA, 'asked');
      },
    };
    const client: FBClient = offlineClient(FLAGS, { hooks: [recorder, asking] });
    client.variation('count', ADA);
    expect(inner).toBe('on');
    expect(recorder.seen.map(({ series }) => series.flagKey)).toEqual(['count']);
    expect(recorder.tracked).toEqual([]);
  });
});

describe('a hook that fails', () => {
  const broken = (): never => {
    throw new TypeError('the secret of a user');
  };
  const rejecting = (): never => Promise.reject(new RangeError('the secret of a user')) as never;

  it.each([
    ['throws', broken, 'TypeError'],
    ['rejects', rejecting, 'RangeError'],
  ])('and %s changes nothing, and is logged once for each stage, without its message', async (_, fail, name) => {
    const logger = new RecordingLogger();
    const recorder = new Recorder();
    const bad: Hook = { name: 'bad', beforeEvaluation: fail, afterEvaluation: fail, afterTrack: fail };
    const client = offlineClient(FLAGS, { hooks: [bad, recorder], logger });
    for (let round = 0; round < 20; round++) {
      expect(client.variation('plain', ADA, 'd')).toBe('on');
      client.trackMetric(ADA, 'bought');
    }
    await vi.waitFor(() => expect(logger.codes('error').length).toBe(3));
    expect(recorder.seen.length).toBe(20);
    expect(recorder.tracked.length).toBe(20);
    const failures = logger.entries.filter(({ fields }) => fields?.code === 'hook-failed');
    expect(failures.map(({ fields }) => fields?.stage).toSorted()).toEqual([
      'afterEvaluation',
      'afterTrack',
      'beforeEvaluation',
    ]);
    for (const { message } of failures) expect(message).toContain(`of the hook "bad" failed with ${name}`);
    expect(logger.text).not.toContain('the secret of a user');
  });

  it('before the evaluation gets no data after it', () => {
    const got: unknown[] = [];
    const hook: Hook = {
      name: 'bad',
      beforeEvaluation: broken,
      afterEvaluation: (_, __, data) => void got.push(data),
    };
    offlineClient(FLAGS, { hooks: [hook] }).variation('plain', ADA);
    expect(got).toEqual([undefined]);
  });

  it('is called again by the next evaluation, and hooks of later evaluations are', () => {
    const recorder = new Recorder();
    const client = offlineClient(FLAGS, { hooks: [{ name: 'bad', beforeEvaluation: broken }, recorder] });
    client.variation('plain', ADA);
    client.variation('off', ADA);
    expect(recorder.seen.map(({ series }) => series.flagKey)).toEqual(['plain', 'off']);
  });
});

describe('details with hooks', () => {
  it.each(['plain', 'off', 'halves', 'damaged', 'x'])('of %s are those without hooks', (key) => {
    const plain = offlineClient(FLAGS, { defaults: { x: 'configured' } });
    const hooked = offlineClient(FLAGS, { defaults: { x: 'configured' }, hooks: [new Recorder()] });
    const all = [plain, hooked].map((client) => [
      client.variationDetail(key, ADA),
      client.variationDetail(key, ADA, 3),
      client.stringVariationDetail(key, ADA),
      client.boolVariationDetail(key, ADA, true),
      client.getAllLatestFlagVariations(ADA).get(key, 'd'),
      client.evaluate(key, ADA, 'number', null),
      client.variation(key, ADA),
    ]);
    expect(all[1]).toEqual(all[0]);
  });
});

describe('the option hooks', () => {
  it.each<[string, unknown, string]>([
    ['is an array', { name: 'x' }, 'must be an array of hooks; was of type object'],
    ['holds hooks with names', [{ beforeEvaluation: () => 1 }], 'must have names; that of hook 0 is no text, or blank'],
    [
      'holds no blank names',
      [{ name: ' ', afterTrack: () => 1 }],
      'must have names; that of hook 0 is no text, or blank',
    ],
    ['holds objects', [null], 'must have names; that of hook 0 is no text, or blank'],
    [
      'holds stages that are functions',
      [
        { name: 'a', afterTrack: () => 1 },
        { name: 'x', afterTrack: 1 },
      ],
      'must have functions as stages; afterTrack of hook 1 is none',
    ],
    [
      'holds hooks that have a stage',
      [{ name: 'x' }],
      'must have one of beforeEvaluation, afterEvaluation, afterTrack; hook 0 has none',
    ],
  ])('%s', (_, hooks, problem) => {
    const { error } = FBClient.create({ offline: true, hooks: hooks as Hook[] });
    expect(error?.problems).toEqual([{ option: 'hooks', problem }]);
  });
});
