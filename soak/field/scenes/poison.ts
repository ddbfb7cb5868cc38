import { FeatBitServer, servingFlag } from 'fbclient-conformance/featbit-server';
import type { Line } from '../../verdict.js';
import { type Scene, type Stage, sum, until } from '../scene.js';
import type { FieldClient } from '../sdk.js';
import { flagsOf } from '../values.js';

/** Events of a run, the poisoned ones included: one batch. */
const EVENTS = 50;
/** Requests that a run may take; halving 50 down to two needs some 25, and a server error is tried again first. */
const MOST_REQUESTS = 40;
/** How long delivering may take, in milliseconds. */
const PATIENCE = 240_000;
const HALF = '\ud83d';
const BEYOND_FLOAT = 1e39;
/** The flag whose own value is cut in the middle of a pair. */
const CUT_FLAG = 'cut';

/** Records one event that spoils its batch. */
type Poison = (client: FieldClient, key: string) => Promise<unknown> | unknown;

const POISONS: Readonly<Record<string, Poison>> = {
  'half a pair in a user key': (client, key) => client.evaluate('flag-0', { key: `${key}${HALF}` }),
  'half a pair in a name': (client, key) => client.evaluate('flag-0', { key, name: `Ada ${HALF}` }),
  'half a pair in an attribute': (client, key) => client.evaluate('flag-0', { key, attributes: { city: HALF } }),
  'half a pair in an attribute’s name': (client, key) =>
    client.evaluate('flag-0', { key, attributes: { [HALF]: '1' } }),
  'half a pair in an event name': (client, key) => client.track({ key }, `click${HALF}`, 1),
  'half a pair in a flag’s value': (client, key) => client.evaluate(CUT_FLAG, { key }),
  'a metric beyond a 32-bit float': (client, key) => client.track({ key }, 'metric', BEYOND_FLOAT),
  'a clock with fractions': (client, key) => withFractions(() => client.evaluate('flag-0', { key })),
  'refused with 400 for its own reason': (client, key) => client.track({ key }, 'refuse-400', 1),
  'refused with 500 for its own reason': (client, key) => client.track({ key }, 'refuse-500', 1),
};

const POSITIONS: Readonly<Record<string, readonly number[]>> = { first: [0], last: [EVENTS - 1], twice: [10, 30] };

function withFractions<T>(call: () => T): T {
  const { now } = Date;
  Date.now = () => now() + 0.5;
  try {
    return call();
  } finally {
    Date.now = now;
  }
}

interface Run {
  readonly good: number;
  readonly goodOnce: number;
  readonly requests: number;
}

async function deliver({ sdk }: Stage, poison: Poison, positions: readonly number[]): Promise<Run> {
  const server = await FeatBitServer.start({
    refusesEvent: ({ metric }) =>
      metric?.eventName === 'refuse-400' ? 400 : metric?.eventName === 'refuse-500' ? 500 : undefined,
  });
  server.environment.load([...flagsOf(1), servingFlag(CUT_FLAG, `cut ${HALF}`)]);
  const client = sdk.start(server);
  await client.ready(30_000);
  const expected: string[] = [];
  for (let index = 0; index < EVENTS; index++) {
    if (positions.includes(index)) await poison(client, `poison-${index}`);
    else {
      client.track({ key: `user-${index}` }, 'good', index);
      expected.push(`user-${index} good ${index}`);
    }
  }
  await client.flush(PATIENCE);
  await until(() => (server.events.busy === 0 ? true : undefined), PATIENCE);
  const goodOnce = expected.filter((id) => server.ledger.timesKept(id) === 1).length;
  const requests = server.ledger.requests.length;
  await client.close();
  await server.kill();
  return { good: expected.length, goodOnce, requests };
}

async function lineOf(stage: Stage, name: string, poison: Poison): Promise<Line> {
  const runs = await Promise.all(Object.values(POSITIONS).map((positions) => deliver(stage, poison, positions)));
  stage.progress(name);
  const [good, goodOnce] = [sum(runs.map((run) => run.good)), sum(runs.map((run) => run.goodOnce))];
  const most = Math.max(...runs.map(({ requests }) => requests));
  return {
    what: name,
    figure: `${goodOnce} of ${good} others arrived once; requests ${runs.map(({ requests }) => requests).join(', ')}`,
    good: goodOnce === good && most <= MOST_REQUESTS,
  };
}

export const poison: Scene = {
  title: `an event that spoils its batch of ${EVENTS}: ${Object.keys(POSITIONS).join(', ')}`,
  limit: 600,
  run: (stage) => Promise.all(Object.entries(POISONS).map(([name, one]) => lineOf(stage, name, one))),
};
