import { after } from 'next/server';
import { flags } from '../../../lib/flags.js';

export const dynamic = 'force-dynamic';

export async function GET() {
  const user = { key: 'ada' };
  await flags.waitForInitialization();
  flags.trackMetric(user, 'seen');
  // Behind the answer. Next.js waits for it when it is told to end; what no `after` sends in the last second is lost.
  after(() => flags.flushAndWait(1_000));
  return Response.json({ value: flags.variation('consumer', user, 'none') });
}
