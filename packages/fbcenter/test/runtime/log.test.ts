import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { calmLogger, errorText, lineLogger } from '../../src/runtime/log.js';

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

  it('writes nothing when it is silent, and one line whatever the fields hold', () => {
    const silent = linesOf('silent');
    silent.logger.error('e');
    expect(silent.lines).toEqual([]);
    const { lines, logger } = linesOf('debug');
    logger.info('i', { text: 'a\nb', nothing: undefined, object: { a: 1 } });
    expect(lines.join('').split('\n')).toHaveLength(2);
  });

  describe('as JSON', () => {
    const lineOf = (message: string, fields?: Record<string, unknown>) => {
      const lines: string[] = [];
      lineLogger('debug', (line) => lines.push(line), 'json').info(message, fields);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^\{[^\n]*\}\n$/);
      return JSON.parse(lines[0] ?? '');
    };

    it('is one object a line: time, level, message, then the fields', () => {
      const lines: string[] = [];
      const logger = lineLogger('warn', (line) => lines.push(line), 'json');
      logger.info('i');
      logger.error('two words', { code: 5, path: '/a\nb' });
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(
        /^\{"time":"\d{4}-[^"]+Z","level":"error","message":"two words","code":5,"path":"\/a\\nb"\}\n$/,
      );
    });

    const circular: Record<string, unknown> = { a: 1 };
    circular.self = circular;
    const shared = { x: 1 };

    it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
      [
        'what every line has is not hidden',
        { level: 'l', time: 't', message: 'm' },
        { level_: 'l', time_: 't', message_: 'm' },
      ],
      ['an error is its sentence', { error: new Error('e', { cause: new Error('c') }) }, { error: 'e (c)' }],
      ['a large number is text', { n: 2n ** 70n }, { n: String(2n ** 70n) }],
      ['what goes round in a circle ends', { circular }, { circular: { a: 1, self: 'circular' } }],
      ['what is there twice is there twice', { a: shared, b: [shared, shared] }, { a: shared, b: [shared, shared] }],
      ['what has no value is not there', { a: undefined, f: () => 1 }, {}],
      ['a name is data', JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": 1}')],
    ])('%s', (_, fields, expected) => {
      const { time, level, message, ...rest } = lineOf('m', fields);
      expect([level, message]).toEqual(['info', 'm']);
      expect(Date.parse(time)).toBeGreaterThan(0);
      expect(rest).toEqual(expected);
    });
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

describe('a field of a line', () => {
  it.each<[unknown, string]>([
    ['plain', 'f=plain'],
    ['a/b.c:d@e-f_1', 'f=a/b.c:d@e-f_1'],
    ['two words', 'f="two words"'],
    ['', 'f=""'],
    ['a\nb', 'f="a\\nb"'],
    ['quo"te', 'f="quo\\"te"'],
    ['ключ', 'f="ключ"'],
    [5, 'f=5'],
    [true, 'f=true'],
    [null, 'f=null'],
    [undefined, 'f=undefined'],
    [{ a: 1 }, 'f="{\\"a\\":1}"'],
  ])('that is %j is written as %s', (value, expected) => {
    const lines: string[] = [];
    lineLogger('info', (line) => lines.push(line)).info('m', { f: value });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith(` m ${expected}\n`), lines[0]).toBe(true);
  });
});

describe('the text of an error', () => {
  it.each<[unknown, string]>([
    [new Error('what'), 'what'],
    [new Error('what', { cause: new Error('why') }), 'what (why)'],
    [new Error('what', { cause: 'why' }), 'what'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [null, 'null'],
  ])('%s is %j, without a stack', (error, expected) => {
    expect(errorText(error)).toBe(expected);
  });
});
