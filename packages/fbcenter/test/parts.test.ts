import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { encodeGuid, isSecret, newSecret } from '../src/access/secrets.js';
import { InsightRecorder } from '../src/insights/recorder.js';
import { TallyBuilder } from '../src/insights/tally.js';
import { inSlices } from '../src/live/slices.js';
import type { Tally } from '../src/model/tally.js';
import { systemClock } from '../src/runtime/clock.js';
import { Listeners } from '../src/runtime/listeners.js';
import { calmLogger, lineLogger } from '../src/runtime/log.js';
import { ByteBudget } from '../src/streaming/byte-budget.js';

describe('the insight recorder', () => {
  const tally = (...flagKeys: string[]): Tally => ({
    evaluations: flagKeys.map((flagKey) => ({ flagKey, variationId: 'v', count: 1, experimentCount: 0 })),
    metrics: [{ eventName: 'm', count: 1, sum: 2, min: 2, max: 2 }],
    identifications: 1,
    rejected: 1,
  });

  function recorderOn(write: (tallies: ReadonlyMap<string, Tally>) => Promise<void>) {
    return new InsightRecorder({ record: write });
  }

  it('writes what comes in one turn of the event loop in one go, added up for each environment', async () => {
    const write = vi.fn(async () => {});
    const recorder = recorderOn(write);
    await Promise.all([
      recorder.record('e1', tally('a', 'b')),
      recorder.record('e1', tally('a')),
      recorder.record('e2', tally('a')),
    ]);
    expect(write).toHaveBeenCalledTimes(1);
    expect(write).toHaveBeenCalledWith(
      new Map([
        [
          'e1',
          {
            evaluations: [
              { flagKey: 'a', variationId: 'v', count: 2, experimentCount: 0 },
              { flagKey: 'b', variationId: 'v', count: 1, experimentCount: 0 },
            ],
            metrics: [{ eventName: 'm', count: 2, sum: 4, min: 2, max: 2 }],
            identifications: 2,
            rejected: 2,
          },
        ],
        ['e2', tally('a')],
      ]),
    );
    await recorder.record('e1', tally('c'));
    expect(write).toHaveBeenCalledTimes(2);
  });

  it('fails all that share a write that fails, and none after it', async () => {
    const failure = new Error('on purpose');
    const recorder = recorderOn(vi.fn(async () => {}).mockRejectedValueOnce(failure));
    const both = await Promise.allSettled([recorder.record('e', tally('a')), recorder.record('e', tally('b'))]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await recorder.record('e', tally('c'));
  });

  it('takes no more than memory is set aside for, until it is written', async () => {
    const recorder = new InsightRecorder({ record: async () => {} }, 3);
    const first = recorder.record('e', tally('a', 'b', 'c'));
    await expect(recorder.record('e', tally('a'))).rejects.toMatchObject({ code: 'busy' });
    await first;
    await recorder.record('e', tally('a'));
  });
});

describe('a tally', () => {
  it.each([
    [[1.7e308, 1.7e308]],
    [[-1.7e308, -1.7e308]],
    [[1.7e308, 1.7e308, -1.7e308, -1.7e308, -1.7e308]],
    [[Number.MAX_VALUE, -Number.MAX_VALUE]],
  ])('of %j has a finite sum', (values) => {
    const tally = new TallyBuilder();
    for (const value of values) tally.addMetrics({ eventName: 'm', count: 1, sum: value, min: value, max: value });
    const [metric] = tally.build().metrics;
    expect(metric).toMatchObject({ count: values.length, min: Math.min(...values), max: Math.max(...values) });
    expect(Number.isFinite(metric?.sum)).toBe(true);
  });
});

describe('a byte budget', () => {
  it('lets go in the order of asking, as much as fits, and anything when nothing is on its way', async () => {
    const budget = new ByteBudget(100);
    const started: string[] = [];
    const releases = new Map<string, () => void>();
    const ask = (name: string, bytes: number) => {
      void budget.take(bytes).then((release) => {
        started.push(name);
        releases.set(name, release);
      });
    };
    ask('a', 60);
    ask('b', 40);
    ask('huge', 1_000);
    ask('c', 10);
    await setImmediate();
    expect(started).toEqual(['a', 'b']);
    releases.get('a')?.();
    releases.get('a')?.();
    await setImmediate();
    expect(started).toEqual(['a', 'b']);
    releases.get('b')?.();
    await setImmediate();
    expect(started).toEqual(['a', 'b', 'huge']);
    releases.get('huge')?.();
    await setImmediate();
    expect(started).toEqual(['a', 'b', 'huge', 'c']);
  });
});

describe('slices', () => {
  it('visit everybody, at once the first of them, the event loop in between', async () => {
    const members = new Set(Array.from({ length: 600 }, (_, index) => index));
    const visited: number[] = [];
    inSlices(members, (member) => visited.push(member))();
    expect(visited).toHaveLength(256);
    await setImmediate();
    expect(visited).toHaveLength(512);
    await setImmediate();
    expect(visited).toEqual([...members]);
  });

  it('asked again while they visit, visit everybody once more, however often they were asked', async () => {
    const members = new Set(Array.from({ length: 300 }, (_, index) => index));
    const visits = new Map<number, number>();
    const visit = inSlices(members, (member) => visits.set(member, (visits.get(member) ?? 0) + 1));
    visit();
    visit();
    visit();
    await vi.waitFor(() => expect([...visits.values()]).toEqual(Array(300).fill(2)));
    visit();
    expect(visits.get(0)).toBe(3);
  });

  it('leave out who has left, and take in who has come', async () => {
    const members = new Set(Array.from({ length: 300 }, (_, index) => index));
    const visited: number[] = [];
    inSlices(members, (member) => visited.push(member))();
    members.delete(299);
    members.add(1_000);
    await setImmediate();
    expect(visited).toHaveLength(300);
    expect(visited).not.toContain(299);
    expect(visited).toContain(1_000);
  });
});

describe('secrets', () => {
  it('encode GUIDs as .NET does', () => {
    // Guid.Parse("00112233-4455-6677-8899-aabbccddeeff").ToByteArray() is 33 22 11 00 55 44 77 66 88 99 aa bb cc dd ee ff.
    expect(encodeGuid('00112233-4455-6677-8899-aabbccddeeff')).toBe('MyIRAFVEd2aImaq7zN3u_w');
    expect(encodeGuid('ffffffff-ffff-ffff-ffff-ffffffffffff')).toBe('_____________________w');
    expect(encodeGuid('fbefbefb-efbe-fbef-befb-efbefbefbefb')).toMatch(/^[\w-]{22}$/);
  });

  it('are 44 characters, a random GUID and the environment', () => {
    const id = '00112233-4455-6677-8899-aabbccddeeff';
    const secret = newSecret(id);
    expect(isSecret(secret)).toBe(true);
    expect(secret.slice(22)).toBe(encodeGuid(id));
    expect(newSecret(id)).not.toBe(secret);
  });
});

describe('the clock', () => {
  it('is precise within the millisecond of the wall clock', () => {
    for (let count = 0; count < 1_000; count++) {
      const before = systemClock.now();
      const precise = systemClock.precise();
      expect(precise).toBeGreaterThanOrEqual(before);
      expect(precise).toBeLessThan(systemClock.now() + 1);
    }
  });
});

describe('the log', () => {
  const linesOf = (level: Parameters<typeof lineLogger>[0]) => {
    const lines: string[] = [];
    return { lines, logger: lineLogger(level, (line) => lines.push(line)) };
  };

  it('writes a line for what is serious enough', () => {
    const { lines, logger } = linesOf('warn');
    logger.debug('d');
    logger.info('i');
    logger.warn('w');
    logger.error('e', { code: 5, reason: 'two words', path: '/a/b' });
    expect(lines).toEqual([
      expect.stringMatching(/^\d{4}-\S+Z warn w\n$/),
      expect.stringMatching(/ error e code=5 reason="two words" path=\/a\/b\n$/),
    ]);
  });

  it('writes nothing when it is silent, and one line whatever it is told', () => {
    const silent = linesOf('silent');
    silent.logger.error('e');
    expect(silent.lines).toEqual([]);
    const { lines, logger } = linesOf('debug');
    logger.info('i', { text: 'a\nb', nothing: undefined, object: { a: 1 } });
    expect(lines.join('').split('\n')).toHaveLength(2);
  });

  it('of a center neither fails with its logger nor floods it', () => {
    const lines: unknown[] = [];
    let time = 0;
    const record = (message: string, fields?: object) => {
      lines.push([message, fields]);
      throw new Error('a bad logger');
    };
    const logger = calmLogger({ debug: record, info: record, warn: record, error: record }, () => time);
    logger.warn('a', { n: 1 });
    logger.warn('a', { n: 2 });
    logger.error('b');
    time = 999;
    logger.warn('a', { n: 3 });
    time = 1_000;
    logger.warn('a', { n: 4 });
    time = 2_000;
    logger.warn('a', { n: 5 });
    expect(lines).toEqual([
      ['a', { n: 1 }],
      ['b', undefined],
      ['a', { n: 4, leftOut: 2 }],
      ['a', { n: 5 }],
    ]);
  });

  it('of a center is not failed by a logger whose promise rejects', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const reject = () => Promise.reject(new Error('a bad logger'));
    calmLogger({ debug: reject, info: reject, warn: reject, error: reject }).error('a');
    await setImmediate();
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('listeners', () => {
  const failure = new Error('on purpose');
  const fail = () => {
    throw failure;
  };

  it.each<[string, () => unknown]>([
    ['throws', fail],
    ['returns a promise that rejects', async () => fail()],
    // biome-ignore lint/suspicious/noThenProperty: what it is about
    ['returns a thenable that throws', () => ({ then: fail })],
  ])('are not disturbed by one that %s; its error is told', async (_, bad) => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const errors: unknown[] = [];
    const heard: string[] = [];
    const listeners = new Listeners<string>((error) => errors.push(error));
    listeners.add(bad);
    listeners.add((event) => heard.push(event));
    listeners.emit('e');
    expect(heard).toEqual(['e']);
    await setImmediate();
    expect(errors).toEqual([failure]);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
