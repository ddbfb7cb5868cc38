import { describe, expect, it } from 'vitest';
import {
  answerTo,
  codeOf,
  PASSING,
  REACTIONS,
  type RefusalAnswer,
  type RefusalOccasion,
  type SdkName,
  sdkOf,
} from '../../src/access/sdk-reactions.js';

const SDKS: readonly SdkName[] = ['fbclient', 'node', 'browser', 'python', 'go', 'java', 'dotnet', 'rust', 'unknown'];

describe('the answer to an SDK', () => {
  // The whole of what the center answers, by occasion and SDK in the order above.
  it.each<[RefusalOccasion, readonly RefusalAnswer[]]>([
    ['storage-away', Array(9).fill('upgrade-503')],
    ['too-many', Array(9).fill('upgrade-503')],
    ['stopping', Array(9).fill('upgrade-503')],
    ['stopping-connected', Array(9).fill('close-1001')],
    ['storage-away-connected', Array(9).fill('close-1001')],
    [
      'clock-off',
      [
        'close-1001', // fbclient: its log has the reason
        'close-1001', // Node.js
        'upgrade-503', // browsers would come back each second
        'close-1001', // Python
        'upgrade-503', // Go would come back at once
        'close-1001', // Java
        'upgrade-503', // .NET would come back at once
        'close-1001', // Rust
        'close-1001',
      ],
    ],
    ['not-let-in', Array(9).fill('close-4003')],
    ['revoked-connected', Array(9).fill('close-4003')],
    [
      'events-too-large',
      [
        'events-413', // fbclient divides them
        'events-400',
        'events-400',
        'events-413',
        'events-413',
        'events-413',
        'events-400',
        'events-400', // Rust, as Node.js, browsers and .NET, would send none any more
        'events-413',
      ],
    ],
  ])('on the occasion %s is %j', (occasion, answers) => {
    expect(SDKS.map((sdk) => answerTo(occasion, sdk))).toEqual(answers);
  });

  it.each(PASSING.flatMap((occasion) => SDKS.map((sdk) => [occasion, sdk] as const)))(
    'that passes (%s) is never the end for %s, nor looks like it',
    (occasion, sdk) => {
      const reaction = REACTIONS[answerTo(occasion, sdk)][sdk];
      expect(reaction).not.toBe('ends');
      expect(reaction).not.toBe('misreports');
    },
  );

  it.each(['storage-away', 'too-many', 'stopping', 'clock-off'] as const)(
    'who may not come in for a while (%s) lets no SDK storm',
    (occasion) => {
      for (const sdk of SDKS) expect(REACTIONS[answerTo(occasion, sdk)][sdk]).toBe('waits');
    },
  );

  it.each<[RefusalAnswer, number]>([
    ['upgrade-503', 503],
    ['close-1001', 1001],
    ['close-4003', 4003],
    ['events-400', 400],
    ['events-413', 413],
  ])('%s is the number %i', (answer, code) => {
    expect(codeOf(answer)).toBe(code);
  });
});

describe('an SDK', () => {
  it.each<[Record<string, string>, SdkName]>([
    [{ 'user-agent': 'fbclient-node/0.1.0' }, 'fbclient'],
    [{ 'user-agent': 'featbit-dotnet-server-sdk' }, 'dotnet'],
    [{ 'user-agent': 'featbit-dotnet-client-sdk' }, 'dotnet'],
    [{ 'x-featbit-user-agent': 'featbit-dotnet-server-sdk', 'user-agent': 'x' }, 'dotnet'],
    [{ 'x-user-agent': 'NodeJS-Server-SDK/1.3.0', 'user-agent': 'node' }, 'node'],
    [{ 'x-user-agent': 'Browser-Client-SDK/4.2.15', 'user-agent': 'Mozilla/5.0' }, 'browser'],
    [{ 'x-user-agent': 'React-Native-Client-SDK/4.3.0' }, 'browser'],
    [{ 'user-agent': 'fb-python-server-sdk' }, 'python'],
    [{ 'user-agent': 'fb-go-server-sdk' }, 'go'],
    [{ 'user-agent': 'fb-java-server-sdk' }, 'java'],
    [{ 'user-agent': 'featbit-rust-server-sdk/0.1.1' }, 'rust'],
    [{ 'user-agent': 'curl/8.0' }, 'unknown'],
    [{ 'user-agent': 'Mozilla/5.0 fbclient' }, 'unknown'],
    [{ 'user-agent': '' }, 'unknown'],
    [{}, 'unknown'],
  ])('that sends %j is %s', (headers, sdk) => {
    expect(sdkOf(headers)).toBe(sdk);
  });
});
