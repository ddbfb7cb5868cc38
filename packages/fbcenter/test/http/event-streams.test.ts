import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type EventStreamLimits, EventStreams, type ServerEvent } from '../../src/http/event-streams.js';
import { Refusal } from '../../src/model/refusal.js';
import { aFlag, aSegment } from '../support/documents.js';
import { put, startTestCenter, type TestCenter } from '../support/test-center.js';

/** Follows an environment's changes; `next` is the next event's text. */
async function follow({ center }: TestCenter, environment = 'dev') {
  const abort = new AbortController();
  const response = await fetch(`${center.url}/api/v1/environments/${environment}/events`, {
    headers: { authorization: `Bearer ${center.adminToken}` },
    signal: abort.signal,
  });
  onTestFinished(() => abort.abort());
  if (response.body === null) throw new Error('no body');
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async (): Promise<string | undefined> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end !== -1) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        if (!event.startsWith(':')) return event;
        continue;
      }
      const { done, value = '' } = await reader.read();
      if (done) return undefined;
      text += value;
    }
  };
  return { response, next, leave: () => abort.abort() };
}

describe('the events of an environment', () => {
  it('say what is changed, in the order of versions, before the change is answered', async () => {
    const test = await startTestCenter();
    const { next, response } = await follow(test);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    await put(test.api, '/flags/f', aFlag());
    await put(test.api, '/segments/s', aSegment());
    const { headers } = await test.api('POST', '/flags/f/toggle');
    const version = Number(JSON.parse(headers.get('etag') ?? ''));
    const events = [await next(), await next(), await next()].map((text) => (text ?? '').split('\n'));
    expect(events.map(([, event, data]) => [event, JSON.parse((data ?? '').slice(6))])).toMatchObject([
      ['event: change', { kind: 'flag', key: 'f' }],
      ['event: change', { kind: 'segment', key: 's' }],
      ['event: change', { kind: 'flag', key: 'f', version }],
    ]);
    expect(events[2]?.[0]).toBe(`id: ${version}`);
  });

  it('are of one environment, and the list that is read after one has the change', async () => {
    const test = await startTestCenter({ environments: [{ key: 'dev' }, { key: 'other' }] });
    const { next } = await follow(test, 'other');
    await put(test.api, '/flags/f', aFlag());
    const call = (method: string, path: string, body?: unknown) =>
      test.call(method, `/api/v1/environments/other${path}`, {
        headers: { authorization: `Bearer ${test.center.adminToken}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    expect((await call('GET', '/flag-summaries')).body.items).toEqual([]);
    await call('PUT', '/flags/mine', aFlag());
    expect(await next()).toContain('"key":"mine"');
    expect((await call('GET', '/flag-summaries')).body.items).toMatchObject([{ key: 'mine' }]);
  });

  it('need the access token, and answer HEAD without a stream', async () => {
    const { call, center } = await startTestCenter();
    expect((await call('GET', '/api/v1/environments/dev/events')).status).toBe(401);
    const headers = { authorization: `Bearer ${center.adminToken}` };
    expect((await call('HEAD', '/api/v1/environments/dev/events', { headers })).status).toBe(200);
  });

  it('end with the center by themselves, and a client that left is forgotten', async () => {
    const test = await startTestCenter();
    const gone = await follow(test);
    gone.leave();
    const { next } = await follow(test);
    await put(test.api, '/flags/f', aFlag());
    expect(await next()).toContain('"key":"f"');
    await test.center.close();
    // Without an end of their own they would be cut after a second, which is an error to whoever reads.
    expect(await next()).toBeUndefined();
  });

  it.each<[string, Partial<EventStreamLimits>]>([
    ['backlog: a client that takes nothing is cut', { backlog: 1_000 }],
    ['streams: one too many is refused', { streams: 1 }],
  ])('have limits; %s', async (_, limits) => {
    const streams = new EventStreams(limits);
    const sent: string[] = [];
    const raw = Object.assign(new EventEmitter(), {
      writableLength: 0,
      socket: new Duplex({ read() {}, write() {} }),
      writeHead() {},
      end() {},
      write(text: string) {
        sent.push(text);
        raw.writableLength += text.length;
      },
    });
    const reply = {
      raw,
      hijack() {},
      request: { method: 'GET', raw: { socket: { remoteAddress: '10.0.0.1' } } },
    } as never;
    let send: ((event: ServerEvent) => void) | undefined;
    let isStopped = false;
    streams.open(reply, {}, (given) => {
      send = given;
      return () => {
        isStopped = true;
      };
    });
    if (limits.streams !== undefined) expect(() => streams.open(reply, {}, () => () => {})).toThrow(Refusal);
    else {
      while (sent.length < 100 && !raw.socket.destroyed) send?.({ id: '1', event: 'change', data: {} });
      expect(raw.socket.destroyed).toBe(true);
      expect(sent.join('').length).toBeLessThan(1_100);
    }
    raw.emit('close');
    expect(isStopped).toBe(true);
    expect(() => streams.open(reply, {}, () => () => {})).not.toThrow();
    raw.emit('close');
  });

  it('of a client that takes nothing between two signs of life end, however little waits for it', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const streams = new EventStreams({ heartbeat: 1_000 });
    const [lazy, slow, quick] = [aReply(), aReply(), aReply()];
    for (const { reply } of [lazy, slow, quick]) streams.open(reply, {}, () => () => {});
    for (let beat = 0; beat < 5; beat++) {
      vi.advanceTimersByTime(1_000);
      slow.raw.writableLength -= 4;
      quick.raw.writableLength = 0;
    }
    expect([lazy, slow, quick].map(({ raw }) => raw.socket.destroyed)).toEqual([true, false, false]);
    for (const { raw } of [lazy, slow, quick]) raw.emit('close');
  });

  it('are shared by networks: a crowd in one keeps nobody out elsewhere', () => {
    const streams = new EventStreams({ streams: 2 });
    const crowd = [aReply('10.0.0.1'), aReply('10.0.0.1')];
    for (const { reply } of crowd) streams.open(reply, {}, () => () => {});
    expect(() => streams.open(aReply('10.0.0.1').reply, {}, () => () => {})).toThrow(Refusal);
    const other = aReply('10.0.0.2');
    streams.open(other.reply, {}, () => () => {});
    expect([...crowd, other].map(({ raw }) => raw.socket.destroyed)).toEqual([true, false, false]);
    for (const { raw } of [...crowd, other]) raw.emit('close');
  });
});

/** A reply to somebody of whom the test decides what is taken. */
function aReply(remoteAddress = '10.0.0.1') {
  const raw = Object.assign(new EventEmitter(), {
    writableLength: 0,
    socket: new Duplex({ read() {}, write() {} }),
    writeHead() {},
    end() {},
    write(text: string) {
      raw.writableLength += text.length;
    },
  });
  const request = { method: 'GET', raw: { socket: { remoteAddress } } };
  return { raw, reply: { raw, hijack() {}, request } as never };
}
