import { describe, expect, it } from 'vitest';
import { runInSlices, runLater } from '../../src/runtime/slices.js';
import { FakeClock } from '../support/fake-clock.js';

const fail = (): never => expect.fail('a step failed');

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
    runInSlices(new FakeClock(), counted(1_000, did), (result) => results.push(result), fail);
    expect(did.length).toBe(1_000);
    expect(results).toEqual(['result']);
  });

  it('gives the event loop a turn whenever a slice of 8 ms is used up', async () => {
    const clock = new FakeClock();
    // One reading a step, and one more for each slice.
    clock.costOfReading = 1;
    const did: number[] = [];
    const results: string[] = [];
    runInSlices(clock, counted(20, did), (result) => results.push(result), fail);
    expect(did.length).toBe(8);
    await clock.settle();
    expect(did.length).toBe(20);
    expect(results).toEqual(['result']);
  });

  it('makes one step in each slice at least, however long it takes', async () => {
    const clock = new FakeClock();
    clock.costOfReading = 1_000;
    const did: number[] = [];
    runInSlices(clock, counted(3, did), () => undefined, fail);
    expect(did).toEqual([1]);
    await clock.settle();
    expect(did).toEqual([1, 2, 3]);
  });

  it('abandons the rest when it is cancelled', async () => {
    const clock = new FakeClock();
    clock.costOfReading = 1;
    const did: number[] = [];
    const cancel = runInSlices(clock, counted(20, did), () => expect.fail('was called after cancel'), fail);
    cancel();
    await clock.settle();
    expect(did.length).toBe(8);
  });
});

describe('a step that throws', () => {
  const error = new RangeError('the third step');
  function* failing(did: number[]): Generator<void, string, undefined> {
    for (let step = 1; step <= 5; step++) {
      if (step === 3) throw error;
      did.push(step);
      yield;
    }
    return 'never';
  }

  it.each<[string, number, typeof runInSlices]>([
    ['in the first slice', 0, runInSlices],
    ['in a later slice', 1_000, runInSlices],
    ['in a later turn', 0, runLater],
  ])('is reported once, and ends the work: %s', async (_name, costOfReading, run) => {
    const clock = new FakeClock();
    clock.costOfReading = costOfReading;
    const did: number[] = [];
    const errors: unknown[] = [];
    const results: string[] = [];
    run(
      clock,
      failing(did),
      (result) => results.push(result),
      (failure) => errors.push(failure),
    );
    await clock.settle();
    expect(did).toEqual([1, 2]);
    expect(errors).toEqual([error]);
    expect(results).toEqual([]);
  });

  it('may be the one that takes the result', async () => {
    const clock = new FakeClock();
    clock.costOfReading = 3;
    const errors: unknown[] = [];
    const take = (): void => {
      throw error;
    };
    runInSlices(clock, counted(20, []), take, (failure) => errors.push(failure));
    await clock.settle();
    expect(errors).toEqual([error]);
  });
});

describe('steps that are run later', () => {
  it('begin in a later turn and give others a turn in between', async () => {
    const clock = new FakeClock();
    clock.costOfReading = 3;
    const did: number[] = [];
    const results: string[] = [];
    runLater(clock, counted(20, did), (result) => results.push(result), fail);
    expect(did).toEqual([]);
    await clock.settle();
    expect([did.length, results.length]).toEqual([20, 1]);
  });

  it.each([0, 1])('are abandoned after %i turns', async (turns) => {
    const clock = new FakeClock();
    clock.costOfReading = 3;
    const did: number[] = [];
    const cancel = runLater(clock, counted(20, did), () => expect.fail('was called after cancel'), fail);
    if (turns === 0) cancel();
    else clock.nextTurn(cancel);
    await clock.settle();
    expect(did.length).toBeLessThan(turns === 0 ? 1 : 20);
  });
});
