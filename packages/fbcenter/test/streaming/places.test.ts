import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Places } from '../../src/streaming/places.js';
import { check } from '../support/property.js';

const SERVER = { secret: 'server', secretId: 's' } as const;
const CLIENT = { secret: 'client', secretId: 'c' } as const;

/** Lets one in, or only as far as to be sent away. @returns what ends its connection. */
function enter(places: Places, caller?: typeof SERVER | typeof CLIENT): () => void {
  const connection = new EventEmitter();
  places.add(connection);
  if (caller !== undefined) places.assign(connection, caller);
  return () => void connection.emit('close');
}

describe('places', () => {
  it.each<[string, number, number, number, boolean, boolean]>([
    ['nobody', 0, 0, 0, false, false],
    ['browsers, which leave more than a quarter', 0, 8, 0, false, false],
    ['browsers up to the quarter of server SDKs', 0, 9, 0, false, true],
    ['browsers and those who are about to be sent away', 0, 4, 5, false, true],
    ['server SDKs beyond their quarter', 11, 0, 0, false, false],
    ['server SDKs everywhere', 12, 0, 0, true, false],
    ['both', 3, 9, 0, true, true],
  ])('of 12, taken by %s', (_, servers, browsers, others, areTaken, areTakenByOthers) => {
    const places = new Places({ maxConnections: 12, serverShare: 1 / 4 });
    for (let count = 0; count < servers; count++) enter(places, SERVER);
    for (let count = 0; count < browsers; count++) enter(places, CLIENT);
    for (let count = 0; count < others; count++) enter(places);
    expect([places.areTaken, places.areTakenByOthers]).toEqual([areTaken, areTakenByOthers]);
  });

  it('are free again when connections close, in whatever order', async () => {
    const callers = fc.array(fc.constantFrom(SERVER, CLIENT, undefined), { maxLength: 20 });
    await check(
      fc.property(callers, fc.infiniteStream(fc.nat()), (list, order) => {
        const places = new Places({ maxConnections: 10, serverShare: 1 / 2 });
        const open = list.map((caller) => ({ caller, leave: enter(places, caller) }));
        while (open.length > 0) {
          const count = (caller: typeof SERVER | typeof CLIENT) => open.filter((one) => one.caller === caller).length;
          expect([places.countBy('s'), places.countBy('c')]).toEqual([count(SERVER), count(CLIENT)]);
          expect(places.areTaken).toBe(open.length >= 10);
          expect(places.areTakenByOthers).toBe(open.length - count(SERVER) >= 5);
          const [at = 0] = order.take(1);
          const [gone] = open.splice(at % open.length, 1);
          gone?.leave();
        }
        expect([places.countBy('s'), places.countBy('c'), places.areTaken]).toEqual([0, 0, false]);
      }),
      100,
    );
  });
});
