import { flags } from '../lib/flags.js';

export const dynamic = 'force-dynamic';

export default async function Page() {
  await flags.waitForInitialization();
  return <main>first edition: {flags.variation('consumer', { key: 'ada' }, 'none')};</main>;
}
