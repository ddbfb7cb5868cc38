import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Bodies } from '../../src/http/body.js';
import { Refusal } from '../../src/model/refusal.js';

const MIB = 1024 * 1024;

/** A request on a connection of which a test decides what has come. */
class FakeRequest {
  readonly socket = Object.assign(new PassThrough(), { bytesRead: 0 });
  readonly reply = new EventEmitter();
  readonly headers: Record<string, string>;

  constructor(headers: Record<string, string> | number) {
    this.headers = typeof headers === 'number' ? { 'content-length': String(headers) } : headers;
  }

  get asRequest(): FastifyRequest {
    return this as unknown as FastifyRequest;
  }
  get raw() {
    return { socket: this.socket };
  }
  get asReply(): FastifyReply {
    return { raw: this.reply } as unknown as FastifyReply;
  }
  /** The answer has left, or the connection is over. */
  end(): void {
    this.reply.emit('close');
  }
}

/** Whether a body may come: it waits as long as there is no room. */
async function isLetIn(bodies: Bodies, request: FakeRequest, limit = 2 * MIB, isTrusted = false): Promise<boolean> {
  let isIn = false;
  void bodies.expect(request.asRequest, request.asReply, limit, isTrusted).then(() => {
    isIn = true;
  });
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return isIn;
}

const readAfter = async (text: string, limit: number, isTrusted = false): Promise<unknown> => {
  const bodies = new Bodies();
  const request = new FakeRequest(Buffer.byteLength(text));
  await bodies.expect(request.asRequest, request.asReply, limit, isTrusted);
  return bodies.read(request.asRequest, text);
};

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

describe('the size of a body', () => {
  it.each<[headers: Record<string, string>, isTaken: boolean]>([
    [{}, true],
    [{ 'content-length': '0' }, true],
    [{ 'content-length': '100' }, true],
    [{ 'content-length': '101' }, false],
    [{ 'content-length': '999999999999' }, false],
    // In chunks it does not say how large it is: that shows once it has come.
    [{ 'transfer-encoding': 'chunked' }, true],
    [{ 'transfer-encoding': 'chunked', 'content-length': '101' }, true],
  ])('announced by %j is taken: %s', async (headers, isTaken) => {
    const request = new FakeRequest(headers);
    const expecting = new Bodies().expect(request.asRequest, request.asReply, 100, false);
    if (isTaken) await expect(expecting).resolves.toBeUndefined();
    else await expect(expecting).rejects.toMatchObject({ statusCode: 413 });
  });

  it.each([
    ['"12345678"', 10, true],
    ['"123456789"', 10, false],
    // Characters are not bytes.
    ['"éééé"', 10, true],
    ['"ééééé"', 10, false],
    ['"🚩🚩"', 10, true],
    ['"🚩🚩"', 9, false],
  ])('of %s is taken by a limit of %d bytes: %s', async (text, limit, isTaken) => {
    const request = new FakeRequest({ 'transfer-encoding': 'chunked' });
    const bodies = new Bodies();
    await bodies.expect(request.asRequest, request.asReply, limit, false);
    const read = bodies.read(request.asRequest, text);
    if (isTaken) expect(await read).toBe(JSON.parse(text));
    else await expect(read).rejects.toMatchObject({ statusCode: 413 });
  });

  it('of a request that nobody expected is none', async () => {
    await expect(new Bodies().read(new FakeRequest(1).asRequest, '1')).rejects.toMatchObject({ statusCode: 413 });
  });
});

describe('what a body says', () => {
  it.each<[string, unknown]>([
    ['', undefined],
    ['null', null],
    [' {"a":[1,2]} ', { a: [1, 2] }],
    ['"\\ud83d\\udea9"', '🚩'],
    ['{"__proto__":{"a":1}}', JSON.parse('{"__proto__":{"a":1}}')],
    [`${'['.repeat(200)}${']'.repeat(200)}`, JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`)],
  ])('is read from %j', async (text, value) => {
    expect(await readAfter(text, 1_000)).toEqual(value);
  });

  it.each<[string, RegExp]>([
    ['{', /line 1, column 2: expected/],
    ['{"a":1,}', /line 1, column 8: expected/],
    ["{'a':1}", /line 1, column 2: expected/],
    ['{\n  "a": 1\n  "b": 2\n}', /line 3, column 3: expected/],
    ['[1,2', /line 1, column 5: expected/],
    ['nul', /line 1, column \d: expected/],
    ['{"a":undefined}', /line 1, column 6: expected/],
    ['\ufeff{}', /line 1, column 1: expected/],
  ])('%j is no JSON, and the mistake is named by its place', async (text, place) => {
    const refusal = await readAfter(text, 1_000).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refusal);
    expect((refusal as Refusal).message).toMatch(/^The body is not JSON: .*\.$/);
    expect((refusal as Refusal).message).toMatch(place);
  });

  it('is not repeated in the answer: it may be a secret', async () => {
    const refusal = await readAfter('{"password": hunter2}', 1_000).catch((error: unknown) => error);
    expect(String((refusal as Refusal).message)).not.toMatch(/password|hunter/);
  });

  it('far from its beginning is not searched for its mistake', async () => {
    const text = `[${'1,'.repeat(200_000)}x]`;
    await expect(readAfter(text, MIB)).rejects.toThrow(/the mistake is not in its first 262,144 characters\.$/);
  });

  it('nested too deeply is refused before it is parsed', async () => {
    const parse = vi.spyOn(JSON, 'parse');
    const text = `${'['.repeat(201)}${']'.repeat(201)}`;
    await expect(readAfter(text, 1_000)).rejects.toThrow(/nested too deeply/);
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  it.each<[string, string, RegExp | undefined]>([
    ['good', `{"segments":[],"flags":[${'{"key":"f"},'.repeat(40_000)}{"key":"last"}]}`, undefined],
    ['no JSON', `{"segments":[],"flags":[${'{"key":"f"},'.repeat(40_000)}]}`, /the mistake is not in its first/],
    [
      'no JSON near its beginning',
      `{"segments":[x],"flags":[${'{"key":"f"},'.repeat(40_000)}{}]}`,
      /line 1, column 14/,
    ],
    [
      'nested too deeply',
      `{"flags":[${'{"key":"f"},'.repeat(40_000)}${'['.repeat(200)}${']'.repeat(200)}]}`,
      /too deeply/,
    ],
  ])('is read alike when it is long: %s', async (_, text, message) => {
    if (message === undefined) expect(await readAfter(text, MIB, true)).toEqual(JSON.parse(text));
    else await expect(readAfter(text, MIB, true)).rejects.toThrow(message);
  });

  it('that is long names the places of twenty numbers at most, wherever they are', async () => {
    const many = `{"flags":[${'{"a":1},'.repeat(40_000)}${'{"n":12345678901234567890},'.repeat(30)}{}]}`;
    await expect(readAfter(many, MIB, true)).rejects.toMatchObject({
      faults: Array.from({ length: 20 }, (_, index) => ({ path: `flags[${40_000 + index}].n` })),
    });
  });

  it('has numbers that cannot be kept: refused where it is kept, and only there', async () => {
    const text = '{"a":[1,12345678901234567890]}';
    await expect(readAfter(text, 1_000, true)).rejects.toMatchObject({
      code: 'invalid-request',
      faults: [{ code: 'inexact-number', path: 'a[1]' }],
    });
    await expect(readAfter(text, 1_000)).resolves.toEqual({ a: [1, 12345678901234567000] });
  });
});

describe('bodies that arrive at the same time', () => {
  it('have room for 64 MiB, then wait for one another', async () => {
    const bodies = new Bodies();
    const first = Array.from({ length: 32 }, () => new FakeRequest(2 * MIB));
    for (const request of first) expect(await isLetIn(bodies, request)).toBe(true);
    const late = new FakeRequest(2 * MIB);
    let isIn = false;
    void bodies.expect(late.asRequest, late.asReply, 2 * MIB, false).then(() => {
      isIn = true;
    });
    await Promise.resolve();
    expect(isIn).toBe(false);
    first[0]?.end();
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    expect(isIn).toBe(true);
    for (const request of [...first, late]) request.end();
  });

  it('that are small, or empty, or of who manages the center never wait', async () => {
    const bodies = new Bodies();
    const full = Array.from({ length: 32 }, () => new FakeRequest(2 * MIB));
    for (const request of full) await isLetIn(bodies, request);
    expect(await isLetIn(bodies, new FakeRequest({}))).toBe(true);
    expect(await isLetIn(bodies, new FakeRequest(4 * 1024))).toBe(true);
    expect(await isLetIn(bodies, new FakeRequest(4 * 1024 + 1))).toBe(false);
    expect(await isLetIn(bodies, new FakeRequest(8 * MIB), 8 * MIB, true)).toBe(true);
    for (const request of full) request.end();
  });

  it('of who manages the center wait for one another when they are long: each may be held in memory more than once', async () => {
    const bodies = new Bodies();
    const files = [new FakeRequest(32 * MIB), new FakeRequest(32 * MIB)];
    for (const file of files) expect(await isLetIn(bodies, file, 32 * MIB, true)).toBe(true);
    expect(await isLetIn(bodies, new FakeRequest(3 * MIB), 8 * MIB, true)).toBe(false);
    // A flag has two megabytes at most.
    expect(await isLetIn(bodies, new FakeRequest(2 * MIB), 2 * MIB, true)).toBe(true);
    for (const file of files) file.end();
    expect(await isLetIn(bodies, new FakeRequest(32 * MIB), 32 * MIB, true)).toBe(true);
  });

  it('in chunks take the room of the largest that would be taken', async () => {
    const bodies = new Bodies();
    const chunked = Array.from({ length: 8 }, () => new FakeRequest({ 'transfer-encoding': 'chunked' }));
    for (const request of chunked) expect(await isLetIn(bodies, request, 8 * MIB)).toBe(true);
    expect(await isLetIn(bodies, new FakeRequest(5 * 1024))).toBe(false);
    for (const request of chunked) request.end();
  });

  it('of a sender that drips are given up: what it has announced is held', async () => {
    const bodies = new Bodies();
    const slow = new FakeRequest(MIB);
    await isLetIn(bodies, slow);
    for (let second = 0; second < 29; second++) {
      vi.advanceTimersByTime(1_000);
      // Less than what counts as progress.
      slow.socket.bytesRead += 500;
    }
    expect(slow.socket.destroyed).toBe(false);
    vi.advanceTimersByTime(2_000);
    expect(slow.socket.destroyed).toBe(true);
  });

  it('of a sender that is slow and goes on are waited for', async () => {
    const bodies = new Bodies();
    const slow = new FakeRequest(MIB);
    await isLetIn(bodies, slow);
    for (let second = 0; second < 120; second += 10) {
      vi.advanceTimersByTime(10_000);
      slow.socket.bytesRead += 20_000;
    }
    expect(slow.socket.destroyed).toBe(false);
    slow.end();
  });

  it('once they have come are nobody’s to give up: the handler may take its time', async () => {
    const bodies = new Bodies();
    const request = new FakeRequest(MIB);
    await isLetIn(bodies, request);
    await bodies.read(request.asRequest, '1');
    vi.advanceTimersByTime(600_000);
    expect(request.socket.destroyed).toBe(false);
    request.end();
  });

  it('of a connection that is over when its turn comes take no room', async () => {
    const bodies = new Bodies();
    const gone = Array.from({ length: 40 }, () => new FakeRequest(2 * MIB));
    for (const request of gone) {
      request.socket.destroy();
      expect(await isLetIn(bodies, request)).toBe(true);
    }
  });
});
