import { describe, expect, it } from 'vitest';
import { programOf } from '../../src/streaming/user-agent.js';

describe('the program of a connection', () => {
  it.each<[string, Record<string, string | string[] | undefined>, string | undefined, string | undefined]>([
    ['fbclient', { 'user-agent': 'fbclient-node/1.4.0' }, 'fbclient-node', '1.4.0'],
    ['an SDK without a version', { 'user-agent': 'featbit-dotnet-server-sdk' }, 'featbit-dotnet-server-sdk', undefined],
    ['an SDK with more to say', { 'user-agent': ' sdk/2.0-beta.1 (linux; x64) node/20' }, 'sdk', '2.0-beta.1'],
    ['a browser', { 'user-agent': 'Mozilla/5.0 (X11) Chrome/156' }, 'browser', undefined],
    [
      'a browser SDK',
      { 'user-agent': 'Mozilla/5.0', 'x-user-agent': 'Browser-Client-SDK/3.1' },
      'Browser-Client-SDK',
      '3.1',
    ],
    ['an old runtime', { 'x-featbit-user-agent': 'dotnet/4.8', 'user-agent': 'x/1' }, 'dotnet', '4.8'],
    ['a blank header', { 'x-user-agent': ' ', 'user-agent': 'x/1' }, 'x', '1'],
    ['a slash alone', { 'user-agent': '/' }, undefined, undefined],
    ['an empty version', { 'user-agent': 'sdk/' }, 'sdk', undefined],
    ['several headers', { 'x-user-agent': ['a/1', 'b/2'] }, 'a', '1'],
    ['nobody', {}, undefined, undefined],
  ])('of %s', (_name, headers, name, version) => {
    expect(programOf(headers)).toEqual({ name, version });
  });

  it('is cut when it is long', () => {
    const { name, version } = programOf({ 'user-agent': `${'n'.repeat(500)}/${'1'.repeat(500)}` });
    expect([name?.length, version?.length]).toEqual([64, 64]);
  });
});
