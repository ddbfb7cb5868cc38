// biome-ignore lint/style/noRestrictedImports: the entry that it documents for this draft of JSON Schema
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import {
  GrantsBody,
  InvitedBody,
  LinkBody,
  MeBody,
  NewTokenBody,
  OpenLinkBody,
  SessionBody,
  SessionStateBody,
  SignedOutBody,
  TokenBody,
  UserBody,
} from '../../src/api/access.js';
import {
  ActorBody,
  ChangeEventBody,
  EnvironmentBody,
  ErrorBody,
  EvaluatedFlag,
  ExperimentEventBody,
  HealthBody,
  InsightsBody,
  ManifestBody,
  NewEnvironmentBody,
  NewSecretBody,
  RateLimitedBody,
  SecretBody,
} from '../../src/api/answers.js';
import { AuditDetailBody, AuditEntryBody, AuditListBody } from '../../src/api/audit.js';
import { ConnectionBody, ConnectionListBody, ConnectionsEventBody } from '../../src/api/connections.js';
import { ChangedFlagBody, FlagBody, FlagInput, SegmentBody, SegmentInput } from '../../src/api/documents.js';
import { ExperimentResultsBody, ExperimentSeriesBody } from '../../src/api/experiment-results.js';
import { ChecksBody, ExperimentBody, ExperimentInput, ExperimentListItem } from '../../src/api/experiments.js';
import { ExplainedRule, ExplainedSegment, ExplanationBody } from '../../src/api/explanation.js';
import { FlagSummary } from '../../src/api/flag-summary.js';
import { MetricBody, MetricInput } from '../../src/api/metrics.js';
import type { JsonSchema, Schema } from '../../src/api/schema.js';
import { EnvironmentFileBody, PromotionInput, TransferBody } from '../../src/api/transfer.js';
import { NewTriggerBody, TriggerBody, TriggeredBody, TriggerListBody } from '../../src/api/triggers.js';
import { EvaluationsBody, FlagUsageBody, UsageBody, UsageEventBody } from '../../src/api/usage.js';
import {
  DeliveryBody,
  DeliveryListBody,
  NewWebhookBody,
  WebhookBody,
  WebhookListBody,
} from '../../src/api/webhooks.js';

const AT = '2026-01-01T00:00:00.000Z';
const ACTOR = { kind: 'user', id: 'u1', name: 'Ada' };
const GRANTS = { role: 'viewer', environments: { dev: 'editor' } };
const ME = { ...GRANTS, id: 'u1', name: 'Ada', kind: 'user', session: null, hasPassword: true };
const USER = {
  ...{ ...GRANTS, id: 'u1', name: 'Ada', state: 'active', signsInWith: 'password' },
  ...{ createdAt: AT, lastSignInAt: null },
};
const TOKEN = {
  ...{ ...GRANTS, id: 't1', name: 'CI', start: 'fbt_ab', createdBy: 'Ada', createdAt: AT, expiresAt: null },
  ...{ isExpired: false, lastUsedAt: null, isRevocable: true },
};
const DELIVERY = {
  ...{ id: '5', messageId: 'msg_1', type: 'flag.update', state: 'waiting', createdAt: AT, attempts: 1 },
  ...{ triedAt: AT, nextAt: AT, status: 500, problem: 'status' },
};
const WEBHOOK = {
  ...{ id: 'w1', name: 'Chat', url: 'https://chat.example/', events: ['flag.*'], isEnabled: true },
  ...{ createdBy: 'Ada', createdAt: AT, deliveries: { waiting: 1, delivered: 2, dead: 3, dropped: 4 }, last: DELIVERY },
};
const TRIGGER = {
  ...{ id: 't1', flag: 'f', name: 'Alert', action: 'off', start: 'fbt_ab', isEnabled: true },
  ...{ createdBy: 'Ada', createdAt: AT, uses: 5, lastUsedAt: null },
};
const ENVIRONMENT = { id: 'e1', key: 'dev', name: 'Dev', isProtected: false, role: 'admin', connections: 3 };
const SECRET = { id: 's1', kind: 'server', name: 'first', createdAt: null, lastUsedAt: AT, connections: 0 };
const ENTRY = {
  ...{ id: 1, at: AT, actor: ACTOR, action: 'update', subject: { kind: 'flag', key: 'f', environment: 'dev' } },
  ...{ fields: ['rules'], beforeVersion: 1, version: 2, comment: null, group: null, source: null },
};
const CONNECTION = { id: 'c1', kind: 'client', name: null, version: null, since: AT, sentVersion: 5, behind: 0 };
const SLICE = { id: 'on', rollout: [0, 1] };
const SERVING = { dispatchKey: null, includedInExpt: true, variations: [SLICE] };
const RULE = { id: 'r1', name: 'Germans', conditions: [{ property: 'country', op: 'Equal', value: 'DE' }] };
const SERVED = { createdAt: AT, updatedAt: AT, envId: 'e1', creatorId: 'u1', updatorId: 'u1' };
const FLAG_SENT = {
  ...{ key: 'f', name: 'F', isEnabled: true, isArchived: false, tags: ['a'], description: null },
  ...{ targetUsers: [{ variationId: 'on', keyIds: ['ada'] }], rules: [{ ...RULE, ...SERVING }] },
  ...{ variationType: 'boolean', variations: [{ id: 'on', name: null, value: 'true' }], disabledVariationId: 'on' },
  fallthrough: SERVING,
};
const FLAG = { ...FLAG_SENT, id: 'i1', ...SERVED };
const SEGMENT_SENT = {
  ...{ id: 'beta', name: 'Beta', description: null, isArchived: false, included: ['a'], excluded: ['b'] },
  rules: [RULE],
};
const SEGMENT = { ...SEGMENT_SENT, ...SERVED };
const METRIC = {
  ...{ key: 'm', name: 'M', type: 'ratio', event: 'order', aggregation: 'sum' },
  ...{ denominator: { event: 'visit', aggregation: 'count' }, lowerIsBetter: false },
  ...{ cap: null, windowHours: 24, delayDays: null },
};
const SETTINGS = {
  ...{ name: 'E', hypothesis: '', flagKey: 'f', control: 'off', treatments: ['on'], method: 'fixed' },
  ...{ metrics: [{ key: 'm', role: 'goal', margin: null, plannedEffect: 0.05 }], alpha: 0.05, power: 0.8 },
  ...{ plannedUsers: 10_000, excludedSegment: null, covariateDays: 14 },
};
const DECISION = { kind: 'roll-out', variation: 'on', at: AT, by: ACTOR };
const COMPARISON = {
  ...{ variation: 'on', verdict: 'better', result: { status: 'ok' }, adjustedPValue: 0.01, conclusion: 'It is.' },
  bayes: {
    ...{ mean: 1, standardDeviation: 1, low: 0, high: 2, chanceToWin: 0.9 },
    ...{ riskOfTreatment: 0, riskOfControl: 0.1 },
  },
  remaining: { usersNeeded: 10, additionalUsers: 5, days: null },
};
const RESULTS = {
  ...{ key: 'e', name: 'E', state: 'running', hypothesis: '', decision: null, verdict: 'mixed', sentence: 'Both.' },
  ...{ flagKey: 'f', method: 'fixed', alpha: 0.05, power: 0.8, plannedUsers: 10_000, covariateDays: null },
  ...{
    users: 2,
    usersPerDay: 0.5,
    lastEventAt: AT,
    split: { status: 'ok' },
    late: 0,
    oversized: 0,
    undeclared: 0,
    replays: 0,
  },
  ...{ refusedRequests: 0, excluded: { several: 0, targeted: 0, segment: 0 } },
  iteration: {
    ...{ number: 1, start: AT, end: null, frozenAt: null, isFrozen: false, isSound: false },
    pauses: [{ from: AT, to: null }],
    marks: [{ at: AT, what: ['rules'], flagVersion: 5, by: 'ada', isUnsound: true }],
  },
  variations: [{ id: 'on', value: 'true', weight: 0.5, isControl: false, users: 1 }],
  metrics: [
    {
      ...{ key: 'm', name: 'M', type: 'sum', role: 'goal', lowerIsBetter: false, margin: null, plannedEffect: null },
      values: [{ variation: 'on', users: 1, nonzero: 1, total: 2.5, value: 2.5 }],
      comparisons: [COMPARISON],
    },
  ],
  warnings: [{ code: 'one-user', message: 'One user.' }],
};
const VERDICT = { verdict: 'holds', counted: true, failure: 'because' };
const ASKS = { ...VERDICT, about: 'attribute', attribute: 'country', op: 'Equal', text: 'DE', obstacle: 'none' };
const EXPLAINED_RULE = { verdict: 'not-reached', conditions: [ASKS] };
const EXPLAINED_SEGMENT = { id: 'beta', contains: true, decidedBy: 'rule', rule: 0, rules: [EXPLAINED_RULE] };
const USAGE = { key: 'f', count: 5, lastAt: AT, hours: [0, 5] };

/** Each body as a good one is, with every member that it may have. Those that others consist of stand first. */
const BODIES: readonly (readonly [name: string, schema: Schema<unknown>, good: Readonly<Record<string, unknown>>])[] = [
  ['grants', GrantsBody, GRANTS],
  ['a message to a webhook', DeliveryBody, DELIVERY],
  ['messages to a webhook', DeliveryListBody, { items: [DELIVERY] }],
  ['a webhook', WebhookBody, WEBHOOK],
  ['a new webhook', NewWebhookBody, { ...WEBHOOK, secret: 'whsec_AAAA' }],
  ['webhooks', WebhookListBody, { items: [WEBHOOK] }],
  ['a trigger', TriggerBody, TRIGGER],
  ['a new trigger', NewTriggerBody, { ...TRIGGER, token: 'fbt_abc', path: '/api/public/triggers/fbt_abc' }],
  ['triggers', TriggerListBody, { items: [TRIGGER] }],
  ['a flag that was switched', TriggeredBody, { flag: 'f', isEnabled: true, version: 5 }],
  ['whoever asks', MeBody, ME],
  ['the state of a session', SessionStateBody, { me: ME, hasUsers: true, identityProvider: null }],
  ['the end of a session', SignedOutBody, { continueAt: null }],
  ['a session', SessionBody, { id: 's', createdAt: AT, lastUsedAt: AT, endsAt: AT, agent: 'Firefox', isThis: true }],
  ['a user', UserBody, USER],
  ['a link', LinkBody, { link: '/welcome#x', expiresAt: AT }],
  ['an invitation', InvitedBody, { link: '/welcome#x', expiresAt: AT, user: USER }],
  ['an open link', OpenLinkBody, { name: null, expiresAt: AT }],
  ['an access token', TokenBody, TOKEN],
  ['a new access token', NewTokenBody, { ...TOKEN, token: 'fbt_abc' }],
  ['an actor', ActorBody, ACTOR],
  [
    'an error',
    ErrorBody,
    {
      ...{ code: 'invalid-document', message: 'It has a fault.' },
      faults: [{ code: 'missing', path: 'key', message: 'Required.' }],
      current: { version: 5, changedAt: AT, changedBy: null },
      requestId: 'r1',
    },
  ],
  ['an environment', EnvironmentBody, ENVIRONMENT],
  ['a new environment', NewEnvironmentBody, { ...ENVIRONMENT, serverSecret: 's', clientSecret: 'c' }],
  ['an event `change`', ChangeEventBody, { kind: 'segment', key: 'beta', version: 5 }],
  ['an event `experiment`', ExperimentEventBody, { key: 'e' }],
  ['a secret', SecretBody, SECRET],
  ['a new secret', NewSecretBody, { ...SECRET, secret: 's' }],
  [
    'insights',
    InsightsBody,
    {
      flags: [{ key: 'f', count: 1, variations: [{ id: 'on', count: 1, experimentCount: 0, lastAt: AT }] }],
      metrics: [{ eventName: 'order', count: 1, sum: 2.5, min: 2.5, max: 2.5, lastAt: AT }],
      ...{ identifications: 0, rejected: 0, overflow: { evaluations: 0, metrics: 0 } },
    },
  ],
  [
    "FeatBit's refusal of too many requests",
    RateLimitedBody,
    { error: 'Rate limit exceeded. Please try again later.' },
  ],
  [
    'an evaluated flag',
    EvaluatedFlag,
    { key: 'f', variation: { id: null, type: 'boolean', value: null, matchReason: null, sendToExperiment: false } },
  ],
  [
    'a manifest',
    ManifestBody,
    { flags: [{ key: 'f', name: 'F', type: 'integer', description: null, defaultValue: 5 }] },
  ],
  ['health', HealthBody, { status: 'Healthy' }],
  ['an entry of the audit log', AuditEntryBody, ENTRY],
  ['an entry with its states', AuditDetailBody, { ...ENTRY, before: null, after: { any: 'thing' } }],
  ['a page of the audit log', AuditListBody, { items: [ENTRY], next: null }],
  ['a connection', ConnectionBody, CONNECTION],
  ['a page of connections', ConnectionListBody, { count: 5, items: [CONNECTION], next: 'c1' }],
  ['an event `connections`', ConnectionsEventBody, { count: 5 }],
  ['a flag', FlagBody, FLAG],
  ['a changed flag', ChangedFlagBody, { ...FLAG, warnings: [{ code: 'archived', path: 'key', message: 'It is.' }] }],
  ['a flag as it is sent', FlagInput, FLAG_SENT],
  ['a segment', SegmentBody, SEGMENT],
  ['a segment as it is sent', SegmentInput, SEGMENT_SENT],
  ['a metric', MetricBody, METRIC],
  ['a metric as it is sent', MetricInput, METRIC],
  [
    'an experiment',
    ExperimentBody,
    {
      ...{ ...SETTINGS, key: 'e', state: 'draft', revision: 1, createdAt: AT, createdBy: ACTOR, updatedAt: AT },
      ...{ decision: DECISION, iterations: [{ number: 1, start: AT, end: null }] },
    },
  ],
  ['an experiment as it is sent', ExperimentInput, { ...SETTINGS, key: 'e' }],
  [
    'an experiment in a list',
    ExperimentListItem,
    {
      ...{ key: 'e', name: 'E', flagKey: 'f', state: 'paused', start: AT, end: null, users: 5 },
      ...{ plannedUsers: 10, daysLeft: 0.5, verdict: 'not-started', sentence: 'Not started yet.' },
    },
  ],
  [
    'what is to be known before a start',
    ChecksBody,
    {
      ...{ canStart: false, canStartAdjusted: true, usersPerDay: null, plannedDays: 3.5 },
      checks: [{ code: 'no-goal', level: 'error', message: 'Choose one.', isAdjustable: false }],
    },
  ],
  ['results', ExperimentResultsBody, RESULTS],
  [
    'a series',
    ExperimentSeriesBody,
    {
      points: [{ at: AT, users: 5, intervals: [{ metric: 'm', variation: 'on', uplift: null, low: -0.5, high: 0.5 }] }],
    },
  ],
  ['an explained rule', ExplainedRule, EXPLAINED_RULE],
  ['an explained segment', ExplainedSegment, EXPLAINED_SEGMENT],
  [
    'an explanation',
    ExplanationBody,
    {
      ...{ key: 'f', version: 5, variationType: 'json', variationId: null, value: null, reason: 'RuleMatch' },
      ...{ failure: 'because', decidedBy: 'rule', rule: 0, rules: [EXPLAINED_RULE], segments: [EXPLAINED_SEGMENT] },
      rollout: {
        ...{ attribute: 'keyId', text: 'ada', bucket: 0.5, interval: null },
        intervals: [{ low: 0, high: 1, variationId: null }],
      },
    },
  ],
  [
    'a flag in short',
    FlagSummary,
    {
      ...{ key: 'f', name: 'F', description: 'd', tags: ['a'], variationType: 'string', isEnabled: true },
      ...{ isArchived: false, version: 5, updatedBy: 'ada', variations: [{ id: 'on', name: 'On', value: 'true' }] },
      ...{ serving: [['on', 0.5]], disabledVariationId: 'on', rules: 0, targets: 0, segments: ['beta'] },
      ...{ attributes: ['country'], values: ['DE'] },
    },
  ],
  [
    'a file of an environment',
    EnvironmentFileBody,
    {
      ...{ format: 'fbcenter-environment', formatVersion: 1, exportedAt: AT, environment: { key: 'dev', name: 'Dev' } },
      ...{ segments: [SEGMENT_SENT], flags: [FLAG_SENT] },
    },
  ],
  [
    'what a transfer does',
    TransferBody,
    {
      ...{ dryRun: true, plan: 'p', group: null, counts: { created: 1, changed: 0, same: 0, faulty: 0 } },
      items: [
        {
          ...{ kind: 'flag', key: 'f', path: 'flags[0]', outcome: 'created', fields: ['rules'], version: null },
          isEnabled: null,
          ...{ faults: [], warnings: [{ code: 'archived', path: 'key', message: 'It is.' }] },
        },
      ],
    },
  ],
  ['a promotion', PromotionInput, { from: 'staging', flags: ['f'], withSwitch: true, withSegments: false }],
  ['the usage of a flag', FlagUsageBody, USAGE],
  ['usage', UsageBody, { items: [USAGE], unknown: [{ key: 'x', count: 1, lastAt: AT }] }],
  ['an event `usage`', UsageEventBody, { items: [USAGE], isPartial: false }],
  [
    'evaluations over time',
    EvaluationsBody,
    { bucket: 'hour', from: AT, length: 3_600_000, variations: [{ id: 'on', counts: [0, 5] }] },
  ],
];

const ajv = new Ajv2020({ strict: false, validateFormats: false });

function judgeOf({ json, definitions }: Schema<unknown>) {
  return ajv.compile({ ...json, components: { schemas: definitions } });
}

/** Whatever stands for `T` in a schema: itself, or what its name refers to. */
function resolved(schema: JsonSchema, definitions: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const { $ref } = schema;
  return typeof $ref === 'string' ? (definitions[$ref.split('/').at(-1) ?? ''] ?? {}) : schema;
}

/** An object of a schema, found in a good body, with the way to it. */
interface Place {
  readonly path: readonly (string | number)[];
  readonly schema: JsonSchema;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Every object within a good body that has a schema of its own; of alternatives none, they are looked at below. */
function placesIn(
  schema: JsonSchema,
  value: unknown,
  definitions: Readonly<Record<string, JsonSchema>>,
  path: readonly (string | number)[] = [],
): readonly Place[] {
  const { anyOf, items, properties, ...own } = resolved(schema, definitions);
  if (Array.isArray(anyOf)) {
    const [first, second] = anyOf as readonly JsonSchema[];
    const isNullable = second?.type === 'null';
    return isNullable && value !== null && first !== undefined ? placesIn(first, value, definitions, path) : [];
  }
  if (Array.isArray(value)) {
    if (items === undefined) return [];
    return value.flatMap((item, index) => placesIn(items as JsonSchema, item, definitions, [...path, index]));
  }
  if (properties === undefined || typeof value !== 'object' || value === null) return [];
  const members = value as Readonly<Record<string, unknown>>;
  const within = Object.entries(properties as Readonly<Record<string, JsonSchema>>).flatMap(([name, member]) =>
    name in members ? placesIn(member, members[name], definitions, [...path, name]) : [],
  );
  return [{ path, schema: { properties, ...own }, value: members }, ...within];
}

/** A copy with another object at a place. */
function replaced(whole: unknown, path: readonly (string | number)[], object: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return object;
  if (Array.isArray(whole)) return whole.map((item, index) => (index === first ? replaced(item, rest, object) : item));
  const members = whole as Readonly<Record<string, unknown>>;
  return { ...members, [first]: replaced(members[first], rest, object) };
}

const without = (object: Readonly<Record<string, unknown>>, name: string) =>
  Object.fromEntries(Object.entries(object).filter(([one]) => one !== name));

/** Members that take anything, so that no type is wrong for them. */
const ANYTHING = new Set(['after', 'before', 'defaultValue']);

describe.each(BODIES)('the schema of %s', (_, schema, good) => {
  const judge = judgeOf(schema);
  const places = placesIn(schema.json, good, schema.definitions);
  const at = ({ path }: Place, name: string) => [...path, name].join('.');

  it('takes a good one', () => {
    expect(judge(good), JSON.stringify(judge.errors)).toBe(true);
    expect(places.length).toBeGreaterThan(0);
  });

  it.each([null, 'text', 5, true, []])('takes no %j for one', (other) => {
    expect(judge(other)).toBe(false);
  });

  it('has an example here of every member that it knows', () => {
    for (const { schema: own, value, path } of places) {
      expect(Object.keys(value).sort(), path.join('.')).toEqual(
        Object.keys({ ...(own.properties as object) })
          .filter((name) => name in value || !isSeldom(name))
          .sort(),
      );
    }
  });

  it('takes none without a member that is required, and any without one that is not', () => {
    for (const place of places) {
      const required = (place.schema.required ?? []) as readonly string[];
      for (const name of Object.keys(place.value)) {
        const damaged = replaced(good, place.path, without(place.value, name));
        expect(judge(damaged), at(place, name)).toBe(!required.includes(name));
      }
    }
  });

  it('takes no member of another type', () => {
    for (const place of places) {
      for (const name of Object.keys(place.value).filter((one) => !ANYTHING.has(one))) {
        const damaged = replaced(good, place.path, { ...place.value, [name]: { not: ['of', 'this', 'type'] } });
        expect(judge(damaged), at(place, name)).toBe(false);
      }
    }
  });

  it('takes a member that it does not know only where it is open', () => {
    for (const place of places) {
      const more = replaced(good, place.path, { ...place.value, unheardOf: 1 });
      expect(judge(more), place.path.join('.')).toBe(place.schema.additionalProperties !== false);
    }
  });
});

/** Members that an example may do without: they are of special cases, or old ones. */
function isSeldom(name: string): boolean {
  return name === 'exptRollout' || name === 'description';
}
