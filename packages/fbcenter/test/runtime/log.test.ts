import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { calmLogger, lineLogger } from '../../src/runtime/log.js';

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
