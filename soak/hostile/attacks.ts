import { encodeConnectionToken } from 'fbclient/core';
import type { Random } from '../random.js';
import {
  askForEverything,
  browser,
  CONTEXT,
  evaluations,
  eventStream,
  identify,
  manage,
  managed,
  OPENFEATURE,
  pollSince,
  post,
  put,
} from './attack-requests.js';
import { flagCalled, flagsOfBytes } from './flags.js';
import type { Victim } from './messages.js';
import { again, answered, frame, keepOpen, open, PING, request, upgrade } from './peers.js';

/** An attack goes on until it is aborted; what it did is counted. */
export interface Attack {
  readonly name: string;
  run(victim: Victim, random: Random, signal: AbortSignal, count: () => void): Promise<void>;
}

export const ATTACKS: readonly Attack[] = [
  {
    name: 'refused upgrades whose sender keeps its side open',
    run: (victim, random, signal, count) =>
      keepOpen(200, victim, random, signal, count, () => upgrade('/nope', 'x'.repeat(22))),
  },
  {
    name: 'streams that stall in a full sync of 11 MB',
    run: (victim, random, signal, count) =>
      keepOpen(8, victim, random, signal, count, () => {
        const token = encodeURIComponent(encodeConnectionToken(victim.serverSecret, Date.now(), random.next()));
        return [upgrade(`/streaming?type=server&token=${token}`, 'A'.repeat(22)), askForEverything()];
      }),
  },
  {
    name: 'polls of 11 MB that are not read',
    run: (victim, random, signal, count) =>
      keepOpen(600, victim, random, signal, count, () => [
        request('GET', '/api/public/sdk/server/latest-all', victim.serverSecret),
      ]),
  },
  {
    name: 'bodies that do not come',
    run: (victim, random, signal, count) =>
      keepOpen(100, victim, random, signal, count, () => [
        request('POST', '/api/public/insight/track', victim.serverSecret, 1_000_000),
        '[',
      ]),
  },
  {
    name: 'insights of made-up flags, by client secret',
    run: (victim, random, signal, count) =>
      again(signal, 100, count, () =>
        post(victim, '/api/public/insight/track', victim.clientSecret, evaluations(2_000, random)),
      ),
  },
  {
    name: 'insights of 15,000 made-up flags, by server secret',
    run: (victim, random, signal, count) => {
      const body = evaluations(15_000, random);
      return again(signal, 1_000, count, () => post(victim, '/api/public/insight/track', victim.serverSecret, body));
    },
  },
  {
    name: 'insights nested without end',
    run: (victim, _random, signal, count) =>
      again(signal, 200, count, () =>
        post(victim, '/api/public/insight/track', victim.clientSecret, '['.repeat(200_000)),
      ),
  },
  {
    name: 'flags with 200 patterns',
    run: (victim, random, signal, count) =>
      again(signal, 1_000, count, () => {
        const salt = random.between(0, 1e9);
        const conditions = Array.from({ length: 200 }, (_, index) => ({
          property: 'email',
          op: 'MatchRegex',
          value: `^(?:user|guest)[-_.]${salt}-${index}-[a-z\\d]{2,40}@(?:[a-z]+\\.){1,8}(?:org|com|net)$`,
        }));
        const rules = [{ conditions, variations: [{ id: 'on', rollout: [0, 1] }] }];
        return put(victim, 'large', flagCalled('patterns', 'x', { rules }));
      }),
  },
  {
    name: 'flags that name 100,000 unknown segments',
    run: (victim, _random, signal, count) => {
      const ids = JSON.stringify(Array.from({ length: 100_000 }, (_, index) => `s${index}`));
      const conditions = [{ property: 'User is in segment', op: null, value: ids }];
      const rules = [{ conditions, variations: [{ id: 'on', rollout: [0, 1] }] }];
      const flag = flagCalled('segments', 'x', { rules });
      return again(signal, 2_000, count, () => put(victim, 'large', flag));
    },
  },
  {
    name: 'flags of 1.5 MB until the environment is full',
    run: (victim, random, signal, count) =>
      again(signal, 500, count, () =>
        put(victim, 'full', flagCalled(`fill-${random.between(0, 1e9)}`, 'x'.repeat(1_500_000))),
      ),
  },
  {
    name: "OpenFeature's answers of 11 MB that are not read, by client secret",
    run: (victim, random, signal, count) =>
      keepOpen(300, victim, random, signal, count, () => [
        request('POST', OPENFEATURE, victim.clientSecret, CONTEXT.length),
        CONTEXT,
      ]),
  },
  {
    name: "OpenFeature's event streams that are not read",
    run: async (victim, random, signal, count) => {
      const address = await eventStream(victim).catch(() => '/');
      await keepOpen(200, victim, random, signal, count, () => [request('GET', address, '')]);
    },
  },
  {
    name: 'browsers that identify 1,000 times a second',
    run: (victim, random, signal, count) => identify(4, 1, 'u', victim, random, signal, count),
  },
  {
    name: 'browsers that identify with users of 19 KiB',
    run: (victim, random, signal, count) => identify(10, 50, 'u'.repeat(19_000), victim, random, signal, count),
  },
  {
    name: 'requests whose head does not end',
    run: (victim, random, signal, count) =>
      keepOpen(1_000, victim, random, signal, count, () => 'GET / HTTP/1.1\r\nHost: x\r\nCookie: '),
  },
  {
    name: 'wrong passwords, from everywhere',
    run: (victim, random, signal, count) =>
      again(signal, 50, count, () => {
        const body = JSON.stringify({ name: `somebody ${random.between(0, 1e6)}`, password: 'a guess of many words' });
        const address = `127.0.${random.between(1, 250)}.${random.between(1, 250)}`;
        return answered(open(victim, [request('POST', '/api/v1/session', '', body.length), body], address));
      }),
  },
  {
    name: 'wrong access tokens',
    run: (victim, random, signal, count) =>
      again(signal, 5, count, () => {
        const guess = request('GET', '/api/v1/environments', `Bearer guess-${random.between(0, 1e9)}`);
        return answered(open(victim, [guess]));
      }),
  },
  {
    name: 'connections over which nothing comes',
    run: (victim, random, signal, count) => keepOpen(1_000, victim, random, signal, count, () => []),
  },
  {
    name: 'exports of 11 MB, and of the audit log, that are not read',
    run: (victim, random, signal, count) =>
      keepOpen(20, victim, random, signal, count, () => [
        managed('GET', random.next() < 0.5 ? 'environments/large/export' : 'audit/export', victim),
      ]),
  },
  {
    name: 'events of changes that are not read',
    run: (victim, random, signal, count) =>
      keepOpen(200, victim, random, signal, count, () => [managed('GET', 'environments/good/events', victim)]),
  },
  {
    name: 'imports of 3 MB that are only looked at',
    run: (victim, _random, signal, count) => {
      const flags = flagsOfBytes(3_000_000);
      const file = JSON.stringify({ format: 'fbcenter-environment', formatVersion: 1, segments: [], flags });
      return again(signal, 4_000, count, () => manage(victim, 'POST', 'environments/large/import?dryRun=true', file));
    },
  },
  {
    name: 'searches of the audit log that find nothing',
    run: (victim, random, signal, count) =>
      again(signal, 100, count, () => manage(victim, 'GET', `audit?action=${random.between(0, 1e9)}`)),
  },
  {
    name: 'polls of 11 MB from many versions on',
    run: (victim, random, signal, count) =>
      again(signal, 500, count, () => pollSince(victim, Date.now() - random.between(0, 30_000))),
  },
  {
    name: 'pings of browsers that read nothing, and echoes nested without end',
    run: (victim, random, signal, count) =>
      keepOpen(20, victim, random, signal, count, () => [
        browser(victim, random),
        frame(`{"messageType":"echo","data":${'['.repeat(9_000)}${']'.repeat(9_000)}}`),
        ...Array<Buffer>(200).fill(PING),
      ]),
  },
];
