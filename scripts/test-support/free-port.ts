import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems give to whoever connects. */
const [LOWEST, HIGHEST] = [10_000, 32_000];

/**
 * A port for a server that is stopped and started again: one that nobody is given by chance while it is away. A port from 0 may be given to a client that
 * connects, even to one that tries to reach this very port, which then talks to itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    const probe = createServer();
    try {
      probe.listen(port, '127.0.0.1');
      await once(probe, 'listening');
    } catch {
      continue;
    }
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
