/** The attackers, in a process of their own: what they are to attack comes as the only argument. Says now and then what they did. */
import { setMaxListeners } from 'node:events';
import { setPriority } from 'node:os';
import { Random } from '../random.js';
import { ATTACKS } from './attacks.js';
import type { Victim } from './messages.js';

const victim: Victim = JSON.parse(process.argv[2] ?? '{}');
const stop = new AbortController();
// Attackers have processors of their own in the world. Here the center and those who measure it come first, so that what is
// measured is the center and not who is given a processor next.
setPriority(10);
// One listener for each connection that is kept open.
setMaxListeners(0, stop.signal);
const counts: Record<string, number> = {};
for (const [index, { name, run }] of ATTACKS.entries()) {
  counts[name] = 0;
  const count = (): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  void run(victim, new Random(victim.seed + index), stop.signal, count);
}
const telling = setInterval(() => {
  // Whoever started it may end at any moment.
  if (process.connected) process.send?.(counts, undefined, undefined, () => undefined);
}, 200);
// Whoever started it may have ended.
process.once('disconnect', () => {
  clearInterval(telling);
  stop.abort();
});
