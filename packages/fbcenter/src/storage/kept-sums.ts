import type { IterationSums } from '../model/experiment.js';
import { keptValue } from './kept-json.js';

/**
 * The sums of a text that `keptText` has made; what was kept by a center that did not count undeclared evaluations has none.
 *
 * @throws StorageError `damaged-data` when it is not what was written.
 */
export function keptSums(text: string): IterationSums {
  const sums: Omit<IterationSums, 'undeclared'> = keptValue(text);
  return { undeclared: 0, ...sums };
}
