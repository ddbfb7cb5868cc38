/** Asks whether the center is alive, in a process that has nothing else to do; the URL is the only argument. */
import { setTimeout } from 'node:timers/promises';

const url = `${process.argv[2]}/health/liveness`;
/** How long a center that does not answer is waited for, in milliseconds. */
const PATIENCE = 10_000;

while (process.connected) {
  const start = performance.now();
  const isAlive = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) })
    .then((answer) => answer.text())
    .then(
      () => true,
      () => false,
    );
  const took = isAlive ? performance.now() - start : null;
  if (process.connected) process.send?.(took, undefined, undefined, () => undefined);
  await setTimeout(10);
}
