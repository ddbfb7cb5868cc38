import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { KEY_ATTRIBUTE, type User } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { readFlag } from '../../src/documents/flag.js';
import { ClientFlags } from '../../src/evaluation/client-flags.js';
import { evaluateFlags } from '../../src/evaluation/evaluate.js';
import { openFeatureFlags } from '../../src/evaluation/openfeature-flags.js';
import { CompiledEnvironment } from '../../src/live/compiled-environment.js';
import type { StoredDocument } from '../../src/model/document.js';
import { Bytes } from '../../src/runtime/bytes.js';
import { aFlag, aRule } from '../support/documents.js';
import { aDocument, FakeChangeLog } from '../support/fake-change-log.js';
import { check } from '../support/property.js';

function flag(key: string, version: number, overrides: Record<string, unknown> = {}): StoredDocument {
  const reading = readFlag(aFlag(overrides), key);
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
  return aDocument(key, version, { id: key, ...reading.document });
}

const halves = [
  { id: 'on', rollout: [0, 0.5], exptRollout: 0.3 },
  { id: 'off', rollout: [0.5, 1], exptRollout: 0.1 },
];

async function compiled(...documents: readonly StoredDocument[]) {
  const environment = new CompiledEnvironment('e', new FakeChangeLog(...documents));
  return { environment, flags: await environment.current() };
}

/** What browsers are told of a flag, as far as it matters here. */
interface ToldFlag {
  readonly id: string;
  readonly variationId: string;
  readonly variation: string;
  readonly matchReason: string | null;
  readonly sendToExperiment: boolean;
  readonly timestamp: number;
}

const read = (message: Buffer | Bytes): { readonly featureFlags: readonly ToldFlag[] } =>
  JSON.parse(String(message instanceof Bytes ? message.whole() : message)).data;

describe('flags for browsers', () => {
  it('name the rule that decided, also where it divides users, if that is wanted', async () => {
    const condition = { property: 'country', op: 'Equal', value: 'NZ' };
    const other = { property: 'country', op: 'Equal', value: 'DE' };
    const rules = [
      { ...aRule(other), name: 'first' },
      { conditions: [condition], variations: halves, name: 'second' },
    ];
    const { flags } = await compiled(flag('f', 1, { rules }));
    const reasons = async (names: 'names' | 'neutral', user: User) =>
      read((await new ClientFlags(names).answer(flags, user, 0)).message).featureFlags[0]?.matchReason;
    for (const key of ['a', 'b', 'c', 'd']) {
      expect(await reasons('names', { key, country: 'NZ' })).toBe('second');
      expect(await reasons('neutral', { key, country: 'NZ' })).toBe('rule match');
    }
    expect(await reasons('names', { key: 'a', country: 'DE' })).toBe('first');
    expect(await reasons('names', { key: 'a' })).toBe('default');
  });

  it('are written once for all who get the same, whoever they are', async () => {
    const { flags } = await compiled(flag('f', 1));
    const clientFlags = new ClientFlags('neutral');
    const textOf = async (key: string) => {
      const { message } = await clientFlags.answer(flags, { key }, 0);
      return String(message).replace(JSON.stringify(key), '"?"');
    };
    expect(await textOf('ada')).toBe(await textOf('"quoted" é\u2028'));
  });

  it('that change while an answer is made are as they are then, or come again', async () => {
    const many = Array.from({ length: 3_000 }, (_, index) => flag(`f${index}`, index + 1));
    const { environment, flags } = await compiled(...many);
    const clientFlags = new ClientFlags('neutral');
    const answering = clientFlags.answer(flags, { key: 'u' }, 0);
    await setImmediate();
    environment.take(flag('f2999', 5_000, { isEnabled: false }));
    environment.remove({ environmentId: 'e', kind: 'flag', key: 'f2998', version: 2_999 });
    const { featureFlags } = read((await answering).message);
    const last = featureFlags.find(({ id }: { id: string }) => id === 'f2999');
    // Either it was told before the change, which is then pushed after the answer, or it is what it has become.
    expect([last?.variation, last?.timestamp]).toSatisfy(
      ([value, time]) => (value === 'true' && time === 3_000) || (value === 'false' && time === 5_000),
    );
  });

  it('are what the evaluate call and OpenFeature have, for any user', async () => {
    const attribute = fc.option(fc.constantFrom('NZ', 'DE', '', '7', '-1', 'é'), { nil: undefined });
    const condition = fc.oneof(
      fc.record({
        property: fc.constantFrom('country', 'keyId', 'name', 'key', 'none'),
        op: fc.constantFrom('Equal', 'NotEqual', 'Contains', 'StartsWith'),
        value: fc.constantFrom('NZ', 'u', '', 'k'),
      }),
      fc.record({
        property: fc.constant('country'),
        op: fc.constantFrom('IsOneOf', 'NotOneOf'),
        value: fc.constant('["NZ","7"]'),
      }),
      fc.record({
        property: fc.constant('country'),
        op: fc.constantFrom('LessThan', 'BiggerThan'),
        value: fc.constant('3'),
      }),
    );
    const rule = fc.record({
      conditions: fc.array(condition, { maxLength: 2 }),
      variations: fc.constant(halves),
      includedInExpt: fc.boolean(),
    });
    const aRandomFlag = fc.record({
      isEnabled: fc.boolean(),
      isArchived: fc.boolean(),
      exptIncludeAllTargets: fc.boolean(),
      targetUsers: fc.constantFrom([], [{ keyIds: ['u1'], variationId: 'off' }]),
      rules: fc.array(rule, { maxLength: 2 }),
      fallthrough: fc.constant({ variations: halves, includedInExpt: true }),
    });
    const user = fc.record({
      key: fc.constantFrom('u1', 'u2', 'u3'),
      name: fc.constantFrom(undefined, '', 'u'),
      country: attribute,
      own: attribute,
    });
    await check(
      fc.asyncProperty(
        fc.array(aRandomFlag, { minLength: 1, maxLength: 5 }),
        fc.array(user, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('no-match' as const, 'empty-string' as const),
        async (inputs, users, missing) => {
          const documents = inputs.map((input, index) => flag(`f${index}`, index + 1, input));
          const environment = new CompiledEnvironment('e', new FakeChangeLog(...documents), missing);
          const flags = await environment.current();
          const clientFlags = new ClientFlags('names');
          for (const { own, ...given } of users) {
            const one: User = { ...given, ...(own === undefined ? {} : { [KEY_ATTRIBUTE]: own }) };
            const evaluated = evaluateFlags(flags, one, { tagFilterMode: 'and' }, { isClient: true, rules: 'names' });
            const expected = [...evaluated].map(({ key, variation }) => [
              key,
              variation.id,
              variation.value,
              variation.matchReason,
              variation.sendToExperiment,
            ]);
            const { featureFlags } = read((await clientFlags.answer(flags, one, 0)).message);
            const told = featureFlags.map((f) => [f.id, f.variationId, f.variation, f.matchReason, f.sendToExperiment]);
            expect(told).toEqual(expected);
            const pushed = read(
              clientFlags.push(
                flags,
                one,
                flags.inOrder().map(({ key }) => key),
              ) ?? Buffer.from(''),
            );
            expect(pushed.featureFlags).toEqual(featureFlags);
            const { parts } = await openFeatureFlags(flags, one, true);
            const open = JSON.parse(`[${Buffer.concat(parts).subarray(1)}]`).map(
              ({ key, variant, value }: Record<string, unknown>) => [key, variant, String(value)],
            );
            expect(open).toEqual(expected.filter(([, id]) => id !== null).map(([key, id, value]) => [key, id, value]));
          }
        },
      ),
    );
  });
});
