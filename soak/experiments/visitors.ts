/** A process of its own: visitors of a shop, through one of two SDKs. Arguments: sdk, url, secret, seed. Ends when its parent says so. */
import { FbClientBuilder, UserBuilder } from '@featbit/node-server-sdk';
import { FBClient } from 'fbclient';
import { Random } from '../random.js';

/** What a visit needs of an SDK. */
interface Sdk {
  shown(user: string, device: string): Promise<boolean>;
  bought(user: string, amount: number): void;
  close(): Promise<void>;
}

const VISITORS = 4_000;
/** Every so many-th visitor comes with another device each time, and is shown another variation then. */
const SWITCHES_EVERY = 50;
/** How many visitors of a hundred buy at a visit, by what they are shown: the true effect. */
const BUYS = { off: 20, on: 26 } as const;
const VISITS_A_TICK = 6;
const TICK = 20;

const [kind = '', url = '', secret = '', seed = '0'] = process.argv.slice(2);
const random = new Random(Number(seed));
const sdk = kind === 'ours' ? await ours() : await featbit();
process.send?.('started');

async function ours(): Promise<Sdk> {
  const client = new FBClient({
    envSecret: secret,
    streamingUrl: url,
    eventUrl: url,
    eventsFlushInterval: 300,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  await client.waitForInitialization();
  return {
    shown: async (key, device) => client.boolVariation('checkout', { key, name: '', device }, false),
    bought: (key, amount) => client.trackMetrics({ key, name: '' }, { purchase: amount, click: 1 }),
    close: async () => void (await client.close()),
  };
}

async function featbit(): Promise<Sdk> {
  const client = new FbClientBuilder({
    sdkKey: secret,
    streamingUri: url.replace('http', 'ws'),
    eventsUri: url,
    flushInterval: 300,
    startWaitTime: 5_000,
    logLevel: 'none',
  }).build();
  await client.waitForInitialization();
  const user = (key: string, device: string) => new UserBuilder(key).name('').custom('device', device).build();
  return {
    shown: (key, device) => client.boolVariation('checkout', user(key, device), false),
    bought: (key, amount) => {
      client.track(user(key, key), 'purchase', amount);
      client.track(user(key, key), 'click', 1);
    },
    close: async () => void (await client.close()),
  };
}

async function visit(): Promise<void> {
  const number = random.between(0, VISITORS - 1);
  const user = `visitor-${number}`;
  const device = number % SWITCHES_EVERY === 0 ? `${user}-${random.between(0, 4)}` : user;
  const isNew = await sdk.shown(user, device);
  if (random.between(0, 99) < (isNew ? BUYS.on : BUYS.off)) sdk.bought(user, 1 + random.between(0, 9_899) / 100);
}

const traffic = setInterval(() => {
  for (let count = 0; count < VISITS_A_TICK; count++) void visit();
}, TICK);

process.once('message', async () => {
  clearInterval(traffic);
  // A server that does not answer must not keep it from ending.
  await Promise.race([sdk.close(), new Promise((resolve) => setTimeout(resolve, 15_000))]);
  process.exit(0);
});
process.once('disconnect', () => process.exit(0));
