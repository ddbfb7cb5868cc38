import { flags } from '../lib/flags.js';
import { Banner } from './banner.js';
import { FlagsProvider } from './flags-provider.js';

export const dynamic = 'force-dynamic';

/** What browsers may see: the other flags are nobody's business. */
const PUBLIC_FLAGS = ['consumer'];

export default async function Page() {
  const user = { key: 'ada' };
  await flags.waitForInitialization();
  const all = flags.getAllLatestFlagVariations(user).toJSON().flags; // looking records no events
  const shown = Object.fromEntries(PUBLIC_FLAGS.map((key) => [key, all[key]?.value]));
  return (
    <FlagsProvider flags={shown}>
      <main>first edition: {flags.variation('consumer', user, 'none')};</main>
      <Banner />
    </FlagsProvider>
  );
}
