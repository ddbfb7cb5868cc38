/** The fixtures that a client shows one at a time: synchronisation, bulk evaluation, tokens, payloads. */
import type { BulkCase, Frame, InsightCall, InsightCase, SecretCase, SyncCase, TokenCase } from '../fixtures/types.js';
import { isUsableUser } from '../reference/evaluate.js';
import { guidOf } from '../reference/guid.js';
import { dataSync } from '../server/scripted-server.js';
import type { SuiteCase } from './case.js';
import { normalPayload, sorted } from './payload.js';
import { SkipError, type Trial, type TrialClient } from './trial.js';

const MARKER = 'conformance/marker';
const SEEN = guidOf('conformance/marker/seen');

/** A flag of the smallest version, so that a patch with it moves no cursor but that of an empty store. */
const MARKER_FLAG = {
  id: guidOf(MARKER),
  envId: '226b9bf8-4af3-4ffa-9b01-162270e4cd40',
  key: MARKER,
  name: 'marker',
  variationType: 'string',
  variations: [{ id: SEEN, value: 'seen' }],
  targetUsers: [],
  rules: [],
  isEnabled: true,
  disabledVariationId: SEEN,
  fallthrough: { includedInExpt: false, variations: [{ id: SEEN, rollout: [0, 1], exptRollout: 0 }] },
  exptIncludeAllTargets: false,
  tags: [],
  isArchived: false,
  createdAt: '1970-01-01T00:00:00Z',
  updatedAt: '1970-01-01T00:00:00.001Z',
};

const textOf = (frame: Frame): string => ('text' in frame ? frame.text : JSON.stringify(frame.json));

export function syncSuiteCase(group: string, source: SyncCase): SuiteCase {
  const { id, rule, description } = source;
  return { id, group, rule, description, needs: ['streaming'], run: (trial) => runSync(trial, source) };
}

/** Bytes from which on every SDK that treats long messages in another way does so. */
const LONG = 300_000;

/** The same in messages that are long: white space behind it makes no message another one. */
export function longSyncSuiteCase(group: string, source: SyncCase): SuiteCase {
  const { id, rule, description, given } = source;
  const messages = given.messages.map((frame) => ({ text: textOf(frame) + ' '.repeat(LONG) }));
  return {
    id: `${group}/${id}`,
    group,
    rule,
    description: `${description} In long messages.`,
    needs: ['streaming'],
    run: (trial) => runSync(trial, { ...source, given: { messages } }),
  };
}

async function runSync(trial: Trial, { given, when, then }: SyncCase): Promise<void> {
  const server = await trial.server();
  const [first, ...others] = given.messages;
  let answered = false;
  server.onDataSync = (_timestamp, connection) => {
    if (answered || first === undefined) return undefined;
    answered = true;
    connection.sendText(textOf(first));
    for (const frame of others) connection.sendText(textOf(frame));
    return undefined;
  };
  const client = await trial.client(server);
  const connection = await server.synced(1, 5_000);
  await connection.delivered();
  if (!then.initialized && trial.offers('initialized')) {
    trial.equal('initialized', await client.initialized(), false);
  }
  // On the same connection: none of the messages may have ended it.
  connection.send(dataSync('patch', [MARKER_FLAG], []));
  await trial.eventually('a flag patched in after the messages', () => client.value(MARKER), 'seen');
  trial.equal('the number of connections', server.connections.length, 1);
  for (const flagKey of when.flags) {
    const expected = Object.getOwnPropertyDescriptor(then.flags, flagKey)?.value ?? 'fallback';
    const { value } = await client.evaluate(flagKey, when.user, 'string', 'fallback');
    trial.equal(`the value of flag ${JSON.stringify(flagKey)}`, value, expected);
  }
  connection.close(1001);
  const next = await server.synced(2, trial.reconnectDeadline);
  const greatest = Math.max(then.cursor, 1);
  // Asking for everything is right too as long as nothing whole has come: a patch may be a push that overtook the answer.
  const expected = next.cursor === 0 && !bringsAFull(given.messages, then.messages) ? 0 : greatest;
  trial.equal('the cursor of the next data-sync', next.cursor, expected);
}

function bringsAFull(messages: SyncCase['given']['messages'], outcomes: SyncCase['then']['messages']): boolean {
  return messages.some(
    (frame, index) => outcomes[index]?.accepted === true && /"eventType":\s*"full"/.test(textOf(frame)),
  );
}

export function bulkSuiteCase(group: string, source: BulkCase): SuiteCase {
  const { id, rule, description } = source;
  return { id, group, rule, description, needs: ['allFlags'], run: (trial) => runBulk(trial, source) };
}

async function runBulk(trial: Trial, { given, then }: BulkCase): Promise<void> {
  if (!isUsableUser(given.user)) trial.needs('rawInput');
  const { client } = await trial.clientWith(given.flags, given.segments);
  const reply = await client.allFlags(given.user);
  if (then.success !== undefined && reply.success !== undefined) trial.equal('success', reply.success, then.success);
  const expected = then.flags.map(({ flagKey, value, variationId, reason }) => {
    const told = reply.flags.find((flag) => flag.flagKey === flagKey);
    return {
      flagKey,
      value,
      variationId: told !== undefined && told.variationId === undefined ? undefined : variationId,
      reason: told !== undefined && told.reason === undefined ? undefined : reason,
    };
  });
  const seen = reply.flags.map(({ flagKey, value, variationId, reason }) => ({ flagKey, value, variationId, reason }));
  trial.equal('the flags', sorted(seen), sorted(expected));
}

export function tokenSuiteCase(group: string, source: TokenCase): SuiteCase {
  const { id, rule, description } = source;
  return {
    id,
    group,
    rule,
    description,
    needs: ['makeToken'],
    async run(trial) {
      const { token } = await trial.driver.request('makeToken', source.given, 5_000);
      trial.equal('the token', token, source.then.token);
    },
  };
}

export function secretSuiteCase(group: string, { id, rule, description }: SecretCase): SuiteCase {
  return {
    id,
    group,
    rule,
    description,
    needs: [],
    run: () => Promise.reject(new SkipError('a server’s side: no SDK makes secrets')),
  };
}

const LAST_USER = { key: 'conformance-last' };

export function insightSuiteCase(group: string, source: InsightCase): SuiteCase {
  const { id, rule, description } = source;
  return {
    id,
    group,
    rule,
    description,
    needs: ['streaming', 'flush', 'track'],
    run: (trial) => runInsight(trial, source),
  };
}

async function runInsight(trial: Trial, { given, when, then }: InsightCase): Promise<void> {
  if (when.calls.some((call) => call.call === 'identify')) trial.needs('identify');
  if (when.calls.some((call) => call.call === 'evaluateAll')) trial.needs('allFlags');
  const raw =
    !isUsableUser(given.user) || when.calls.some((call) => call.call === 'track' && typeof call.eventName !== 'string');
  if (raw) trial.needs('rawInput');
  const { client, server } = await trial.clientWith(given.flags, given.segments);
  const start = Date.now();
  for (const call of when.calls) await make(client, given.user, call);
  // What comes last tells that all has arrived.
  await client.track(LAST_USER, 'last', 1);
  await client.flush();
  const isLast = (event: Record<string, unknown>): boolean =>
    (event.user as { keyId?: unknown } | undefined)?.keyId === LAST_USER.key;
  await server.until('a metric tracked last', () => server.events.find(isLast), 5_000);
  const seen = server.events.filter((event) => !isLast(event)).map((event) => normalPayload(event, start, Date.now()));
  trial.equal('the payload', sorted(seen), sorted(then.payload.map((event) => normalPayload(event, 0, 0))));
}

async function make(client: TrialClient, user: unknown, call: InsightCall): Promise<void> {
  switch (call.call) {
    case 'evaluate':
      await client.evaluate(call.flag, user, call.type, call.default);
      break;
    case 'evaluateAll':
      await client.allFlags(user);
      break;
    case 'track':
      await client.track(user, call.eventName, call.value);
      break;
    case 'identify':
      await client.identify(user);
  }
}
