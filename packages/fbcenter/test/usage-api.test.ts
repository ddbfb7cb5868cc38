import { describe, expect, it, onTestFinished } from 'vitest';
import { aFlag } from './support/documents.js';
import { FakeClock } from './support/fake-clock.js';
import { StreamClient } from './support/stream-client.js';
import { put, startTestCenter, type TestCenter } from './support/test-center.js';
import { trackedCounts } from './support/tracked.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Reports evaluations as an SDK does. */
async function report({ call, environment }: TestCenter, flag: string, ...variations: readonly string[]) {
  const evaluations = variations.map((id) => ({
    featureFlagKey: flag,
    variation: { id, value: 'x', reason: '' },
    sendToExperiment: false,
    timestamp: 1,
  }));
  const { headers } = await call('POST', '/api/public/insight/track', {
    headers: { authorization: environment.serverSecret },
    body: JSON.stringify([{ user: { keyId: 'ada' }, variations: evaluations }]),
  });
  expect(trackedCounts(headers)).toEqual({ accepted: variations.length, rejected: 0 });
}

async function counting(...flags: readonly string[]) {
  const clock = new FakeClock(Date.UTC(2026, 4, 10, 12, 30));
  const test = await startTestCenter({}, { clock });
  for (const flag of flags) await put(test.api, `/flags/${flag}`, aFlag());
  return { test, clock };
}

/** Follows the events of an environment but for `change`; `next` is the next one. */
async function follow({ center }: TestCenter) {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const response = await fetch(`${center.url}/api/v1/environments/dev/events`, {
    headers: { authorization: `Bearer ${center.adminToken}` },
    signal: abort.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return async (): Promise<{ readonly event: string; readonly id: boolean; readonly data: unknown }> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end === -1) {
        text += (await reader?.read())?.value ?? '';
        continue;
      }
      const part = text.slice(0, end);
      text = text.slice(end + 2);
      const event = /^event: (.*)$/m.exec(part)?.[1];
      if (event === undefined || event === 'change') continue;
      return { event, id: /^id: /m.test(part), data: JSON.parse(/^data: (.*)$/m.exec(part)?.[1] ?? 'null') };
    }
  };
}

describe('GET /usage', () => {
  it('has how often, when last and the last 24 hours of each flag that was evaluated', async () => {
    const { test, clock } = await counting('f', 'g', 'h');
    await report(test, 'f', 'on', 'on', 'off');
    clock.time += HOUR;
    await report(test, 'f', 'on');
    await report(test, 'g', 'off');
    const at = new Date(clock.time).toISOString();
    expect((await test.api('GET', '/usage')).body).toEqual({
      unknown: [],
      items: [
        { key: 'f', count: 4, lastAt: at, hours: [...new Array(22).fill(0), 3, 1] },
        { key: 'g', count: 1, lastAt: at, hours: [...new Array(23).fill(0), 1] },
      ],
    });
  });

  it('follows what is evaluated, reset and deleted', async () => {
    const { test } = await counting('f', 'g');
    const counts = async () =>
      (await test.api('GET', '/usage')).body.items.map(({ key, count }: Record<string, unknown>) => [key, count]);
    expect(await counts()).toEqual([]);
    await report(test, 'f', 'on');
    await report(test, 'g', 'on');
    expect(await counts()).toEqual([
      ['f', 1],
      ['g', 1],
    ]);
    await report(test, 'f', 'on');
    expect(await counts()).toContainEqual(['f', 2]);
    await test.api('POST', '/flags/g/archive');
    await test.api('DELETE', '/flags/g');
    expect(await counts()).toEqual([['f', 2]]);
    await test.api('DELETE', '/insights');
    expect(await counts()).toEqual([]);
  });
});

describe('keys that nobody has made', () => {
  const unknown = async (test: TestCenter) =>
    (await test.api('GET', '/usage')).body.unknown.map(({ key, count }: Record<string, unknown>) => [key, count]);
  const sent = (test: TestCenter, path: string, authorization: string, body: unknown) =>
    test.call('POST', path, { headers: { authorization }, body: JSON.stringify(body) });
  const tracked = (test: TestCenter, key: string, secret = test.environment.serverSecret) =>
    sent(test, '/api/public/insight/track', secret, [
      { user: { keyId: 'ada' }, variations: [{ featureFlagKey: key, variation: { id: 'on', value: '', reason: '' } }] },
    ]);
  const evaluated = (test: TestCenter, keys: readonly string[], secret = test.environment.serverSecret) =>
    sent(test, '/api/public/featureflag/evaluate', secret, { user: { keyId: 'ada' }, filter: { keys } });

  it('and server SDKs ask for are listed, the latest first, until there is such a flag', async () => {
    const { test, clock } = await counting('f');
    await tracked(test, 'misspelt');
    await tracked(test, 'deleted');
    await evaluated(test, ['f', 'misspelt', 'asked']);
    expect(await unknown(test)).toEqual([
      ['asked', 1],
      ['misspelt', 2],
      ['deleted', 1],
    ]);
    expect((await test.api('GET', '/usage')).body.unknown[0].lastAt).toBe(new Date(clock.time).toISOString());
    await put(test.api, '/flags/asked', aFlag());
    expect((await unknown(test)).map(([key]: [string]) => key)).toEqual(['misspelt', 'deleted']);
    await test.api('DELETE', '/insights');
    expect(await unknown(test)).toEqual([]);
  });

  it('are not believed of browsers, and are none of an archived flag or an unknown variation', async () => {
    const { test } = await counting('f', 'old');
    await test.api('POST', '/flags/old/archive');
    await tracked(test, 'made-up', test.environment.clientSecret);
    await evaluated(test, ['made-up'], test.environment.clientSecret);
    await evaluated(test, ['f', 'old']);
    await sent(test, '/api/public/insight/track', test.environment.serverSecret, [
      {
        user: { keyId: 'ada' },
        variations: [{ featureFlagKey: 'f', variation: { id: 'gone', value: '', reason: '' } }],
      },
    ]);
    expect(await unknown(test)).toEqual([]);
  });

  it('are a hundred at most, and none is endless', async () => {
    const { test } = await counting();
    await evaluated(
      test,
      Array.from({ length: 250 }, (_, index) => `key-${index}`),
    );
    await evaluated(test, ['x'.repeat(257)]);
    const keys = await unknown(test);
    expect([keys.length, keys[0], keys.at(-1)]).toEqual([100, ['key-249', 1], ['key-150', 1]]);
  });
});

describe('GET /flags/:key/evaluations', () => {
  it.each<[string, number, number]>([
    ['minute', MINUTE, 180],
    ['hour', HOUR, 336],
    ['day', DAY, 400],
  ])('has every %s that is kept, the present one at the end', async (bucket, length, kept) => {
    const { test, clock } = await counting('f');
    await report(test, 'f', 'on', 'on');
    clock.time += 3 * length;
    await report(test, 'f', 'on', 'off');
    const { body } = await test.api('GET', `/flags/f/evaluations?bucket=${bucket}`);
    const now = Math.floor(clock.time / length) * length;
    const before = new Array(kept - 4).fill(0);
    expect(body).toEqual({
      bucket,
      from: new Date(now - (kept - 1) * length).toISOString(),
      length,
      variations: [
        { id: 'off', counts: [...before, 0, 0, 0, 1] },
        { id: 'on', counts: [...before, 2, 0, 0, 1] },
      ],
    });
  });

  it('is by the hour unless it is said, and empty for a flag that was never evaluated', async () => {
    const { test } = await counting('f');
    const { body } = await test.api('GET', '/flags/f/evaluations');
    expect(body).toMatchObject({ bucket: 'hour', length: HOUR, variations: [] });
  });

  it.each<[string, string, readonly number[]]>([
    ['two times', 'from=2026-05-10T11:00:00Z&to=2026-05-10T12:30:00Z', [2, 1]],
    ['a time in another zone', 'from=2026-05-10T13:00:00%2B02:00', [2, 1]],
    ['a day', 'from=2026-05-10&to=2026-05-10T00:30:00Z', [0]],
    ['the future', 'from=2026-05-10T12:00:00Z&to=2030-01-01', [1]],
    ['an end before its beginning', 'from=2026-05-10T12:00:00Z&to=2026-05-10T10:00:00Z', []],
  ])('is cut to %s', async (_name, query, counts) => {
    const { test, clock } = await counting('f');
    clock.time -= HOUR;
    await report(test, 'f', 'on', 'on');
    clock.time += HOUR;
    await report(test, 'f', 'on');
    const { status, body } = await test.api('GET', `/flags/f/evaluations?${query}`);
    expect(status).toBe(200);
    expect(body.variations[0]?.counts ?? []).toEqual(counts.every((count) => count === 0) ? [] : counts);
  });

  it.each([
    ['bucket=week', 400, /minute, hour or day/],
    ['from=yesterday', 400, /from must be a day or a time/],
    ['to=1767225600000', 400, /to must be a day or a time/],
    ['from=2026-13-45', 400, /from must be a day or a time/],
  ])('refuses %s', async (query, status, message) => {
    const { test } = await counting('f');
    const answer = await test.api('GET', `/flags/f/evaluations?${query}`);
    expect([answer.status, answer.body.message]).toEqual([status, expect.stringMatching(message)]);
  });

  it('of a flag that is not there is not found', async () => {
    const { test } = await counting();
    expect((await test.api('GET', '/flags/gone/evaluations')).status).toBe(404);
  });

  it('goes on after a restart', async () => {
    const { test } = await counting('f');
    await report(test, 'f', 'on');
    await test.api('POST', '/flags/f/archive');
    expect((await test.api('GET', '/flags/f/evaluations?bucket=day')).body.variations).toHaveLength(1);
  });
});

describe('the event `usage`', () => {
  it('has what was evaluated, soon after it is kept, and cannot be gone on from', async () => {
    const { test } = await counting('f');
    const next = await follow(test);
    const begin = performance.now();
    await report(test, 'f', 'on', 'on');
    expect(await next()).toEqual({
      event: 'usage',
      id: false,
      data: { items: [{ key: 'f', count: 2, lastAt: expect.any(String), hours: expect.any(Array) }], isPartial: false },
    });
    console.info(`an evaluation is reported ${Math.round(performance.now() - begin)} ms after it was sent`);
    await test.api('DELETE', '/insights');
    expect(await next()).toMatchObject({ event: 'usage', data: { items: [], isPartial: true } });
  });
});

describe('GET /connections', () => {
  it('has the SDKs that stream, with their names, and how far they are', async () => {
    const test = await startTestCenter();
    await put(test.api, '/flags/f', aFlag());
    const next = await follow(test);
    const asking = new StreamClient(test, { headers: { 'user-agent': 'fbclient-node/1.2.3' } });
    await asking.opened();
    asking.requestSync(0);
    await asking.next();
    expect(await next()).toEqual({ event: 'connections', id: false, data: { count: 1 } });
    const silent = new StreamClient(test, { headers: { 'user-agent': 'featbit-dotnet-server-sdk' } });
    await silent.opened();
    expect(await next()).toMatchObject({ data: { count: 2 } });
    const { body } = await test.api('GET', '/connections');
    const version = Number(JSON.parse((await test.api('GET', '/flags/f')).headers.get('etag') ?? ''));
    const about = { kind: 'server', since: expect.stringMatching(/^\d{4}-.*Z$/) };
    expect(body).toEqual({
      count: 2,
      items: [
        { ...about, id: '1', name: 'fbclient-node', version: '1.2.3', sentVersion: version, behind: 0 },
        { ...about, id: '2', name: 'featbit-dotnet-server-sdk', version: null, sentVersion: null, behind: null },
      ],
      next: null,
    });
    silent.socket.terminate();
    expect(await next()).toMatchObject({ data: { count: 1 } });
  });

  it('come in pages', async () => {
    const test = await startTestCenter();
    const clients = Array.from({ length: 3 }, () => new StreamClient(test));
    await Promise.all(clients.map((client) => client.opened()));
    for (const client of clients) await client.drain();
    const first = (await test.api('GET', '/connections?limit=2')).body;
    const second = (await test.api('GET', `/connections?limit=2&after=${first.next}`)).body;
    expect([first.count, first.items.length, second.items.length, second.next]).toEqual([3, 2, 1, null]);
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(3);
    expect((await test.api('GET', '/connections?limit=0')).status).toBe(400);
  });
});
