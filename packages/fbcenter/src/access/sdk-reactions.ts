import type { IncomingHttpHeaders } from 'node:http';

/** SDKs, as far as they react differently to being refused; `unknown` is whoever does not say. */
export type SdkName = 'fbclient' | 'node' | 'browser' | 'python' | 'go' | 'java' | 'dotnet' | 'rust' | 'unknown';

/**
 * What an SDK makes of being refused.
 *
 * - `waits`: comes back, after waits that grow.
 * - `storms`: comes back at once, each time: hundreds of times a second, or each second from every page.
 * - `misreports`: comes back, but says meanwhile that it is off for good.
 * - `asks-later`: counts as refused, and asks again after a minute or more.
 * - `ends`: never comes back; of events, sends none any more until its process restarts.
 * - `splits`: sends the events again in smaller requests.
 * - `drops`: gives this one request up, perhaps after sending it again, and goes on with the next.
 */
type Reaction = 'waits' | 'storms' | 'misreports' | 'asks-later' | 'ends' | 'splits' | 'drops';

type ByClosing = { readonly [Sdk in SdkName]: Reaction };

const every = (reaction: Reaction, others: Partial<ByClosing> = {}): ByClosing => ({
  fbclient: reaction,
  node: reaction,
  browser: reaction,
  python: reaction,
  go: reaction,
  java: reaction,
  dotnet: reaction,
  rust: reaction,
  unknown: reaction,
  ...others,
});

/** Who comes back without a pause after a connection that was accepted and then closed. */
const STORMS = { browser: 'storms', go: 'storms', dotnet: 'storms' } as const;

/** Who sends no events any more after a status that blames the request. */
const ENDS_EVENTS = { node: 'ends', browser: 'ends', dotnet: 'ends', rust: 'ends' } as const;

/**
 * How each SDK reacts to each answer. Source: FeatBit's SDKs for Node.js 1.3.0, JavaScript 4.2.15, Go 1.1.2, Java and Rust 0.1.1 (read), Python
 * 1.2.1 (read and run) and .NET 1.2.9 (run).
 */
export const REACTIONS = {
  /** The upgrade is answered 503. */
  'upgrade-503': every('waits'),
  /** The connection is accepted, then closed with 1000; and so on. */
  'close-1000': every('waits', { ...STORMS, go: 'ends', java: 'ends', dotnet: 'ends' }),
  'close-1001': every('waits', STORMS),
  'close-1011': every('waits', { ...STORMS, go: 'misreports' }),
  // The SDK for Python ends at it, too, if it learns of it: its WebSocket library, from 1.9 on, reports any close as an error.
  'close-4003': every('ends', { fbclient: 'asks-later', python: 'waits' }),
  /** A request with events is answered 400; and so on. */
  'events-400': every('drops'),
  'events-401': every('drops', { fbclient: 'asks-later', ...ENDS_EVENTS }),
  'events-413': every('drops', { fbclient: 'splits', ...ENDS_EVENTS }),
  'events-503': every('drops', { fbclient: 'waits' }),
} as const satisfies Readonly<Record<string, ByClosing>>;

export type RefusalAnswer = keyof typeof REACTIONS;

/** What a refusal is for, with the answers that say it: the best one first. */
const ANSWERS = {
  /** The storage does not answer: nobody can be checked. */
  'storage-away': ['upgrade-503'],
  /** As many are connected as may be. */
  'too-many': ['upgrade-503'],
  /** The center ends: whoever asks to be let in; whoever is connected, of whom no answer but a close code can be given. */
  stopping: ['upgrade-503'],
  'stopping-connected': ['close-1001'],
  /** The storage does not answer somebody who is connected already. */
  'storage-away-connected': ['close-1001'],
  /** Everything is right but the time. A close has a reason that reaches a log. */
  'clock-off': ['close-1001', 'upgrade-503'],
  /** The secret is unknown, or of the wrong kind. A secret that is exchanged is none of these: both count until the old one is revoked. */
  'not-let-in': ['close-4003'],
  'revoked-connected': ['close-4003'],
  /** More events in one request than are taken; the next request may well be smaller. */
  'events-too-large': ['events-413', 'events-400'],
} as const satisfies Readonly<Record<string, readonly RefusalAnswer[]>>;

export type RefusalOccasion = keyof typeof ANSWERS;

/** The occasions that pass by themselves: no SDK may take their answer for the end. */
export const PASSING = [
  'storage-away',
  'too-many',
  'stopping',
  'stopping-connected',
  'storage-away-connected',
  'clock-off',
  'events-too-large',
] as const satisfies readonly RefusalOccasion[];

const GOOD: readonly Reaction[] = ['waits', 'splits', 'drops', 'asks-later'];

/** The answer to an SDK on an occasion: the first that it reacts well to, otherwise the last. The one place where this is decided. */
export function answerTo(occasion: RefusalOccasion, sdk: SdkName): RefusalAnswer {
  const answers: readonly RefusalAnswer[] = ANSWERS[occasion];
  return answers.find((answer) => GOOD.includes(REACTIONS[answer][sdk])) ?? answers.at(-1) ?? 'upgrade-503';
}

/** The status or close code of an answer. */
export function codeOf(answer: RefusalAnswer): number {
  return Number(answer.slice(-4).replace('-', ''));
}

/** How each SDK calls itself in a header; those that are not here send nothing of the kind. */
const NAMES: readonly (readonly [RegExp, SdkName])[] = [
  [/^fbclient\b/i, 'fbclient'],
  [/dotnet/i, 'dotnet'],
  [/^NodeJS-Server-SDK\b/i, 'node'],
  [/^(?:Browser|React-Native)-Client-SDK\b/i, 'browser'],
  [/^fb-python\b/i, 'python'],
  [/^fb-go\b/i, 'go'],
  [/^fb-java\b/i, 'java'],
  [/^featbit-rust\b/i, 'rust'],
];

/** Which SDK sends a request. */
export function sdkOf(headers: IncomingHttpHeaders): SdkName {
  for (const header of ['x-user-agent', 'x-featbit-user-agent', 'user-agent']) {
    const value = String(headers[header] ?? '');
    const known = NAMES.find(([pattern]) => pattern.test(value));
    if (known !== undefined) return known[1];
  }
  return 'unknown';
}
