/**
 * The flag center in a process of its own, which does what it is ordered. Its clock is off by as much as that says, and it is
 * loaded before it is asked to start, so that a restart takes as long as a scene wants.
 */
import type { Center } from 'fbcenter';
import type { CenterOrder, CenterReply } from './center-messages.js';

let lead = 0;
const now = Date.now;
// Before the center is loaded, which reads the time from here.
Date.now = () => now() + lead;
const { startCenter } = await import('fbcenter');
const say = (reply: CenterReply): void => void process.send?.(reply);

let center: Center | undefined;
async function obey(order: CenterOrder): Promise<void> {
  switch (order.order) {
    case 'start': {
      lead = order.lead;
      center = await startCenter(order.options);
      const { url, adminToken, environments } = center;
      say({ reply: 'listens', url, adminToken, environments });
      return;
    }
    case 'clock':
      lead = order.lead;
      return;
    case 'stop':
      await center?.close();
      process.disconnect();
  }
}
process.on('message', (order: CenterOrder) => void obey(order));
// Who started it has gone.
process.once('disconnect', () => process.exit());
say({ reply: 'loaded' });
