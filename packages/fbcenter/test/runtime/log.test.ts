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
