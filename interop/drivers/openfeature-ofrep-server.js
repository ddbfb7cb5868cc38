/** Driver for @openfeature/ofrep-provider, the one for servers. */
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OpenFeature } from '@openfeature/server-sdk';
import { serve } from './json-lines.js';

const METHODS = {
  boolean: 'getBooleanValue',
  string: 'getStringValue',
  number: 'getNumberValue',
  json: 'getObjectValue',
};

serve({
  hello: () => ({ sdk: '@openfeature/ofrep-provider', version: '', capabilities: ['streaming'] }),
  async create({ eventUrl: baseUrl, secret }) {
    const headers = [['Authorization', `Bearer ${secret}`]];
    await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers }));
  },
  waitForInitialization: () => ({ outcome: 'ready' }),
  async evaluate({ flag, user: { key, name, custom }, type, default: fallback }) {
    const context = { targetingKey: key, name, ...custom };
    return { value: await OpenFeature.getClient()[METHODS[type]](flag, fallback, context) };
  },
  close: () => OpenFeature.close(),
  exit: () => undefined,
});
