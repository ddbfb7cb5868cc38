import { describe, expect, it } from 'vitest';
import { Circuit } from '../../../src/storage/postgres/circuit.js';

describe('a circuit', () => {
  it('has no reason to refuse anybody while the database answers', () => {
    const circuit = new Circuit();
    expect([circuit.reason, circuit.succeeded(), circuit.reason]).toEqual([undefined, false, undefined]);
  });

  it('has the latest reason from when the database was away until somebody was answered', () => {
    const circuit = new Circuit();
    circuit.failed('it is away');
    expect(circuit.reason).toBe('it is away');
    circuit.failed('it is still away');
    expect(circuit.reason).toBe('it is still away');
    circuit.succeeded();
    expect(circuit.reason).toBeUndefined();
  });

  it('says the first time alone that it is news', () => {
    const circuit = new Circuit();
    const told = [
      circuit.failed('a'),
      circuit.failed('b'),
      circuit.succeeded(),
      circuit.succeeded(),
      circuit.failed('c'),
    ];
    expect(told).toEqual([true, false, true, false, true]);
  });
});
