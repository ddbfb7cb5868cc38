import { describe, expect, it } from 'vitest';
import { Circuit } from '../../../src/storage/postgres/circuit.js';

describe('a circuit', () => {
  it('lets everybody through while the database answers', () => {
    const circuit = new Circuit();
    expect([circuit.refusal(0), circuit.refusal(1), circuit.reason]).toEqual([undefined, undefined, undefined]);
  });

  it('refuses with the reason as soon as the database was away, and lets one try after a pause', () => {
    const circuit = new Circuit();
    expect(circuit.failed('it is away', 1_000)).toBe(true);
    expect(circuit.reason).toBe('it is away');
    expect([circuit.refusal(1_000), circuit.refusal(1_199)]).toEqual(['it is away', 'it is away']);
    expect(circuit.refusal(1_200)).toBeUndefined();
    expect([circuit.refusal(1_201), circuit.refusal(1_300)]).toEqual(['it is away', 'it is away']);
  });

  it('refuses again when the one that tries fails, and says only the first time that it is news', () => {
    const circuit = new Circuit();
    circuit.failed('it is away', 0);
    circuit.refusal(200);
    expect(circuit.failed('it is still away', 210)).toBe(false);
    expect(circuit.refusal(220)).toBe('it is still away');
    expect(circuit.refusal(410)).toBeUndefined();
  });

  it('lets everybody through once somebody was answered', () => {
    const circuit = new Circuit();
    circuit.failed('it is away', 0);
    expect([circuit.succeeded(), circuit.succeeded()]).toEqual([true, false]);
    expect([circuit.refusal(1), circuit.refusal(1), circuit.reason]).toEqual([undefined, undefined, undefined]);
  });

  it('does not wait for ever for one that tries and never says how it went', () => {
    const circuit = new Circuit();
    circuit.failed('it is away', 0);
    expect(circuit.refusal(200)).toBeUndefined();
    expect(circuit.refusal(2_199)).toBe('it is away');
    expect(circuit.refusal(2_200)).toBeUndefined();
  });
});
