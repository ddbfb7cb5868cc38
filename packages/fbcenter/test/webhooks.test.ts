import { describe, expect, it } from 'vitest';
import { aFlag } from './support/documents.js';
import { FakeClock } from './support/fake-clock.js';
import { isSignedBy, startReceiver } from './support/receiver.js';
import { put, startTestCenter, type TestCenter } from './support/test-center.js';

const aWebhook = async ({ api }: TestCenter, url: string, events = ['flag.*', 'segment.*']) =>
  (await api('POST', '/webhooks', { name: 'Chat', url, events })).body;

describe('a webhook of a running center', () => {
  it('is sent each change of its environment, signed, with what was done by whom', async () => {
    const center = await startTestCenter({ webhooksToPrivate: true });
    const receiver = await startReceiver();
    const { secret } = await aWebhook(center, receiver.url);
    await put(center.api, '/flags/checkout', aFlag());
    await center.api('POST', '/flags/checkout/toggle', { isEnabled: false }, { 'x-change-comment': 'It hurts' });
    await expect.poll(() => receiver.received.length).toBe(2);
    const [created, switched] = receiver.received;
    expect(created?.body).toMatchObject({
      type: 'flag.create',
      data: { kind: 'flag', key: 'checkout', environment: 'dev' },
    });
    expect(switched?.body).toMatchObject({
      type: 'flag.switch-off',
      data: {
        key: 'checkout',
        fields: ['isEnabled'],
        comment: 'It hurts',
        actor: { kind: 'settings-token', id: 'settings-token', name: 'Access token of the settings' },
      },
    });
    expect(switched?.body.data.beforeVersion).toBe(created?.body.data.version);
    for (const message of receiver.received) expect(isSignedBy(secret, message)).toBe(true);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
  });

  it('is not sent what was not kept, nor what it did not ask for', async () => {
    const center = await startTestCenter({ webhooksToPrivate: true });
    const receiver = await startReceiver();
    await aWebhook(center, receiver.url, ['flag.create']);
    expect((await center.api('PUT', '/flags/bad', { variations: [] })).status).toBe(400);
    await put(center.api, '/segments/s', { included: [] });
    await put(center.api, '/flags/good', aFlag());
    await expect.poll(() => receiver.received.map(({ body }) => body.data.key)).toEqual(['good']);
  });

  it('is sent what a trigger does, in its name', async () => {
    const center = await startTestCenter({ webhooksToPrivate: true });
    const receiver = await startReceiver();
    await put(center.api, '/flags/f', aFlag());
    await aWebhook(center, receiver.url);
    const { body } = await center.api('POST', '/flags/f/triggers', { name: 'Pager', action: 'off' });
    expect((await center.call('POST', body.path)).status).toBe(200);
    await expect.poll(() => receiver.received.length).toBe(1);
    expect(receiver.received[0]?.body).toMatchObject({
      type: 'flag.switch-off',
      data: { actor: { kind: 'trigger', name: 'Pager' } },
    });
  });

  it('that is away is sent the message again, and says until then what is wrong', async () => {
    const clock = new FakeClock(Date.now());
    const center = await startTestCenter({ webhooksToPrivate: true }, { clock });
    const receiver = await startReceiver(500);
    const { id } = await aWebhook(center, receiver.url, ['flag.create']);
    await put(center.api, '/flags/f', aFlag());
    const last = async () => (await center.api('GET', `/webhooks/${id}`)).body.last;
    await expect.poll(last).toMatchObject({ state: 'waiting', attempts: 1, status: 500, problem: 'status' });
    receiver.answer = 204;
    clock.time += 6_000;
    // Whatever happens, it is looked whether something is due.
    await center.api('POST', '/flags/f/toggle');
    await expect.poll(last).toMatchObject({ state: 'delivered', attempts: 2, status: 204 });
    const [first, second] = receiver.received;
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.text).toBe(first?.text);
  });

  it('cannot be of this machine unless the center is started so', async () => {
    const center = await startTestCenter();
    const receiver = await startReceiver();
    const { status, body } = await center.api('POST', '/webhooks', { name: 'Inside', url: receiver.url });
    expect(status).toBe(400);
    expect(body.message).toContain('--webhooks-to-private');
    // A name is looked up when something is sent.
    const named = await center.api('POST', '/webhooks', { name: 'Inside', url: 'https://no-such-name.invalid/' });
    expect(named.status).toBe(201);
    const { body: tried } = await center.api('POST', `/webhooks/${named.body.id}/test`);
    expect(tried).toMatchObject({
      state: 'dead',
      problem: expect.stringMatching(/^(?:unreachable|timeout|address-refused)/),
    });
    expect(receiver.received).toEqual([]);
  }, 60_000);
});

describe('the address of a trigger', () => {
  it('takes any body, or none, and no other method', async () => {
    const center = await startTestCenter();
    await put(center.api, '/flags/f', aFlag());
    const { path } = (await center.api('POST', '/flags/f/triggers', { name: 'a', action: 'toggle' })).body;
    for (const [body, type] of [
      [undefined, undefined],
      ['{"alerts":[]}', 'application/json'],
      ['status=firing', 'application/x-www-form-urlencoded'],
      ['{ no JSON', 'application/json'],
      ['text', 'text/plain'],
    ]) {
      const init = {
        ...(body === undefined ? {} : { body }),
        headers: type === undefined ? {} : { 'content-type': type },
      };
      expect((await center.call('POST', path ?? '', init)).status, body).toBe(200);
    }
    // A preview of the link, or a browser that is led there, switches nothing.
    for (const method of ['GET', 'PUT', 'DELETE', 'HEAD'])
      expect((await center.call(method, path ?? '')).status).toBe(405);
    expect((await center.api('GET', '/flags/f/triggers')).body.items).toMatchObject([{ uses: 5 }]);
  });

  it('is refused to pages of other sites', async () => {
    const center = await startTestCenter();
    await put(center.api, '/flags/f', aFlag());
    const { path } = (await center.api('POST', '/flags/f/triggers', { name: 'a', action: 'off' })).body;
    const answer = await center.call('POST', path, { headers: { origin: 'https://elsewhere.example' } });
    expect(answer).toMatchObject({ status: 403, body: { code: 'cross-site' } });
  });
});
