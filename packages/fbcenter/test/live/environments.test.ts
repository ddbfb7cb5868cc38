import { describe, expect, it } from 'vitest';
import { LiveEnvironments } from '../../src/live/environments.js';
import { aFlag } from '../support/documents.js';
import { aDocument, closedGate, FakeChangeLog } from '../support/fake-change-log.js';

const flag = (key: string, version: number, overrides = {}) =>
  aDocument(key, version, { name: key, tags: [], targetUsers: [], rules: [], ...aFlag(), ...overrides });
const keysIn = (text: Buffer) => JSON.parse(String(text)).items.map(({ key }: { key: string }) => key);

describe('the environments that are live', () => {
  it('are each made once, and follow the log with one subscription', () => {
    const log = new FakeChangeLog();
    const live = new LiveEnvironments(log);
    const one = live.of('e');
    expect(live.of('e')).toBe(one);
    expect(live.of('f')).not.toBe(one);
    expect(log.listeners).toBe(1);
  });

  it('read nothing before somebody asks, whatever is committed', async () => {
    const log = new FakeChangeLog(flag('a', 1));
    const live = new LiveEnvironments(log);
    log.commit(flag('b', 2));
    live.of('e');
    log.commit(flag('c', 3));
    expect(log.reads).toEqual([]);
    expect(keysIn((await live.of('e').summaries.current()).text)).toEqual(['a', 'b', 'c']);
    expect(log.reads).toEqual(['everything of e']);
  });

  it('take a commit of their own, and none of another', async () => {
    const log = new FakeChangeLog(flag('a', 1));
    const live = new LiveEnvironments(log);
    await live.of('e').summaries.current();
    await live.of('e').flags.current();
    log.report(flag('stranger', 9), 'f');
    expect(keysIn((await live.of('e').summaries.current()).text)).toEqual(['a']);
    log.commit(flag('b', 2));
    expect(keysIn((await live.of('e').summaries.current()).text)).toEqual(['a', 'b']);
    expect([...(await live.of('e').flags.current()).facts.keys()]).toEqual(['a', 'b']);
  });

  it('forget what is deleted, in every form', async () => {
    const gone = flag('b', 2, { isArchived: true });
    const log = new FakeChangeLog(flag('a', 1), gone);
    const { flags, summaries, feed } = new LiveEnvironments(log).of('e');
    const before = await summaries.current();
    expect((await flags.current()).facts.has('b')).toBe(true);
    expect(JSON.parse(String((await feed.answer(0)).message.whole())).data.featureFlags).toHaveLength(2);
    log.remove(gone);
    const after = await summaries.current();
    expect([keysIn(after.text), after.tag === before.tag]).toEqual([['a'], false]);
    expect((await flags.current()).facts.has('b')).toBe(false);
    expect(JSON.parse(String((await feed.answer(0)).message.whole())).data.featureFlags).toHaveLength(1);
  });

  it('that are being read while something is deleted do not bring it back', async () => {
    const gone = flag('b', 2, { isArchived: true });
    const log = new FakeChangeLog(flag('a', 1), gone);
    const { summaries } = new LiveEnvironments(log).of('e');
    const everything = log.everything.bind(log);
    const { gate, open } = closedGate();
    // What was read before the deletion comes after it.
    log.everything = async (id) => {
      const read = await everything(id);
      await gate;
      return read;
    };
    const reading = summaries.current();
    await new Promise((resolve) => setImmediate(resolve));
    log.remove(gone);
    open();
    expect(keysIn((await reading).text)).toEqual(['a']);
    log.commit(flag('b', 3));
    expect(keysIn((await summaries.current()).text)).toEqual(['a', 'b']);
  });

  it('that cannot be read are read again by the next who asks', async () => {
    const log = new FakeChangeLog(flag('a', 1));
    const { summaries } = new LiveEnvironments(log).of('e');
    log.failure = new Error('on purpose');
    await expect(summaries.current()).rejects.toThrow('on purpose');
    expect(keysIn((await summaries.current()).text)).toEqual(['a']);
  });

  it('have summaries with a tag that says exactly which', async () => {
    const log = new FakeChangeLog(flag('a', 1), flag('b', 2));
    const { summaries } = new LiveEnvironments(log).of('e');
    const tags: string[] = [];
    const note = async () => void tags.push((await summaries.current()).tag);
    await note();
    log.commit(aDocument('s', 3, {}, 'segment'));
    await note();
    log.commit(flag('c', 4));
    await note();
    log.remove(flag('a', 1));
    await note();
    log.remove(flag('b', 2));
    await note();
    expect(new Set(tags).size).toBe(tags.length);
    // The same state has the same tag, also after a restart.
    expect((await new LiveEnvironments(log).of('e').summaries.current()).tag).toBe(tags.at(-1));
  });
});
