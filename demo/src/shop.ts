/** A shop as a service of its own: visitors come, flags decide what they see, some of them buy. */
import { FBClient } from 'fbclient';
import type { ShopMessage } from './messages.js';

interface ShopFlags {
  'new-checkout': boolean;
  'shop-theme': 'light' | 'dark' | 'festive';
  'free-shipping-from': number;
  banner: { readonly show: boolean; readonly text?: string };
  'buy-button': string;
}

const VISITORS = 10_000;
const COUNTRIES = ['NZ', 'DE', 'FR', 'US', 'AU', 'JP'];
/** A tick of 20 ms brings so many visitors. */
const VISITORS_PER_TICK = 5;

const [url = '', envSecret = ''] = process.argv.slice(2);
const started = performance.now();
const client = new FBClient<ShopFlags>({ envSecret, streamingUrl: url, eventUrl: url });
let evaluations = 0;
let visitors = 0;
let purchases = 0;

function tell(message: ShopMessage): void {
  if (process.connected) process.send?.(message);
}

function visitorOf(number: number) {
  return {
    key: `visitor-${number}`,
    name: `Visitor ${number}`,
    country: COUNTRIES[number % COUNTRIES.length],
    plan: number % 10 === 0 ? 'premium' : 'free',
    visits: number % 40,
  };
}

function visit(): void {
  const visitor = visitorOf(Math.floor(Math.random() * VISITORS));
  const theme = client.variation('shop-theme', visitor, 'light');
  const banner = client.variation('banner', visitor, { show: false });
  const freeFrom = client.variation('free-shipping-from', visitor, 50);
  const label = client.variation('buy-button', visitor, 'Buy');
  const newCheckout = client.variation('new-checkout', visitor, false);
  visitors += 1;
  evaluations += 5;
  const cart = Math.round(Math.random() * 100);
  const mood =
    0.1 +
    (newCheckout ? 0.05 : 0) +
    (banner.show ? 0.02 : 0) +
    (label === 'Buy' ? 0 : 0.03) +
    (theme === 'dark' ? 0.01 : 0);
  if (Math.random() > mood) return;
  purchases += 1;
  client.trackMetrics(visitor, { purchase: 1, revenue: cart + (cart < freeFrom ? 5 : 0) });
}

client.updateStatusProvider.addListener(({ status, error }) => {
  tell({ type: 'status', status, ...(error === undefined ? {} : { problem: error.message }) });
});

const result = await client.waitForInitialization();
tell({ type: 'started', result, milliseconds: performance.now() - started });

client.flagTracker.addFlagChangedListener(({ flagKey }) => {
  const at = performance.timeOrigin + performance.now();
  tell({ type: 'changed', flagKey, at, shares: sharesOf(flagKey) });
});

/** What the first hundred visitors get; asking for all flags of a visitor records nothing. */
function sharesOf(flagKey: string): string {
  const counts = new Map<string, number>();
  for (let number = 0; number < 100; number++) {
    const flags = [...client.getAllLatestFlagVariations(visitorOf(number))];
    const value = flags.find((flag) => flag.flagKey === flagKey)?.value ?? 'default';
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].map(([value, count]) => `${value} ${count} %`).join(', ');
}

const traffic = setInterval(() => {
  for (let i = 0; i < VISITORS_PER_TICK; i++) visit();
}, 20);
const report = setInterval(() => {
  tell({ type: 'second', evaluations, visitors, purchases });
  evaluations = visitors = purchases = 0;
}, 1_000);

async function stop(): Promise<void> {
  clearInterval(traffic);
  clearInterval(report);
  await client.close();
  if (process.connected) process.disconnect();
}

// Ctrl-C reaches every process of the terminal; the parent decides when the shop closes.
process.on('SIGINT', () => undefined);
process.once('message', () => void stop());
process.once('disconnect', () => void stop());
