/** Driver for @openfeature/ofrep-web-provider. */
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { serveProvider } from './openfeature-web.js';

serveProvider(({ url, clientSecret }) => {
  return new OFREPWebProvider({
    baseUrl: url,
    headers: [['Authorization', `Bearer ${clientSecret}`]],
    cacheMode: 'disabled',
  });
});
