import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairPlaces } from '../../src/runtime/fair-places.js';
import { check } from '../support/property.js';

/** Who has a place, by name; the first letter is the network. */
function world(most: number, among?: 'holders-first' | 'newcomers-first') {
  const places = new FairPlaces(most, among);
  const held = new Map<string, () => void>();
  const come = (name: string): boolean => {
    const holder = { network: name.slice(0, 1), giveUp: () => held.delete(name) };
    if (!places.take(holder)) return false;
    held.set(name, () => {
      places.release(holder);
      held.delete(name);
    });
    return true;
  };
  return { places, held, come, holders: () => [...held.keys()].join(' '), leave: (name: string) => held.get(name)?.() };
}

describe('places', () => {
  it.each<[string, string, string]>([
    ['who comes first has one', 'a1 b1 c1', 'a1 b1 c1'],
    ['when all are from one network, who has one keeps it', 'a1 a2 a3 a4', 'a1 a2 a3'],
    ['of a crowd the oldest gives way to somebody from elsewhere', 'a1 a2 a3 b1', 'a2 a3 b1'],
    ['but not so that the newcomers become the crowd', 'a1 a2 a3 b1 b2', 'a2 a3 b1'],
    ['nor where nobody has more than one', 'a1 b1 c1 d1', 'a1 b1 c1'],
    ['the crowd does not get back what it has given', 'a1 a2 a3 b1 a4', 'a2 a3 b1'],
    ['two networks give way to a third', 'a1 a2 b1 c1', 'a2 b1 c1'],
  ])('of three: %s', (_, comers, holders) => {
    const { come, holders: now } = world(3);
    for (const name of comers.split(' ')) come(name);
    expect(now()).toBe(holders);
  });

  it.each<[string, string, string]>([
    ['the oldest of the network gives way', 'a1 a2 a3 a4 a5', 'a3 a4 a5'],
    ['others give way only where they are more', 'a1 a2 b1 b2', 'a2 b1 b2'],
    ['where nobody has more, one of them does', 'a1 b1 c1 d1', 'b1 c1 d1'],
  ])('where newcomers come first: %s', (_, comers, holders) => {
    const { come, holders: now } = world(3, 'newcomers-first');
    for (const name of comers.split(' ')) expect(come(name)).toBe(true);
    expect(now()).toBe(holders);
  });

  it('that are given back are free, once', () => {
    const { places, come, leave, holders, held } = world(2);
    come('a1');
    come('a2');
    const leaveFirst = held.get('a1');
    leave('a1');
    leaveFirst?.();
    expect([places.areTaken, come('a3'), places.areTaken, holders()]).toEqual([false, true, true, 'a2 a3']);
    expect(places.hasRoomFor('a')).toBe(false);
    expect(places.hasRoomFor('b')).toBe(true);
  });

  it('of none are for nobody', () => {
    expect(world(0).come('a1')).toBe(false);
  });

  it('are never more than there are, and no network is kept out by a larger one, whoever comes and goes', async () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(1_000)), {
      maxLength: 60,
    });
    const kinds = fc.constantFrom('holders-first', 'newcomers-first') as fc.Arbitrary<
      'holders-first' | 'newcomers-first'
    >;
    await check(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), kinds, (list, most, kind) => {
        const { places, held, come, leave } = world(most, kind);
        const countOf = (network: string) => [...held.keys()].filter((name) => name.startsWith(network)).length;
        for (const [index, [isComing, network, which]] of list.entries()) {
          if (!isComing) {
            leave([...held.keys()][which % Math.max(1, held.size)] ?? '');
            continue;
          }
          const before = new Map(['a', 'b', 'c', 'd'].map((one) => [one, countOf(one)]));
          const largest = Math.max(...before.values());
          const own = before.get(network) ?? 0;
          const isFull = held.size >= most;
          const hasRoom = !isFull || kind === 'newcomers-first' || own + 1 < largest;
          expect(places.hasRoomFor(network)).toBe(hasRoom);
          expect(come(`${network}${index}`)).toBe(hasRoom);
          const were = [...before.values()].reduce((sum, count) => sum + count, 0);
          expect(held.size).toBe(isFull ? most : were + 1);
          // Somebody of the largest network has given way.
          if (isFull && hasRoom) {
            const shrunk = [...before].filter(([one, count]) => countOf(one) < count + (one === network ? 1 : 0));
            expect(shrunk.map(([, count]) => count)).toEqual([largest]);
          }
        }
        expect(places.areTaken).toBe(held.size >= most);
      }),
    );
  });
});
