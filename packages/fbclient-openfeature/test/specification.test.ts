import { readFileSync } from 'node:fs';
import { AstBuilder, compile, GherkinClassicTokenMatcher, Parser } from '@cucumber/gherkin';
import { IdGenerator, type Pickle, type PickleStep } from '@cucumber/messages';
import {
  type Client,
  type EvaluationContext,
  type EvaluationDetails,
  type JsonValue,
  OpenFeature,
} from '@openfeature/server-sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FBProvider } from '../src/index.js';
import { flag, full, rule, scriptedClient } from './support/scripted-source.js';

/** The cases of OpenFeature's specification (see gherkin/README.md), against the provider with flags in FeatBit's form. */
const read = (file: string): string => readFileSync(new URL(`gherkin/${file}`, import.meta.url), 'utf8');

interface TestFlag {
  readonly variants: Readonly<Record<string, JsonValue>>;
  readonly defaultVariant?: string | null;
  readonly disabled?: boolean;
  readonly contextEvaluator?: string;
}

const is = (property: string, value: string) => ({ property, op: 'Equal', value });
const BALLMER = is('email', 'ballmer@macrosoft.com');
/** The expressions of test-flags.json, as conditions of FeatBit's. */
const RULES: Readonly<Record<string, unknown>> = {
  "email == 'ballmer@macrosoft.com' ? 'zero' : ''": rule('zero', BALLMER),
  "!customer && email == 'ballmer@macrosoft.com' && age > 10 ? 'internal' : ''": rule(
    'internal',
    BALLMER,
    { property: 'customer', op: 'IsFalse', value: '' },
    { property: 'age', op: 'BiggerThan', value: '10' },
  ),
};
/** A disabled flag of FeatBit's serves a variation; the cases want the caller's default: it is the one that they give. */
const WHEN_OFF: Readonly<Record<string, JsonValue>> = {
  'boolean-disabled-flag': false,
  'string-disabled-flag': 'bye',
  'integer-disabled-flag': 1,
  'float-disabled-flag': 0.1,
  'object-disabled-flag': { a: 1 },
};

const FLAGS = Object.entries(JSON.parse(read('test-flags.json')) as Record<string, TestFlag>).flatMap(
  ([key, given]) => {
    // A flag of FeatBit's always serves something.
    if (typeof given.defaultVariant !== 'string') return [];
    const { variants, defaultVariant, disabled, contextEvaluator } = given;
    const off = WHEN_OFF[key];
    const variations = off === undefined ? variants : { ...variants, 'when off': off };
    const rules = contextEvaluator === undefined ? [] : [RULES[contextEvaluator]];
    return [flag(key, variations, { on: disabled !== true, serves: defaultVariant, off: 'when off', rules })];
  },
);

const parser = new Parser(new AstBuilder(IdGenerator.incrementing()), new GherkinClassicTokenMatcher());
const pickles = compile(parser.parse(read('evaluation.feature')), 'evaluation.feature', IdGenerator.incrementing());

/** What a case has at hand. */
interface Scene {
  client: Client;
  readonly context: Record<string, EvaluationContext[string]>;
  readonly hooks: string[];
  withHooks: boolean;
  type: string;
  key: string;
  fallback: JsonValue;
  details: EvaluationDetails<JsonValue> | undefined;
}

function valueIn(type: string, text: string): JsonValue {
  switch (type) {
    case 'Boolean':
      return text === 'true';
    case 'Integer':
    case 'Float':
      return Number(text);
    case 'Object':
      return JSON.parse(text.replaceAll('\\"', '"'));
    default:
      return text;
  }
}

async function provide(status: string): Promise<void> {
  const { client, source } = scriptedClient({ startWait: status === 'error' ? 1 : 60_000 });
  const provider = new FBProvider(client);
  const set = OpenFeature.setProviderAndWait(provider).catch(() => undefined);
  if (status === 'stable' || status === 'stale') await source.sink.accept(full(FLAGS));
  if (status === 'fatal') source.refuses();
  if (status === 'not ready') return;
  await set;
  if (status !== 'stale') return;
  source.goesAway();
  // The client calls its listeners a turn later.
  await new Promise((resolve) => setImmediate(resolve));
}

async function evaluate(scene: Scene): Promise<void> {
  const { client, key, fallback, context } = scene;
  const hook = (name: string) => ({
    before: () => void scene.hooks.push(`${name} before`),
    after: () => void scene.hooks.push(`${name} after`),
    finally: () => void scene.hooks.push(`${name} finally`),
  });
  const options = scene.withHooks ? { hooks: [hook('1'), hook('2')] } : {};
  if (scene.type === 'Boolean') {
    scene.details = await client.getBooleanDetails(key, fallback as boolean, context, options);
  } else if (scene.type === 'String') {
    scene.details = await client.getStringDetails(key, fallback as string, context, options);
  } else if (scene.type === 'Object') {
    scene.details = await client.getObjectDetails(key, fallback, context, options);
  } else {
    scene.details = await client.getNumberDetails(key, fallback as number, context, options);
  }
}

type Step = (scene: Scene, ...groups: string[]) => void | Promise<void>;

const STEPS: readonly (readonly [RegExp, Step])[] = [
  [
    /^an? (stable|not ready|error|fatal|stale) provider$/,
    async (scene, status = '') => {
      // The background has set a stable one already.
      await OpenFeature.clearProviders();
      await provide(status);
      scene.client = OpenFeature.getClient();
    },
  ],
  [
    /^a (\w+)-flag with key "(.*)" and a fallback value "(.*)"$/,
    (scene, type = '', key = '', fallback = '') => {
      Object.assign(scene, { type, key, fallback: valueIn(type, fallback) });
    },
  ],
  [
    /^a context containing a key "(.*)", with type "(.*)" and with value "(.*)"$/,
    (scene, key = '', type = '', value = '') => {
      scene.context[key] = valueIn(type, value);
    },
  ],
  [
    /^a context containing a key "(.*)" with null value$/,
    (scene, key = '') => {
      scene.context[key] = null as never;
    },
  ],
  [/^evaluation options containing specific hooks$/, (scene) => void Object.assign(scene, { withHooks: true })],
  [
    /^an evaluation context with modifiable data$/,
    (scene) => void Object.assign(scene.context, { email: 'x', list: [1], inner: { a: 1 } }),
  ],
  [/^the flag was evaluated with details( asynchronously| using the evaluation options)?$/, evaluate],
  [
    /^the resolved details value should be "(.*)"$/,
    ({ details, type }, value = '') => expect(details?.value).toEqual(valueIn(type, value)),
  ],
  [/^the reason should be "(.*)"$/, ({ details }, reason) => expect(details?.reason).toBe(reason)],
  [/^the error-code should be "(.*)"$/, ({ details }, code) => expect(details?.errorCode).toBe(code)],
  [/^the flag key should be "(.*)"$/, ({ details }, key) => expect(details?.flagKey).toBe(key)],
  [/^the variant should be "(.*)"$/, ({ details }, variant) => expect(details?.variant).toBe(variant)],
  [/^the provider status should be "(.*)"$/, ({ client }, status) => expect(client.providerStatus).toBe(status)],
  [/^the specified hooks should execute during evaluation$/, ({ hooks }) => expect(hooks.length).toBe(6)],
  [
    /^the hook order should be maintained$/,
    ({ hooks }) => expect(hooks).toEqual(['1 before', '2 before', '2 after', '1 after', '2 finally', '1 finally']),
  ],
  [
    /^the original evaluation context should remain unmodified$/,
    ({ context }) => expect(context).toEqual({ email: 'x', list: [1], inner: { a: 1 } }),
  ],
  [
    /^the evaluation details should be immutable$/,
    ({ details }) => expect([Object.isFrozen(details?.flagMetadata)]).toEqual([true]),
  ],
  [/^the evaluation should complete without blocking$/, ({ details }) => expect(details).toBeDefined()],
];

/** Steps, by case, that ask for what FeatBit's flags do not have; here is what holds instead. */
const OTHERWISE: Readonly<Record<string, readonly [RegExp, Step]>> = {
  // Nothing is cached: every evaluation is made from memory.
  'CACHED reason': [/^the reason should be "CACHED"$/, ({ details }) => expect(details?.reason).toBe('STATIC')],
  // A flag has no metadata of its own; there is what telemetry asks for.
  'Flag metadata in evaluation details': [
    /^the resolved metadata should contain$/,
    ({ details }) =>
      expect(details?.flagMetadata).toEqual({ contextId: 'somebody', version: expect.stringMatching(/^\d+$/) }),
  ],
};

async function play(scene: Scene, name: string, { text }: PickleStep): Promise<void> {
  for (const [pattern, step] of [...(OTHERWISE[name] === undefined ? [] : [OTHERWISE[name]]), ...STEPS]) {
    const found = pattern.exec(text);
    if (found !== null) return await step(scene, ...found.slice(1));
  }
  throw new Error(`no step for: ${text}`);
}

beforeEach(() => {
  OpenFeature.setLogger({ error: () => {}, warn: () => {}, info: () => {}, debug: () => {} });
  // The cases have contexts without a key, which a user of FeatBit's must have.
  OpenFeature.setContext({ targetingKey: 'somebody' });
});
afterEach(async () => {
  OpenFeature.setContext({});
  await OpenFeature.clearProviders();
});

describe('the specification of OpenFeature', () => {
  it('has 82 cases, of which 3 have a step that asks for what FeatBit’s flags do not have', () => {
    const others = pickles.flatMap(({ name, steps }) =>
      steps.filter(({ text }) => OTHERWISE[name]?.[0].test(text)).map(() => name),
    );
    expect([pickles.length, others]).toEqual([
      82,
      ['Flag metadata in evaluation details', 'CACHED reason', 'CACHED reason'],
    ]);
  });

  const named = pickles.map((pickle, index): [string, Pickle] => {
    const about = pickle.steps.map(({ text }) =>
      /key "([^"]*)"|an? ([\w ]+) provider/.exec(text)?.slice(1).find(Boolean),
    );
    return [`${index + 1} ${pickle.name}: ${about.filter((one) => one !== undefined).at(-1)}`, pickle];
  });
  it.each(named)('%s', async (_, pickle) => {
    const scene: Scene = {
      client: OpenFeature.getClient(),
      context: {},
      hooks: [],
      withHooks: false,
      type: 'String',
      key: '',
      fallback: '',
      details: undefined,
    };
    for (const step of pickle.steps) await play(scene, pickle.name, step);
  });
});
