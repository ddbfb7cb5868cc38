import { describe, expect, it } from 'vitest';
import { runInSlices } from '../../src/platform/clock.js';
import { FakeClock } from '../support/fake-clock.js';

function* counted(steps: number, did: number[]): Generator<void, string, undefined> {
  for (let step = 1; step <= steps; step++) {
    did.push(step);
    yield;
  }
  return 'result';
}

describe('work in slices', () => {
  it('that fits into the first slice is done before the call returns', () => {
    const did: number[] = [];
    const results: string[] = [];
    runInSlices(new FakeClock(), counted(1_000, did), (result) => results.push(result));
    expect(did.length).toBe(1_000);
    expect(results).toEqual(['result']);
  });

  it('gives the event loop a turn whenever a slice of 8 ms is used up', async () => {
    const clock = new FakeClock();
    // One reading a step, and one more for each slice.
    clock.costOfReading = 1;
    const did: number[] = [];
    const results: string[] = [];
    runInSlices(clock, counted(20, did), (result) => results.push(result));
    expect(did.length).toBe(8);
    await clock.settle();
    expect(did.length).toBe(20);
    expect(results).toEqual(['result']);
  });

  it('makes one step in each slice at least, however long it takes', async () => {
    const clock = new FakeClock();
    clock.costOfReading = 1_000;
    const did: number[] = [];
    runInSlices(clock, counted(3, did), () => undefined);
    expect(did).toEqual([1]);
    await clock.settle();
    expect(did).toEqual([1, 2, 3]);
  });

  it('abandons the rest when it is cancelled', async () => {
    const clock = new FakeClock();
    clock.costOfReading = 1;
    const did: number[] = [];
    const cancel = runInSlices(clock, counted(20, did), () => expect.fail('was called after cancel'));
    cancel();
    await clock.settle();
    expect(did.length).toBe(8);
  });
});
