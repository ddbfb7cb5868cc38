import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { SETTINGS_TOKEN } from '../../src/model/actor.js';
import type { Webhook } from '../../src/model/webhook.js';
import type { Storage } from '../../src/storage/storage.js';
import { type AttemptResult, outcomeOf, WebhookDispatcher } from '../../src/webhooks/dispatcher.js';
import { MAX_ATTEMPTS } from '../../src/webhooks/retries.js';
import type { Attempt } from '../../src/webhooks/sender.js';
import { aStorage } from '../support/a-storage.js';
import { anEnvironment } from '../support/environments.js';
import { FakeClock } from '../support/fake-clock.js';
import { memoryLogger } from '../support/memory-logger.js';

const DELIVERED: Attempt = { kind: 'delivered', status: 200 };
const FAILED: Extract<Attempt, { readonly kind: 'failed' }> = {
  kind: 'failed',
  status: 500,
  problem: 'status',
  retryAfter: undefined,
  isFinal: false,
};

interface Posted {
  readonly url: string;
  readonly type: string;
  readonly messageId: string;
  answer(attempt: Attempt): void;
}

/** A dispatcher on a real storage, with receivers that answer when a test says so. */
async function setUp(storage?: Storage, clock = new FakeClock()) {
  const own = storage ?? (await aStorage({ clock }));
  if (storage === undefined) onTestFinished(() => own.close());
  const posted: Posted[] = [];
  const results: AttemptResult[] = [];
  const settled: string[] = [];
  const log = memoryLogger();
  const dispatcher = new WebhookDispatcher({
    webhooks: own.webhooks,
    clock,
    log,
    random: () => 0.5,
    onAttempt: (result) => results.push(result),
    onSettled: ({ environmentId, id }) => settled.push(`${environmentId} ${id}`),
    sender: {
      post: (url, body, headers, signal) =>
        new Promise((resolve) => {
          const { type } = JSON.parse(body);
          const messageId = (headers as Record<string, string>)['webhook-id'] ?? '';
          posted.push({ url, type, messageId, answer: resolve });
          signal?.addEventListener('abort', () => resolve({ ...FAILED, status: undefined, problem: 'stopped' }));
        }),
    },
  });
  onTestFinished(() => dispatcher.close());
  return { storage: own, clock, posted, results, settled, log, dispatcher };
}

async function aWebhook(storage: Storage, environmentId: string, url = 'https://a.example/'): Promise<Webhook> {
  return storage.webhooks.add({ environmentId, name: 'w', url, events: ['*'], createdBy: 'Ada' }, 'whsec_AAAA');
}

async function anEnvironmentIn(storage: Storage) {
  const environment = anEnvironment();
  await storage.environments.create(environment, []);
  return environment;
}

const happens = (storage: Storage, environment: string, action: string) =>
  storage.audit.append({ actor: SETTINGS_TOKEN, action, subject: { kind: 'flag', key: 'f', environment } });

const typesOf = (posted: readonly Posted[]) => posted.map(({ type }) => type);

describe('the dispatcher of webhooks', () => {
  it('sends what is queued, one message of a webhook after the other, in order', async () => {
    const { storage, posted, dispatcher, results, settled } = await setUp();
    const { id, key } = await anEnvironmentIn(storage);
    const webhook = await aWebhook(storage, id);
    for (const action of ['a', 'b', 'c']) await happens(storage, key, action);
    dispatcher.poke();
    for (const [count, type] of [
      [1, 'flag.a'],
      [2, 'flag.b'],
      [3, 'flag.c'],
    ] as const) {
      await expect.poll(() => posted.length).toBe(count);
      expect(posted.at(-1)?.type).toBe(type);
      posted.at(-1)?.answer(DELIVERED);
    }
    await expect.poll(async () => (await storage.webhooks.counts(webhook.id)).delivered).toBe(3);
    expect(results).toEqual(['delivered', 'delivered', 'delivered']);
    // Whoever looks at it is told what is kept.
    await expect.poll(() => settled).toEqual(Array(3).fill(`${id} ${webhook.id}`));
  });

  it('keeps no webhook waiting for another one, and has some messages at most on their way', async () => {
    const { storage, posted, dispatcher } = await setUp();
    const { id, key } = await anEnvironmentIn(storage);
    for (let index = 0; index < 10; index++) await aWebhook(storage, id, `https://${index}.example/`);
    await happens(storage, key, 'a');
    await happens(storage, key, 'b');
    dispatcher.poke();
    await expect.poll(() => posted.length).toBe(8);
    expect(new Set(posted.map(({ url }) => url)).size).toBe(8);
    posted[0]?.answer(DELIVERED);
    // The place that is free goes to a webhook that has had nothing yet, or to the same one.
    await expect.poll(() => posted.length).toBe(9);
    for (let next = 1; next < 20; next++) {
      await expect.poll(() => posted.length).toBeGreaterThan(next);
      posted[next]?.answer(DELIVERED);
    }
    expect(new Set(posted.map(({ url, type }) => `${url} ${type}`)).size).toBe(20);
  });

  it('tries what has failed again after its wait, under the same id, and the others meanwhile', async () => {
    const { storage, clock, posted, dispatcher, results } = await setUp();
    const { id, key } = await anEnvironmentIn(storage);
    const webhook = await aWebhook(storage, id);
    await happens(storage, key, 'a');
    await happens(storage, key, 'b');
    dispatcher.poke();
    await expect.poll(() => posted.length).toBe(1);
    posted[0]?.answer(FAILED);
    await expect.poll(() => posted.length).toBe(2);
    expect(typesOf(posted)).toEqual(['flag.a', 'flag.b']);
    posted[1]?.answer(DELIVERED);
    await expect.poll(async () => (await storage.webhooks.counts(webhook.id)).delivered).toBe(1);
    expect(await storage.webhooks.nextAt()).toBe(clock.time + 5_000);
    clock.time += 5_000;
    dispatcher.poke();
    await expect.poll(() => posted.length).toBe(3);
    expect(posted[2]).toMatchObject({ type: 'flag.a', messageId: posted[0]?.messageId });
    posted[2]?.answer(DELIVERED);
    await expect.poll(async () => (await storage.webhooks.counts(webhook.id)).delivered).toBe(2);
    expect(results).toEqual(['failed', 'delivered', 'delivered']);
  });

  it('gives a message up after its last attempt, and says so', async () => {
    const { storage, clock, posted, dispatcher, results, log } = await setUp();
    const { id, key } = await anEnvironmentIn(storage);
    const webhook = await aWebhook(storage, id);
    await happens(storage, key, 'a');
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      dispatcher.poke();
      await expect.poll(() => posted.length).toBe(attempt);
      posted.at(-1)?.answer(FAILED);
      await expect.poll(() => results.length).toBe(attempt);
      await expect.poll(async () => (await storage.webhooks.deliveries(webhook.id, 1))[0]?.attempts).toBe(attempt);
      clock.time += 86_400_000;
    }
    expect(results.at(-1)).toBe('dead');
    expect(await storage.webhooks.deliveries(webhook.id, 1)).toMatchObject([
      { state: 'dead', attempts: MAX_ATTEMPTS, status: 500, problem: 'status', nextAt: undefined },
    ]);
    expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual(['warn a message to a webhook was given up']);
  });

  it('of several centers exactly one sends a message', async () => {
    const first = await setUp();
    const { storage, clock } = first;
    const second = await setUp(storage, clock);
    const { id, key } = await anEnvironmentIn(storage);
    await aWebhook(storage, id);
    const all = () => [...first.posted, ...second.posted];
    for (let count = 1; count <= 10; count++) {
      await happens(storage, key, `a${count}`);
      first.dispatcher.poke();
      second.dispatcher.poke();
      await expect.poll(() => all().length).toBe(count);
      for (const { answer } of all()) answer(DELIVERED);
      await expect.poll(() => storage.webhooks.nextAt()).toBeUndefined();
    }
    expect(new Set(typesOf(all())).size).toBe(10);
  });

  it('sends what a center had begun to send that is gone, once its claim is over', async () => {
    const { storage, clock, posted, dispatcher } = await setUp();
    const { id, key } = await anEnvironmentIn(storage);
    await aWebhook(storage, id);
    await happens(storage, key, 'a');
    // Another one has taken it, and was killed.
    await storage.webhooks.claim({ now: clock.time, until: clock.time + 60_000, most: 1, busy: new Set() });
    dispatcher.poke();
    await dispatcher.close();
    expect(posted).toEqual([]);
    clock.time += 60_000;
    const later = await setUp(storage, clock);
    later.dispatcher.poke();
    await expect.poll(() => typesOf(later.posted)).toEqual(['flag.a']);
  });

  it('when it closes gives up what it is sending, which waits for the next start', async () => {
    const { storage, clock, posted, dispatcher, results } = await setUp();
    const { id, key } = await anEnvironmentIn(storage);
    const webhook = await aWebhook(storage, id);
    await happens(storage, key, 'a');
    dispatcher.poke();
    await expect.poll(() => posted.length).toBe(1);
    await dispatcher.close();
    expect(results).toEqual(['failed']);
    expect(await storage.webhooks.deliveries(webhook.id, 1)).toMatchObject([
      { state: 'waiting', attempts: 1, nextAt: clock.time + 5_000, problem: 'stopped' },
    ]);
    dispatcher.poke();
    clock.time += 5_000;
    const later = await setUp(storage, clock);
    later.dispatcher.poke();
    await expect.poll(() => typesOf(later.posted)).toEqual(['flag.a']);
    expect(posted).toHaveLength(1);
  });

  it('looks again by itself when the next message is due, and every few seconds for what others have queued', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const clock = new FakeClock();
    const looks: number[] = [];
    let nextAt: number | undefined = clock.time + 1_200;
    const dispatcher = new WebhookDispatcher({
      webhooks: {
        nextAt: async () => nextAt,
        claim: async () => {
          looks.push(clock.time);
          nextAt = undefined;
          return [];
        },
        settle: async () => {},
      },
      sender: { post: async () => DELIVERED },
      clock,
      log: memoryLogger(),
      random: () => 0,
    });
    const begun = clock.time;
    const pass = async (milliseconds: number) => {
      for (let left = milliseconds; left > 0; left -= 100) {
        clock.time += 100;
        await vi.advanceTimersByTimeAsync(100);
      }
    };
    dispatcher.poke();
    await pass(2_000);
    expect(looks.map((at) => at - begun)).toEqual([1_200]);
    // Another center has queued something that is due already.
    nextAt = clock.time;
    await pass(5_000);
    expect(looks).toHaveLength(2);
    await dispatcher.close();
    nextAt = clock.time;
    await pass(10_000);
    expect(looks).toHaveLength(2);
  });

  it('goes on when the storage was away', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const clock = new FakeClock();
    let isAway = true;
    const claimed: number[] = [];
    const dispatcher = new WebhookDispatcher({
      webhooks: {
        nextAt: async () => {
          if (isAway) throw new Error('away');
          return clock.time;
        },
        claim: async () => {
          claimed.push(clock.time);
          return [];
        },
        settle: async () => {},
      },
      sender: { post: async () => DELIVERED },
      clock,
      log: memoryLogger(),
      random: () => 0,
    });
    dispatcher.poke();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(claimed).toEqual([]);
    isAway = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(claimed).toHaveLength(1);
    await dispatcher.close();
  });
});

describe('what follows from an attempt', () => {
  const NOW = 1_000_000;
  it.each<[string, Attempt, number, object]>([
    ['that was delivered', DELIVERED, 1, { state: 'delivered', nextAt: undefined, status: 200, problem: undefined }],
    ['that failed', FAILED, 1, { state: 'waiting', nextAt: NOW + 5_000, status: 500, problem: 'status' }],
    ['that failed again', FAILED, 4, { state: 'waiting', nextAt: NOW + 600_000 }],
    ['that failed the last time', FAILED, MAX_ATTEMPTS, { state: 'dead', nextAt: undefined }],
    ['whose receiver is gone', { ...FAILED, status: 410, isFinal: true }, 1, { state: 'dead', status: 410 }],
    ['whose receiver asks for time', { ...FAILED, retryAfter: '90' }, 1, { state: 'waiting', nextAt: NOW + 90_000 }],
  ])('%s', (_, attempt, attempts, expected) => {
    expect(outcomeOf(attempt, attempts, NOW, 0.5)).toMatchObject({ triedAt: NOW, ...expected });
  });
});
