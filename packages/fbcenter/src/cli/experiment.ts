import { setTimeout } from 'node:timers/promises';
import { CenterError } from '../errors.js';
import { inEnvironment } from '../manage/management.js';
import { environmentOf } from './environment-choice.js';
import type { Managing } from './manage-run.js';

/** How often a drawing is renewed, in milliseconds. */
const INTERVAL = 2_000;

/** As the center takes them. */
const WIDTH = { fallback: 100, min: 60, max: 240 };

/** Begins a terminal's screen anew. */
const CLEAR = '\u001b[H\u001b[2J';

/**
 * Draws the results of an experiment: once, or again and again until it is to stop.
 *
 * @throws CenterError when it cannot be had.
 */
export async function showExperiment({ command, context, management }: Managing): Promise<0> {
  const { out, isTerminal, columns, stopRequested } = context;
  const [, key = ''] = command.words;
  const environment = await environmentOf(command.environment, management);
  const width = Math.max(WIDTH.min, Math.min(WIDTH.max, columns ?? WIDTH.fallback));
  const path = inEnvironment(environment, `/experiments/${encodeURIComponent(key)}/results.txt?width=${width}`);
  if (!command.options.watch) {
    out(await management.text(path));
    return 0;
  }
  const stop = new AbortController();
  void stopRequested().then(() => stop.abort());
  for (let isFirst = true; !stop.signal.aborted; isFirst = false) {
    const drawing = await management.text(path).catch((error: unknown) => {
      // A center that is started anew is there again soon; one that has never answered is not there.
      if (isFirst || !(error instanceof CenterError)) throw error;
      return error.message;
    });
    out(`${isTerminal ? CLEAR : ''}${drawing}\n`);
    await setTimeout(INTERVAL, undefined, { signal: stop.signal }).catch(() => {});
  }
  return 0;
}
