import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check } from '../../../test/support/property.js';
import { FLAG_TABS, hrefOf, type Route, routeOf } from '../../src/model/route.js';

/** Keys may have any character; those that make an address special come often. */
const keys = fc
  .oneof(
    fc.string({ minLength: 1, unit: 'grapheme' }),
    fc.stringMatching(/^[./%?#~ :@&=+\\-]{1,6}$/),
    fc.constantFrom('.', '..', '~', '~.', '%2F', 'a/b', 'targeting', 'flags'),
  )
  .filter((key) => !/\p{Cs}/u.test(key));

const routes = fc.oneof<fc.Arbitrary<Route>[]>(
  fc.record({ page: fc.constantFrom('flags', 'segments', 'why', 'experiments', 'webhooks'), environment: keys }),
  fc.record({ page: fc.constant('flag'), environment: keys, key: keys, tab: fc.constantFrom(...FLAG_TABS) }),
  fc.record({ page: fc.constant('segment'), environment: keys, id: keys }),
  fc.record({ page: fc.constant('experiment'), environment: keys, key: keys }),
  fc.record({ page: fc.constant('experiment-setup'), environment: keys, key: fc.option(keys, { nil: undefined }) }),
  fc.constant({ page: 'settings' }),
  fc.constant({ page: 'environments' }),
  fc.constant({ page: 'compare' }),
  fc.constant({ page: 'home' }),
);

describe('an address', () => {
  it('leads back to its page, whatever is in the keys, also after the browser has made it tidy', async () => {
    await check(
      fc.property(routes, (route) => {
        const { pathname } = new URL(hrefOf(route), 'http://x');
        expect(routeOf(pathname)).toEqual(route);
      }),
    );
  });

  it.each([
    ['/env/dev', { page: 'flags', environment: 'dev' }],
    ['/settings', { page: 'settings' }],
    ['/settings/odd', { page: 'nowhere' }],
    ['/env/dev/flags/', { page: 'flags', environment: 'dev' }],
    ['/env', { page: 'nowhere' }],
    ['/env/dev/flags/f/odd', { page: 'nowhere' }],
    ['/env/dev/flags/f/code/more', { page: 'nowhere' }],
    ['/env/dev/odd', { page: 'nowhere' }],
    ['/env/dev/webhooks', { page: 'webhooks', environment: 'dev' }],
    ['/env/dev/webhooks/w', { page: 'nowhere' }],
    ['/env/dev/flags/f/triggers', { page: 'flag', environment: 'dev', key: 'f', tab: 'triggers' }],
    ['/env/%E0%A4%A/flags', { page: 'flags', environment: '%E0%A4%A' }],
    ['/env/dev/new-experiment', { page: 'experiment-setup', environment: 'dev', key: undefined }],
    ['/env/dev/experiments/e/setup', { page: 'experiment-setup', environment: 'dev', key: 'e' }],
    ['/env/dev/experiments/e/odd', { page: 'nowhere' }],
    ['/odd', { page: 'nowhere' }],
  ])('%s is %j', (path, route) => {
    expect(routeOf(path)).toEqual(route);
  });
});
