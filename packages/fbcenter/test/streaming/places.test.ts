import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Guest, Places } from '../../src/streaming/places.js';
import { check } from '../support/property.js';

type Kind = 'server' | 'browser' | 'sent-away';

/** Those who are connected, by their order; a place that is given to somebody else ends its connection. */
class Crowd {
  readonly #places: Places;
  readonly open: (Guest & { readonly kind: Kind; readonly leave: () => void })[] = [];

  constructor(places: Places) {
    this.#places = places;
  }

  /** @returns whether somebody got in. */
  enter(kind: Kind, network = 'n'): boolean {
    if (!this.#places.hasRoomFor(network, kind === 'server')) return false;
    const leave = () => {
      this.open.splice(this.open.indexOf(one), 1);
      this.#places.leave(one);
      if (kind !== 'sent-away') this.#places.count(kind, -1);
    };
    const one = { kind, network, isServerSdk: kind === 'server', leave, giveUp: leave };
    this.#places.add(one);
    this.open.push(one);
    if (kind !== 'sent-away') this.#places.count(kind, 1);
    return true;
  }

  enterMany(count: number, kind: Kind, network?: string): void {
    for (let index = 0; index < count; index++) this.enter(kind, network);
  }

  count(kind: Kind, network?: string): number {
    return this.open.filter((one) => one.kind === kind && (network ?? one.network) === one.network).length;
  }
}

const placesOf = (maxConnections: number, serverShare = 1 / 4) => new Places({ maxConnections, serverShare });

describe('places', () => {
  it.each<[string, number, number, number, boolean, boolean]>([
    ['nobody', 0, 0, 0, true, true],
    ['browsers, which leave more than a quarter', 0, 8, 0, true, true],
    ['browsers up to the quarter of server SDKs', 0, 9, 0, true, false],
    ['browsers and those who are about to be sent away', 0, 4, 5, true, false],
    ['server SDKs beyond their quarter', 11, 0, 0, true, true],
    ['server SDKs everywhere', 12, 0, 0, false, false],
    ['both', 3, 9, 0, false, false],
  ])('of 12, taken by %s of one network', (_, servers, browsers, others, forServers, forBrowsers) => {
    const places = placesOf(12);
    const crowd = new Crowd(places);
    crowd.enterMany(servers, 'server');
    crowd.enterMany(browsers, 'browser');
    crowd.enterMany(others, 'sent-away');
    expect([places.hasRoomFor('n', true), places.hasRoomFor('n', false)]).toEqual([forServers, forBrowsers]);
  });

  it('of browsers are shared by networks: a crowd in one keeps nobody out elsewhere', () => {
    const places = placesOf(12);
    const crowd = new Crowd(places);
    crowd.enterMany(20, 'browser', 'crowd');
    expect(crowd.count('browser')).toBe(9);
    crowd.enterMany(20, 'browser', 'elsewhere');
    expect([crowd.count('browser', 'crowd'), crowd.count('browser', 'elsewhere')]).toEqual([5, 4]);
    crowd.enterMany(20, 'server', 'servers');
    expect([crowd.count('browser'), crowd.count('server')]).toEqual([8, 4]);
  });

  it('of server SDKs are never given to browsers, wherever these come from', () => {
    const crowd = new Crowd(placesOf(12));
    crowd.enterMany(12, 'server', 'servers');
    expect([crowd.enter('browser', 'elsewhere'), crowd.enter('sent-away', 'elsewhere')]).toEqual([false, false]);
    expect(crowd.enter('server', 'elsewhere')).toBe(true);
    expect([crowd.count('server', 'servers'), crowd.count('server', 'elsewhere')]).toEqual([11, 1]);
  });

  it('are free again when connections close, in whatever order', async () => {
    const kinds = fc.array(
      fc.tuple(fc.constantFrom<Kind>('server', 'browser', 'sent-away'), fc.constantFrom('a', 'b')),
      {
        maxLength: 30,
      },
    );
    await check(
      fc.property(kinds, fc.infiniteStream(fc.nat()), (list, order) => {
        const places = placesOf(10, 1 / 2);
        const crowd = new Crowd(places);
        for (const [kind, network] of list) {
          crowd.enter(kind, network);
          expect(crowd.open.length).toBeLessThanOrEqual(10);
          expect(crowd.count('browser') + crowd.count('sent-away')).toBeLessThanOrEqual(5);
        }
        while (crowd.open.length > 0) {
          expect([places.countBy('server'), places.countBy('browser')]).toEqual([
            crowd.count('server'),
            crowd.count('browser'),
          ]);
          const [at = 0] = order.take(1);
          crowd.open[at % crowd.open.length]?.leave();
        }
        expect([places.countBy('server'), places.countBy('browser')]).toEqual([0, 0]);
        crowd.enterMany(20, 'server');
        expect(crowd.count('server')).toBe(10);
      }),
      100,
    );
  });
});
