import fc from 'fast-check';
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
import { check } from '../support/property.js';

type Reaction = (typeof REACTIONS)[RefusalAnswer][SdkName];

const SDKS: readonly SdkName[] = ['fbclient', 'node', 'browser', 'python', 'go', 'java', 'dotnet', 'rust', 'unknown'];

/** What each SDK was seen to do, in the order above: w waits, s storms, m misreports, l asks later, e ends, p splits, d drops. */
const SEEN: Readonly<Record<RefusalAnswer, string>> = {
  'upgrade-503': 'wwwwwwwww',
  'close-1000': 'wwsweeeww',
  'close-1001': 'wwswswsww',
  'close-1011': 'wwswmwsww',
  'close-4003': 'leeweeeee',
  'events-400': 'ddddddddd',
  'events-401': 'leedddeed',
  'events-413': 'peedddeed',
  'events-503': 'wdddddddd',
};

const LETTERS: Readonly<Record<string, Reaction>> = {
  ...{ w: 'waits', s: 'storms', m: 'misreports', l: 'asks-later', e: 'ends', p: 'splits', d: 'drops' },
} as const;

const OCCASIONS: readonly RefusalOccasion[] = [...PASSING, 'not-let-in', 'revoked-connected'];

describe('the reaction', () => {
  it.each(
    (Object.keys(SEEN) as RefusalAnswer[]).flatMap((answer) =>
      SDKS.map((sdk, at) => [sdk, answer, LETTERS[SEEN[answer].charAt(at)]] as const),
    ),
  )('of %s to %s is that it %s', (sdk, answer, reaction) => {
    expect(REACTIONS[answer][sdk]).toBe(reaction);
  });

  it('is known of every answer for every SDK, and of no others', () => {
    expect(Object.keys(REACTIONS).sort()).toEqual(Object.keys(SEEN).sort());
    for (const reactions of Object.values(REACTIONS)) expect(Object.keys(reactions).sort()).toEqual([...SDKS].sort());
  });
});

describe('the code of an answer', () => {
  it.each<[RefusalAnswer, number]>([
    ['upgrade-503', 503],
    ['close-1000', 1000],
    ['close-1001', 1001],
    ['close-1011', 1011],
    ['close-4003', 4003],
    ['events-400', 400],
    ['events-401', 401],
    ['events-413', 413],
    ['events-503', 503],
  ])('%s is %i', (answer, code) => {
    expect(codeOf(answer)).toBe(code);
  });
});

describe('what the center answers', () => {
  const cells = OCCASIONS.flatMap((occasion) => SDKS.map((sdk) => [occasion, sdk] as const));

  /** The reaction that an SDK has to what it is answered; whatever is not here is neither good nor lasting. */
  const EXPECTED: Readonly<Record<RefusalOccasion, string>> = {
    'storage-away': 'wwwwwwwww',
    'too-many': 'wwwwwwwww',
    stopping: 'wwwwwwwww',
    // Whoever is connected can be given no answer but a close, and some come back at once. None stays away.
    'stopping-connected': 'wwswswsww',
    'storage-away-connected': 'wwswswsww',
    'clock-off': 'wwwwwwwww',
    'not-let-in': 'leeweeeee',
    'revoked-connected': 'leeweeeee',
    'events-too-large': 'pdddddddd',
  };

  it.each(cells)('on the occasion %s to %s has the effect that is meant', (occasion, sdk) => {
    const reaction = REACTIONS[answerTo(occasion, sdk)][sdk];
    expect(reaction).toBe(LETTERS[EXPECTED[occasion].charAt(SDKS.indexOf(sdk))]);
  });

  it.each(SDKS)('costs %s no more than one request where it sent too many events', (sdk) => {
    expect(['splits', 'drops']).toContain(REACTIONS[answerTo('events-too-large', sdk)][sdk]);
  });

  it.each(SDKS)('keeps %s away when it is not let in, for a minute at least or with waits that grow', (sdk) => {
    for (const occasion of ['not-let-in', 'revoked-connected'] as const) {
      expect(['ends', 'asks-later', 'waits']).toContain(REACTIONS[answerTo(occasion, sdk)][sdk]);
    }
  });

  it('is of the kind of what was asked: a connection is never answered like a request with events', () => {
    const kinds = cells.map(([occasion, sdk]) => [occasion, answerTo(occasion, sdk).replace(/-.*/, '')] as const);
    for (const [occasion, kind] of kinds) expect(kind === 'events').toBe(occasion === 'events-too-large');
    for (const [occasion, kind] of kinds) if (occasion.endsWith('-connected')) expect(kind).toBe('close');
  });
});

describe('the SDK of a request', () => {
  it.each<[string, Record<string, string | string[] | undefined>, SdkName]>([
    ['in capitals', { 'user-agent': 'FB-GO-SERVER-SDK' }, 'go'],
    ['with a version behind a slash', { 'user-agent': 'fb-java-server-sdk/1.4.4' }, 'java'],
    ['that is only called like one', { 'user-agent': 'fbclients/1.0' }, 'unknown'],
    ['that has another one in its name', { 'user-agent': 'my-fb-go-fork' }, 'unknown'],
    ['of Rust with its version', { 'user-agent': 'featbit-rust-server-sdk/0.1.1' }, 'rust'],
    ['that begins like that of Rust', { 'user-agent': 'featbit-rusty' }, 'unknown'],
    ['of .NET wherever it says so', { 'user-agent': 'MyShop dotnet-sdk' }, 'dotnet'],
    ['that says it in the header for browsers first', { 'x-user-agent': 'fb-go', 'user-agent': 'fb-java' }, 'go'],
    [
      'with a header that nobody knows before one that is known',
      { 'x-user-agent': 'x', 'x-featbit-user-agent': 'fb-python-server-sdk' },
      'python',
    ],
    ['with a header twice', { 'x-user-agent': ['NodeJS-Server-SDK/1.3.0', 'x'] }, 'node'],
    ['with no header', { 'user-agent': undefined }, 'unknown'],
  ])('%s is known', (_, headers, sdk) => {
    expect(sdkOf(headers)).toBe(sdk);
  });

  it('is one that there is an answer for, whatever the headers say', async () => {
    const value = fc.oneof(
      fc.string(),
      fc.array(fc.string(), { maxLength: 3 }),
      fc.constantFrom('fbclient', 'dotnet', 'fb-go', 'Browser-Client-SDK', '__proto__', undefined),
    );
    const headers = fc.record(
      { 'x-user-agent': value, 'x-featbit-user-agent': value, 'user-agent': fc.string() },
      { requiredKeys: [] },
    );
    await check(
      fc.property(headers, fc.constantFrom(...OCCASIONS), (sent, occasion) => {
        const sdk = sdkOf(sent);
        expect(SDKS).toContain(sdk);
        const code = codeOf(answerTo(occasion, sdk));
        expect([400, 413, 503, 1001, 4003]).toContain(code);
      }),
      200,
    );
  });
});
