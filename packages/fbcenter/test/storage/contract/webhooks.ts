import { describe, expect, it } from 'vitest';
import { SETTINGS_TOKEN } from '../../../src/model/actor.js';
import { KEPT_DELIVERIES } from '../../../src/model/webhook.js';
import type { Storage } from '../../../src/storage/storage.js';
import { anEnvironment } from '../../support/environments.js';
import { MAX_WAITING, type SetUp } from './subject.js';

const CLAIM_TIME = 60_000;

/** Makes a webhook of an environment. */
const aWebhook = (storage: Storage, environmentId: string, overrides: object = {}) =>
  storage.webhooks.add(
    { environmentId, name: 'Chat', url: 'https://chat.example/x', events: ['*'], createdBy: 'Ada', ...overrides },
    'whsec_AAAA',
  );

/** Writes something into the audit log of an environment. */
const happens = (storage: Storage, environment: string | undefined, key = 'f', action = 'update', kind = 'flag') =>
  storage.audit.append({ actor: SETTINGS_TOKEN, action, subject: { kind, key, environment } });

const claim = (storage: Storage, now: number, busy: readonly string[] = [], most = 10) =>
  storage.webhooks.claim({ now, until: now + CLAIM_TIME, most, busy: new Set(busy) });

/** What every storage must do with webhooks and their messages. */
export function webhooksContract(setUp: SetUp): void {
  describe('webhooks', () => {
    it('are kept by environment, in the order in which they were made, and found in their own alone', async () => {
      const { storage, environment, clock } = await setUp();
      const other = anEnvironment();
      await storage.environments.create(other, []);
      const first = await aWebhook(storage, environment.id);
      const second = await aWebhook(storage, environment.id, { name: 'Pager', events: ['flag.switch-off'] });
      expect(first).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{24}$/),
        environmentId: environment.id,
        name: 'Chat',
        url: 'https://chat.example/x',
        events: ['*'],
        isEnabled: true,
        createdBy: 'Ada',
        createdAt: clock.time,
      });
      expect(await storage.webhooks.list(environment.id)).toEqual([first, second]);
      expect(await storage.webhooks.list(other.id)).toEqual([]);
      expect(await storage.webhooks.get(environment.id, first.id)).toEqual(first);
      expect(await storage.webhooks.get(other.id, first.id)).toBeUndefined();
      expect(await storage.webhooks.get(environment.id, 'x')).toBeUndefined();
    });

    it('are changed in what is given, and in nothing else', async () => {
      const { storage, environment } = await setUp();
      let expected = await aWebhook(storage, environment.id);
      const other = await aWebhook(storage, environment.id);
      for (const change of [
        {},
        { name: 'Other' },
        { url: 'https://b.example' },
        { events: ['flag.*', 'segment.*'] },
        { isEnabled: false },
        { name: 'Again', isEnabled: true },
      ]) {
        expected = { ...expected, ...change };
        expect(await storage.webhooks.change(expected.id, change)).toEqual(expected);
      }
      expect(await storage.webhooks.list(environment.id)).toEqual([expected, other]);
      expect(await storage.webhooks.change('x', { name: 'x' })).toBeUndefined();
    });

    it('have a secret, and the one before it until a time', async () => {
      const { storage, environment } = await setUp();
      const { id } = await aWebhook(storage, environment.id);
      expect(await storage.webhooks.secretsOf(id)).toEqual({ current: 'whsec_AAAA', previous: undefined });
      expect(await storage.webhooks.renewSecret(id, 'whsec_BBBB', 5)).toBe(true);
      expect(await storage.webhooks.secretsOf(id)).toEqual({
        current: 'whsec_BBBB',
        previous: { value: 'whsec_AAAA', until: 5 },
      });
      expect(await storage.webhooks.renewSecret('x', 'whsec_BBBB', 5)).toBe(false);
      expect(await storage.webhooks.secretsOf('x')).toBeUndefined();
    });

    it('are gone with their messages when they are removed', async () => {
      const { storage, environment, clock } = await setUp();
      const { id } = await aWebhook(storage, environment.id);
      await happens(storage, environment.key);
      expect(await storage.webhooks.remove(id)).toBe(true);
      expect(await storage.webhooks.remove(id)).toBe(false);
      expect(await storage.webhooks.deliveries(id, 10)).toEqual([]);
      expect(await storage.webhooks.nextAt()).toBeUndefined();
      expect(await claim(storage, clock.time)).toEqual([]);
    });
  });

  describe('messages to webhooks', () => {
    it('are queued by the transaction that writes into the audit log, for those that want them', async () => {
      const { storage, environment, clock } = await setUp();
      const other = anEnvironment();
      await storage.environments.create(other, []);
      const everything = await aWebhook(storage, environment.id);
      const flags = await aWebhook(storage, environment.id, { events: ['flag.*'] });
      const switches = await aWebhook(storage, environment.id, { events: ['flag.switch-on', 'flag.switch-off'] });
      const disabled = await aWebhook(storage, environment.id);
      await storage.webhooks.change(disabled.id, { isEnabled: false });
      const elsewhere = await aWebhook(storage, other.id);
      await happens(storage, environment.key, 'f', 'switch-on');
      await happens(storage, environment.key, 's', 'update', 'segment');
      await happens(storage, undefined, 'u', 'create', 'user');
      await happens(storage, 'no-environment');
      const typesOf = async (id: string) => (await storage.webhooks.deliveries(id, 10)).map(({ type }) => type);
      expect(await typesOf(everything.id)).toEqual(['segment.update', 'flag.switch-on']);
      expect(await typesOf(flags.id)).toEqual(['flag.switch-on']);
      expect(await typesOf(switches.id)).toEqual(['flag.switch-on']);
      expect(await typesOf(disabled.id)).toEqual([]);
      expect(await typesOf(elsewhere.id)).toEqual([]);
      expect(await storage.webhooks.deliveries(switches.id, 10)).toEqual([
        {
          id: expect.any(Number),
          webhookId: switches.id,
          messageId: expect.stringMatching(/^msg_[0-9a-f]{24}$/),
          type: 'flag.switch-on',
          state: 'waiting',
          createdAt: clock.time,
          attempts: 0,
          triedAt: undefined,
          nextAt: clock.time,
          status: undefined,
          problem: undefined,
        },
      ]);
      expect(await storage.webhooks.counts(everything.id)).toEqual({ waiting: 2, delivered: 0, dead: 0, dropped: 0 });
    });

    it('are not queued by a transaction that keeps nothing', async () => {
      const { storage, environment } = await setUp();
      const { id } = await aWebhook(storage, environment.id);
      const failed = storage.transact(async ({ audit }) => {
        await audit.append({
          actor: SETTINGS_TOKEN,
          action: 'update',
          subject: { kind: 'flag', key: 'f', environment: environment.key },
        });
        throw new Error('on purpose');
      });
      await expect(failed).rejects.toThrow('on purpose');
      expect(await storage.webhooks.deliveries(id, 10)).toEqual([]);
    });

    it('are taken by one center at a time, the oldest of each webhook, and again when its claim is over', async () => {
      const { storage, environment, clock } = await setUp();
      const first = await aWebhook(storage, environment.id);
      const second = await aWebhook(storage, environment.id, { events: ['flag.b'] });
      for (const action of ['a', 'b', 'c']) await happens(storage, environment.key, 'f', action);
      expect(await storage.webhooks.nextAt()).toBe(clock.time);
      const taken = await claim(storage, clock.time);
      expect(taken.map(({ webhook, delivery }) => [webhook.id, delivery.type])).toEqual([
        [first.id, 'flag.a'],
        [second.id, 'flag.b'],
      ]);
      expect(taken[0]?.secrets).toEqual({ current: 'whsec_AAAA', previous: undefined });
      expect(JSON.parse(taken[0]?.body ?? '')).toMatchObject({ type: 'flag.a', data: { key: 'f', action: 'a' } });
      // Somebody else is given what is left.
      expect((await claim(storage, clock.time)).map(({ delivery }) => delivery.type)).toEqual(['flag.b']);
      expect((await claim(storage, clock.time)).map(({ delivery }) => delivery.type)).toEqual(['flag.c']);
      expect(await claim(storage, clock.time)).toEqual([]);
      expect(await storage.webhooks.nextAt()).toBe(clock.time + CLAIM_TIME);
      const later = await claim(storage, clock.time + CLAIM_TIME);
      expect(later.map(({ delivery }) => delivery.type)).toEqual(['flag.a', 'flag.b']);
    });

    it('of webhooks that are busy or disabled are not taken, nor more than are asked for', async () => {
      const { storage, environment, clock } = await setUp();
      const webhooks = [];
      for (let index = 0; index < 4; index++) webhooks.push(await aWebhook(storage, environment.id));
      await happens(storage, environment.key);
      const [busy, disabled, third, fourth] = webhooks.map(({ id }) => id);
      await storage.webhooks.change(disabled ?? '', { isEnabled: false });
      const taken = await claim(storage, clock.time, [busy ?? ''], 1);
      expect(taken.map(({ webhook }) => webhook.id)).toEqual([third]);
      expect((await claim(storage, clock.time, [busy ?? ''])).map(({ webhook }) => webhook.id)).toEqual([fourth]);
      await storage.webhooks.change(disabled ?? '', { isEnabled: true });
      expect((await claim(storage, clock.time)).map(({ webhook }) => webhook.id)).toEqual([busy, disabled]);
    });

    it('wait, are delivered or dead as each attempt says, and a dead one can be tried anew', async () => {
      const { storage, environment, clock } = await setUp();
      const webhook = await aWebhook(storage, environment.id);
      await happens(storage, environment.key);
      const [{ delivery } = { delivery: undefined }] = await claim(storage, clock.time);
      const id = delivery?.id ?? 0;
      const at = clock.time;
      const failed = { state: 'waiting', triedAt: at + 1, nextAt: at + 9, status: 500, problem: 'status' } as const;
      await storage.webhooks.settle(id, failed);
      expect(await storage.webhooks.deliveries(webhook.id, 1)).toMatchObject([{ ...failed, attempts: 1 }]);
      expect(await claim(storage, at + 8)).toEqual([]);
      expect(await claim(storage, at + 9)).toMatchObject([{ delivery: { id, attempts: 1 } }]);
      const dead = { ...failed, state: 'dead', triedAt: at + 10, nextAt: undefined, status: undefined } as const;
      await storage.webhooks.settle(id, dead);
      expect(await storage.webhooks.deliveries(webhook.id, 1)).toMatchObject([{ ...dead, attempts: 2 }]);
      expect(await storage.webhooks.counts(webhook.id)).toEqual({ waiting: 0, delivered: 0, dead: 1, dropped: 0 });
      // What is over stays so, whoever else had it.
      await storage.webhooks.settle(id, failed);
      expect(await storage.webhooks.deliveries(webhook.id, 1)).toMatchObject([{ state: 'dead', attempts: 2 }]);
      expect(await storage.webhooks.retry('x', id, at + 20)).toBeUndefined();
      expect(await storage.webhooks.retry(webhook.id, id, at + 20)).toMatchObject({ state: 'waiting', attempts: 0 });
      expect(await storage.webhooks.retry(webhook.id, id, at + 20)).toBeUndefined();
      expect(await claim(storage, at + 20)).toMatchObject([{ delivery: { id } }]);
      const done = {
        state: 'delivered',
        triedAt: at + 21,
        nextAt: undefined,
        status: 204,
        problem: undefined,
      } as const;
      await storage.webhooks.settle(id, done);
      expect(await storage.webhooks.deliveries(webhook.id, 1)).toMatchObject([{ ...done, attempts: 1 }]);
    });

    it('that are over are forgotten but for the last ones, and those that wait are not', async () => {
      const { storage, environment, clock } = await setUp();
      const { id } = await aWebhook(storage, environment.id);
      await happens(storage, environment.key, 'waiting');
      const outcome = {
        state: 'dead',
        triedAt: clock.time,
        nextAt: undefined,
        status: 500,
        problem: 'status',
      } as const;
      const message = { type: 'webhook.test', body: '{}' };
      for (let index = 0; index < KEPT_DELIVERIES + 3; index++) {
        await storage.webhooks.record(id, message, `msg_${index}`, outcome);
      }
      const kept = await storage.webhooks.deliveries(id, 1_000);
      expect(kept).toHaveLength(KEPT_DELIVERIES + 1);
      expect(kept[0]).toMatchObject({
        messageId: `msg_${KEPT_DELIVERIES + 2}`,
        attempts: 1,
        state: 'dead',
        status: 500,
      });
      expect(kept.at(-1)).toMatchObject({ type: 'flag.update', state: 'waiting' });
    });

    it('that wait are bounded: of more the oldest are dropped, and counted', async () => {
      const { storage, environment, clock } = await setUp();
      const { id } = await aWebhook(storage, environment.id);
      const more = 3;
      await storage.transact(async ({ audit }) => {
        for (let index = 0; index < MAX_WAITING + more; index++) {
          const subject = { kind: 'flag', key: `f${index}`, environment: environment.key };
          await audit.append({ actor: SETTINGS_TOKEN, action: 'update', subject });
        }
      });
      expect(await storage.webhooks.counts(id)).toEqual({ waiting: MAX_WAITING, delivered: 0, dead: 0, dropped: more });
      const [oldest] = await claim(storage, clock.time);
      expect(JSON.parse(oldest?.body ?? '').data.key).toBe(`f${more}`);
    });

    it('and their webhooks outlast a restart', async ({ skip }) => {
      const { storage, environment, clock, reopen } = await setUp();
      if (reopen === undefined) return skip('nothing outlives this storage');
      const webhook = await aWebhook(storage, environment.id);
      await happens(storage, environment.key);
      const again = await reopen();
      expect(await again.webhooks.list(environment.id)).toEqual([webhook]);
      expect((await claim(again, clock.time)).map(({ delivery }) => delivery.type)).toEqual(['flag.update']);
    });
  });
}
