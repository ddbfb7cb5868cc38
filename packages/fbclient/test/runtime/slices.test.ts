import { describe, expect, it } from 'vitest';
import { runInSlices, runLater } from '../../src/runtime/slices.js';
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

describe('steps that are run later', () => {
  it('begin in a later turn and give others a turn in between', async () => {
    const clock = new FakeClock();
    clock.costOfReading = 3;
    const did: number[] = [];
    const results: string[] = [];
    runLater(clock, counted(20, did), (result) => results.push(result));
    expect(did).toEqual([]);
    await clock.settle();
    expect([did.length, results.length]).toEqual([20, 1]);
  });

  it.each([0, 1])('are abandoned after %i turns', async (turns) => {
    const clock = new FakeClock();
    clock.costOfReading = 3;
    const did: number[] = [];
    const cancel = runLater(clock, counted(20, did), () => expect.fail('was called after cancel'));
    if (turns === 0) cancel();
    else clock.nextTurn(cancel);
    await clock.settle();
    expect(did.length).toBeLessThan(turns === 0 ? 1 : 20);
  });
});
