import type { Tally } from '../../model/tally.js';
import type { Insights } from '../insights.js';

interface Waiting {
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly kept: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Insights whose tallies are written one batch after the other, with all that have come meanwhile. Otherwise they would wait for each other in the
 * database, where each of those who wait takes a connection.
 */
export function inBatches(insights: Insights): Insights {
  let waiting: Waiting[] = [];
  let isWriting = false;
  const write = async (): Promise<void> => {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await writeBatch(insights, batch);
    }
    isWriting = false;
  };
  return {
    ...insights,
    record: (tallies) =>
      new Promise((kept, failed) => {
        waiting.push({ tallies, kept, failed });
        if (!isWriting) void write();
      }),
  };
}

async function writeBatch(insights: Insights, batch: readonly Waiting[]): Promise<void> {
  try {
    await insights.record(merged(batch.map(({ tallies }) => tallies)));
  } catch (error) {
    const [only] = batch;
    if (only !== undefined && batch.length === 1) return only.failed(error);
    // Whether all of it was kept is not known: to write it once more would count it twice.
    if ((error as { readonly code?: unknown } | null)?.code === 'outcome-unknown') {
      for (const { failed } of batch) failed(error);
      return;
    }
    // One of them may be what cannot be kept.
    for (const one of batch) await writeBatch(insights, [one]);
    return;
  }
  for (const { kept } of batch) kept();
}

function merged(all: readonly ReadonlyMap<string, Tally>[]): ReadonlyMap<string, Tally> {
  const [first, ...others] = all;
  if (first !== undefined && others.length === 0) return first;
  const sum = new Map<string, Tally>();
  for (const tallies of all) {
    for (const [environmentId, { evaluations, metrics, identifications, rejected }] of tallies) {
      const before = sum.get(environmentId);
      sum.set(environmentId, {
        evaluations: [...(before?.evaluations ?? []), ...evaluations],
        metrics: [...(before?.metrics ?? []), ...metrics],
        identifications: (before?.identifications ?? 0) + identifications,
        rejected: (before?.rejected ?? 0) + rejected,
      });
    }
  }
  return sum;
}
