import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FBClient } from '../../src/node-client.js';
import { FakePlatform } from '../support/fake-network.js';
import { full, patch, updatedAt, wireFlag } from '../support/wire.js';

const compiled: string[] = [];

vi.mock(import('../../src/flags/targeting.js'), async (importOriginal) => {
  const { Targeting } = await importOriginal();
  class CountedTargeting extends Targeting {
    constructor(...given: ConstructorParameters<typeof Targeting>) {
      super(...given);
      compiled.push(given[0].key);
    }
  }
  return { Targeting: CountedTargeting };
});

const ADA = { key: 'ada' };
const FLAGS = ['a', 'b', 'c', 'd'];

describe('the flags of a new environment', () => {
  let platform = new FakePlatform();
  const offline = () => new FBClient({ offline: true, bootstrap: full(FLAGS.map((key) => wireFlag(key))) }, platform);

  beforeEach(() => {
    compiled.length = 0;
    platform = new FakePlatform();
  });

  it('are compiled when they are evaluated, and the others in later turns of the event loop', async () => {
    const client = offline();
    expect(compiled).toEqual([]);
    client.variation('c', ADA, '');
    expect(compiled).toEqual(['c']);
    await platform.clock.settle();
    expect(compiled.toSorted()).toEqual(FLAGS);
  });

  it('are compiled once; those that come anew in a patch, with the patch', async () => {
    const client = offline();
    await platform.clock.settle();
    client.getAllLatestFlagVariations(ADA);
    client.initializeFromExternalJson(patch([wireFlag('b', 'on', { updatedAt: updatedAt(9) })]));
    expect(compiled).toEqual([...FLAGS, 'b']);
    await platform.clock.settle();
    client.getAllLatestFlagVariations(ADA);
    expect(compiled).toEqual([...FLAGS, 'b']);
  });

  it('are left alone once the client is closed', async () => {
    const client = offline();
    const closing = client.close();
    await platform.clock.settle();
    await closing;
    expect(compiled).toEqual([]);
    expect(client.variation('a', ADA, '')).toBe('on');
  });

  it('are compiled although the turn of the event loop takes its time, a slice at a time', async () => {
    platform.clock.costOfReading = 5;
    offline();
    platform.clock.nextTurn(() => expect(compiled.length).toBeLessThan(FLAGS.length));
    await platform.clock.settle();
    expect(compiled).toEqual(FLAGS);
  });
});
