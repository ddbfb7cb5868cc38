import { describe, expect, it } from 'vitest';
import { addressText, urlProblem } from '../../src/webhooks/webhook-url.js';

describe('the address of a webhook', () => {
  it.each([
    'https://chat.example/hook',
    'http://chat.example:8080/x?y=z',
    'https://8.8.8.8/x',
    'https://[2606:4700::1]/',
  ])('can be %s', (url) => {
    expect(urlProblem(url, false)).toBeUndefined();
  });

  it.each([
    [5, /must be an http or https URL/i],
    ['', /must be an http or https URL/i],
    ['chat.example', /must be an http or https URL/i],
    [`https://chat.example/${'x'.repeat(2_048)}`, /2,048 characters/],
    ['ftp://chat.example', /https:\/\/ or http:\/\//],
    ['javascript:alert(1)', /https:\/\/ or http:\/\//],
    ['https://user:password@chat.example', /user and a password/],
    ['https://chat.example/#x', /after #/],
  ])('cannot be %j', (url, problem) => {
    expect(urlProblem(url, true)).toMatch(problem);
  });

  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://[::1]/',
    'http://localhost:5100/',
    'http://a.localhost/',
    'http://192.168.0.1',
  ])('is not %s unless private networks are allowed', (url) => {
    expect(urlProblem(url, false)).toMatch(/--webhooks-to-private/);
    expect(urlProblem(url, true)).toBeUndefined();
  });

  it('is in the audit log by its host, and by what only shows whether it is another one', () => {
    const text = addressText('https://chat.example:8443/services/T0/B0/credential');
    expect(text).toMatch(/^chat\.example:8443 #[0-9a-f]{8}$/);
    expect(addressText('https://chat.example:8443/services/T0/B0/other')).not.toBe(text);
  });
});
