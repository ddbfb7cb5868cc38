import type { DeliveryBody, WebhookBody } from '../../../src/api/webhooks.js';
import { isEventPattern } from '../../../src/model/webhook.js';
import { figure } from './figure.js';
import { count } from './words.js';

/** As many as a webhook takes. */
const MAX_EVENTS = 20;

/** What a new webhook asks for unless somebody chooses. */
export const DEFAULT_EVENTS: readonly string[] = ['flag.*', 'segment.*'];

/** What is offered where events are typed; any other kind and action of the audit log counts, too. */
export const OFFERED_EVENTS: readonly string[] = [
  '*',
  'flag.*',
  'flag.switch-on',
  'flag.switch-off',
  'flag.create',
  'flag.update',
  'flag.archive',
  'flag.restore',
  'flag.delete',
  'segment.*',
  'segment.update',
  'experiment.*',
  'experiment.start',
  'experiment.stop',
  'metric.*',
  'environment.*',
  'secret.*',
  'trigger.*',
  'webhook.*',
];

/** "everything", "everything about flags and segments, and trigger.create". */
export function eventsText(events: readonly string[]): string {
  if (events.includes('*')) return 'everything';
  const kinds = events.filter((event) => event.endsWith('.*')).map((event) => `${event.slice(0, -2)}s`);
  const single = events.filter((event) => !event.endsWith('.*'));
  if (kinds.length === 0) return listed(single);
  const about = `everything about ${listed(kinds)}`;
  return single.length === 0 ? about : `${about}, and ${listed(single)}`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** Why events cannot be chosen, with what to write instead. */
export function eventsProblem(events: readonly string[]): string | undefined {
  if (events.length === 0) return 'Choose at least one: flag.* is everything about flags, * is everything.';
  const odd = events.find((event) => !isEventPattern(event));
  if (odd !== undefined)
    return `${odd} is no event: write flag.* for everything about flags, flag.switch-off for one thing, * for everything.`;
  return events.length > MAX_EVENTS ? `Choose ${MAX_EVENTS} at most, or * for everything.` : undefined;
}

/** Where a webhook leads. The rest of its address may hold a credential, and is in the page only when somebody edits it. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

type Tried = Pick<DeliveryBody, 'state' | 'attempts' | 'status' | 'problem'>;

/** How a message stands. */
export function deliveryText({ state, attempts, status }: Pick<Tried, 'state' | 'attempts' | 'status'>): string {
  if (state === 'delivered') return status === null ? 'delivered' : `delivered, ${status}`;
  if (state === 'dead') return 'given up';
  return attempts === 0 ? 'waits to be sent' : 'waits for another try';
}

/** What codes of the system mean; what is not here is shown by its code alone. */
const UNREACHABLE: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ECONNRESET', 'the receiver has cut the connection'],
  ['ENOTFOUND', 'its name is not known'],
  ['EAI_AGAIN', 'names cannot be looked up at the moment'],
  ['EHOSTUNREACH', 'no way leads there'],
  ['ENETUNREACH', 'no way leads there'],
  ['CERT_HAS_EXPIRED', 'its certificate is too old'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'the center does not trust its certificate'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'the center does not trust its certificate'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'the center does not trust its certificate'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name'],
]);

/** Why the last attempt came to nothing, and what to do about it; nothing when it came to something. */
export function problemText({ status, problem }: Pick<Tried, 'status' | 'problem'>): string | undefined {
  if (problem === null) return undefined;
  const code = /^unreachable: (.*)$/.exec(problem)?.[1];
  if (code !== undefined) {
    const meaning = UNREACHABLE.get(code);
    return `There was no connection: ${meaning === undefined ? code : `${meaning} (${code})`}.`;
  }
  switch (problem) {
    case 'status':
      return `The receiver answered ${status}: only 2xx counts.`;
    case 'redirect':
      return `The receiver answered ${status}, a redirect: give the address that it points to.`;
    case 'gone':
      return 'The receiver answered 410: it wants no message any more.';
    case 'timeout':
      return 'The receiver did not answer within 15 seconds.';
    case 'address-refused':
      return 'The name leads to a private network: the center sends nothing there unless it is started with --webhooks-to-private.';
    case 'stopped':
      return 'The center was stopped in the middle.';
    default:
      return problem;
  }
}

/** "3 waiting, 1 given up": how the messages stand. */
export function countsText({ waiting, delivered, dead, dropped }: WebhookBody['deliveries']): string {
  const parts = [
    ...(waiting > 0 ? [`${figure(waiting)} waiting`] : []),
    ...(delivered > 0 ? [`${figure(delivered)} delivered`] : []),
    ...(dead > 0 ? [`${figure(dead)} given up`] : []),
    ...(dropped > 0 ? [`${figure(dropped)} dropped`] : []),
  ];
  return parts.length === 0 ? 'none yet' : parts.join(', ');
}

/** What removing a webhook costs, besides what is not sent any more. */
export function removalText({ waiting }: Pick<WebhookBody['deliveries'], 'waiting'>): string {
  const lost =
    waiting === 0 ? '' : ` ${count(waiting, 'message')} that ${waiting === 1 ? 'waits is' : 'wait are'} not sent.`;
  return `Nothing is sent to its address any more, and its secret is forgotten.${lost} It cannot be brought back.`;
}
