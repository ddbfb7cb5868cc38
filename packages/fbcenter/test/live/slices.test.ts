import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { inSlices } from '../../src/live/slices.js';
import { check } from '../support/property.js';

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

describe('slices, however often they are asked', () => {
  it('visit everybody after the last time', async () => {
    await check(
      fc.asyncProperty(fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }), fc.nat(700), async (turns, size) => {
        const members = new Set(Array.from({ length: size }, (_, index) => index));
        const visits = new Map<number, number>();
        let asked = 0;
        const visit = inSlices(members, (member) => visits.set(member, asked));
        for (const wait of turns) {
          asked += 1;
          visit();
          for (let turn = 0; turn < wait; turn++) await setImmediate();
        }
        for (let turn = 0; turn < 10; turn++) await setImmediate();
        expect([...visits.values()]).toEqual(Array(size).fill(asked));
      }),
      60,
    );
  });
});
