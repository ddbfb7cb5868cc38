import { setTimeout } from 'node:timers/promises';
import { CenterError } from '../errors.js';
import type { Command } from './command-line.js';
import type { CommandContext } from './commands.js';

/** How often a drawing is renewed, and how long an answer may take, in milliseconds. */
const INTERVAL = 2_000;
const PATIENCE = 10_000;

/** As the center takes them. */
const WIDTH = { fallback: 100, min: 60, max: 240 };

/** Begins a terminal's screen anew. */
const CLEAR = '\u001b[H\u001b[2J';

/**
 * Draws the results of an experiment, as a center that runs has them.
 *
 * @throws CenterError when it cannot be had.
 */
export async function showExperiment(
  command: Command<'experiment'>,
  { out, isTerminal, columns, stopRequested }: CommandContext,
): Promise<void> {
  const { isWatching } = command;
  const width = Math.max(WIDTH.min, Math.min(WIDTH.max, columns ?? WIDTH.fallback));
  if (!isWatching) {
    out(await drawingOf(command, width));
    return;
  }
  const stop = new AbortController();
  void stopRequested().then(() => stop.abort());
  for (let isFirst = true; !stop.signal.aborted; isFirst = false) {
    const drawing = await drawingOf(command, width).catch((error: unknown) => {
      // A center that is started anew is there again soon; one that has never answered is not there.
      if (isFirst || !(error instanceof CenterError)) throw error;
      return error.message;
    });
    out(`${isTerminal ? CLEAR : ''}${drawing}\n`);
    await setTimeout(INTERVAL, undefined, { signal: stop.signal }).catch(() => {});
  }
}

async function drawingOf({ url, adminToken, environment, key }: Command<'experiment'>, width: number): Promise<string> {
  const path = `/api/v1/environments/${encodeURIComponent(environment)}/experiments/${encodeURIComponent(key)}`;
  const response = await fetch(`${url}${path}/results.txt?width=${width}`, {
    headers: { authorization: `Bearer ${adminToken}` },
    signal: AbortSignal.timeout(PATIENCE),
  }).catch((cause: unknown) => {
    throw new CenterError('unreachable', `No center answers at ${url}: is it running, and is --url right?`, { cause });
  });
  const text = await response.text();
  if (response.ok) return text;
  throw new CenterError('unreachable', messageIn(text) ?? `The center answered ${response.status}.`);
}

function messageIn(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text);
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
