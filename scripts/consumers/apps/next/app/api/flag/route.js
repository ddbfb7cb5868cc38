import { flags } from '../../../lib/flags.js';

export const dynamic = 'force-dynamic';

export async function GET() {
  const user = { key: 'ada' };
  await flags.waitForInitialization();
  flags.trackMetric(user, 'seen');
  return Response.json({ value: flags.variation('consumer', user, 'none') });
}
