import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectionList, type ListedConnection } from '../../src/streaming/connection-list.js';

const connection = (environmentId = 'e') => ({
  environmentId,
  kind: 'server' as const,
  program: { name: 'sdk', version: undefined },
  since: 5,
  progress: () => ({ sentVersion: 1, behind: 0 }),
});
const idsOf = (list: ConnectionList, after = 0, limit = 100, environment = 'e') =>
  list.page(environment, after, limit).map(([, id]) => id);
/** Puts one on the list. */
const added = (list: ConnectionList, one: ListedConnection = connection()) => {
  list.add(one);
  return one;
};

describe('the list of connections', () => {
  it('has those of each environment by itself, in the order in which they came', () => {
    const list = new ConnectionList();
    for (const environment of ['e', 'f', 'e']) list.add(connection(environment));
    expect([idsOf(list), idsOf(list, 0, 100, 'f'), idsOf(list, 0, 100, 'g')]).toEqual([[1, 3], [2], []]);
    expect([list.countOf('e'), list.countOf('g')]).toEqual([2, 0]);
  });

  it('goes on behind an id, also of one that has left', () => {
    const list = new ConnectionList();
    const [, second = connection()] = Array.from({ length: 5 }, () => added(list));
    expect(idsOf(list, 0, 2)).toEqual([1, 2]);
    list.remove(second);
    expect([idsOf(list, 2, 2), idsOf(list, 4, 2), idsOf(list, 5, 2)]).toEqual([[3, 4], [5], []]);
  });

  it('counts each kind, of the environments that have any', () => {
    const list = new ConnectionList();
    expect([...list.counts()]).toEqual([]);
    const one = added(list);
    added(list, { ...connection(), kind: 'client' });
    const other = added(list, { ...connection('f'), kind: 'client' });
    list.remove(one);
    list.remove(one);
    list.remove(other);
    expect([...list.counts()]).toEqual([
      { environmentId: 'e', kind: 'server', count: 0 },
      { environmentId: 'e', kind: 'client', count: 1 },
    ]);
  });

  it('takes a connection off once', () => {
    const list = new ConnectionList();
    const one = added(list);
    added(list);
    list.remove(one);
    list.remove(one);
    expect(list.countOf('e')).toBe(1);
  });
});

describe('those who watch connections', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('hear that some have come or gone, at once and then at most once a second', async () => {
    const list = new ConnectionList();
    const heard: number[] = [];
    list.watch('e', () => void heard.push(list.countOf('e')));
    const first = added(list);
    await vi.advanceTimersByTimeAsync(1);
    expect(heard).toEqual([1]);
    for (let index = 0; index < 20; index++) list.add(connection());
    list.remove(first);
    await vi.advanceTimersByTimeAsync(900);
    expect(heard).toEqual([1]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(heard).toEqual([1, 20]);
  });

  it('hear nothing of other environments, nor after they have left', async () => {
    const list = new ConnectionList();
    const heard: string[] = [];
    const end = list.watch('e', () => void heard.push('e'));
    list.watch('f', () => void heard.push('f'));
    list.add(connection('f'));
    await vi.advanceTimersByTimeAsync(10);
    list.add(connection('e'));
    end();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(heard).toEqual(['f']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may be watched by the same function twice', async () => {
    const list = new ConnectionList();
    let heard = 0;
    const watcher = () => {
      heard += 1;
    };
    const [end] = [list.watch('e', watcher), list.watch('e', watcher)];
    end?.();
    list.add(connection());
    await vi.advanceTimersByTimeAsync(10);
    expect(heard).toBe(1);
  });
});
