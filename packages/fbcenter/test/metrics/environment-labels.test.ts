import { describe, expect, it } from 'vitest';
import { EnvironmentLabels, MOST_ENVIRONMENTS, OTHERS } from '../../src/metrics/environment-labels.js';

describe('the labels of environments', () => {
  it('are their keys, of the first hundred; those that come later are counted together', () => {
    const labels = new EnvironmentLabels();
    for (let index = 0; index < MOST_ENVIRONMENTS; index++) expect(labels.of(`env-${index}`)).toBe(`env-${index}`);
    expect(labels.of('one more')).toBe(OTHERS);
    expect(labels.of('another')).toBe(OTHERS);
  });

  it('stay what they were once', () => {
    const labels = new EnvironmentLabels();
    labels.of('first');
    for (let index = 0; index < 2 * MOST_ENVIRONMENTS; index++) labels.of(`env-${index}`);
    expect(labels.of('first')).toBe('first');
    expect(labels.of(`env-${2 * MOST_ENVIRONMENTS - 1}`)).toBe(OTHERS);
  });
});
