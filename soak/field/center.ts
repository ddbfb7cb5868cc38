/** The flag center in a process of its own: its options are the only argument, and its clock is off by as much as it is ordered. */
import type { CenterOptions } from 'fbcenter';
import type { CenterOrder, CenterReply } from './center-messages.js';

const { lead: first, options } = JSON.parse(process.argv[2] ?? '{}') as { lead: number; options: CenterOptions };
let lead = first;
const now = Date.now;
// Before the center is loaded, which reads the time from here.
Date.now = () => now() + lead;
const { startCenter } = await import('fbcenter');
const center = await startCenter(options);
process.on('message', (order: CenterOrder) => {
  if (order.order === 'clock') lead = order.lead;
  else void center.close().then(() => process.disconnect());
});
// Who started it has gone.
process.once('disconnect', () => process.exit());
const reply: CenterReply = { url: center.url, adminToken: center.adminToken, environments: center.environments };
process.send?.(reply);
