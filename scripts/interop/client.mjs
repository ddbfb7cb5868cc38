// A program that uses FeatBit's SDK for Node.js: prints what the flag is each time it becomes something else.
import { FbClientBuilder, UserBuilder } from '@featbit/node-server-sdk';

const [url = '', secret = ''] = process.argv.slice(2);
const client = new FbClientBuilder({
  sdkKey: secret,
  streamingUri: url.replace('http', 'ws'),
  eventsUri: url,
  startWaitTime: 100,
  logLevel: 'none',
}).build();
const user = new UserBuilder('ada').name('Ada').build();

let before;
async function look() {
  const value = client.initialized() ? String(await client.boolVariation('release', user, false)) : 'not ready';
  if (value !== before) console.log(value);
  before = value;
}

setInterval(() => void look(), 50);
