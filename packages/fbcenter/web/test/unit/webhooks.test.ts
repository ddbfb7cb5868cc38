import { describe, expect, it } from 'vitest';
import { isEventPattern } from '../../../src/model/webhook.js';
import { refusedField } from '../../src/model/refused-field.js';
import {
  countsText,
  DEFAULT_EVENTS,
  deliveryText,
  eventsProblem,
  eventsText,
  hostOf,
  OFFERED_EVENTS,
  problemText,
  removalText,
} from '../../src/model/webhooks.js';

describe('what a webhook is sent, in words', () => {
  it.each<[readonly string[], string]>([
    [['*'], 'everything'],
    [['flag.*', '*'], 'everything'],
    [['flag.*'], 'everything about flags'],
    [['flag.*', 'segment.*'], 'everything about flags and segments'],
    [['flag.*', 'segment.*', 'experiment.*'], 'everything about flags, segments and experiments'],
    [['flag.switch-off'], 'flag.switch-off'],
    [['flag.switch-off', 'flag.switch-on'], 'flag.switch-off and flag.switch-on'],
    [['segment.archive', 'flag.*', 'trigger.create'], 'everything about flags, and segment.archive and trigger.create'],
  ])('%j is %s', (events, words) => {
    expect(eventsText(events)).toBe(words);
  });

  it('is offered and begun with as the center takes it', () => {
    expect([...OFFERED_EVENTS, ...DEFAULT_EVENTS].filter((event) => !isEventPattern(event))).toEqual([]);
  });

  it.each<[readonly string[], RegExp | undefined]>([
    [['flag.*'], undefined],
    [['*'], undefined],
    [Array.from({ length: 20 }, (_, index) => `flag.x${'y'.repeat(index)}`), undefined],
    [[], /^Choose at least one: /],
    [['flag'], /^flag is no event: write flag\.\* for everything about flags/],
    [['flag.*', 'Flag.Switch'], /^Flag\.Switch is no event/],
    [Array.from({ length: 21 }, (_, index) => `flag.x${'y'.repeat(index)}`), /^Choose 20 at most/],
  ])('cannot be chosen as %j: %s', (events, problem) => {
    if (problem === undefined) expect(eventsProblem(events)).toBeUndefined();
    else expect(eventsProblem(events)).toMatch(problem);
  });
});

describe('the address of a webhook', () => {
  it.each([
    ['https://hooks.example.org/services/credential', 'hooks.example.org'],
    ['http://10.0.0.1:8080/x?token=credential', '10.0.0.1:8080'],
    ['not an address', 'not an address'],
  ])('%s shows %s and nothing that may be a credential', (url, host) => {
    expect(hostOf(url)).toBe(host);
  });
});

describe('how a message stands', () => {
  it.each([
    ['delivered', 1, 204, 'delivered, 204'],
    ['delivered', 1, null, 'delivered'],
    ['waiting', 0, null, 'waits to be sent'],
    ['waiting', 2, 500, 'waits for another try'],
    ['dead', 9, 500, 'given up'],
  ] as const)('%s after %i attempts with %j: %s', (state, attempts, status, words) => {
    expect(deliveryText({ state, attempts, status })).toBe(words);
  });

  it.each<[string | null, number | null, string | undefined]>([
    [null, 200, undefined],
    ['status', 500, 'The receiver answered 500: only 2xx counts.'],
    ['redirect', 301, 'The receiver answered 301, a redirect: give the address that it points to.'],
    ['gone', 410, 'The receiver answered 410: it wants no message any more.'],
    ['timeout', null, 'The receiver did not answer within 15 seconds.'],
    [
      'address-refused',
      null,
      'The name leads to a private network: the center sends nothing there unless it is started with --webhooks-to-private.',
    ],
    ['stopped', null, 'The center was stopped in the middle.'],
    ['unreachable: ECONNREFUSED', null, 'There was no connection: nothing listens there (ECONNREFUSED).'],
    ['unreachable: ENOTFOUND', null, 'There was no connection: its name is not known (ENOTFOUND).'],
    ['unreachable: CERT_HAS_EXPIRED', null, 'There was no connection: its certificate is too old (CERT_HAS_EXPIRED).'],
    ['unreachable: EODD', null, 'There was no connection: EODD.'],
    ['something newer', null, 'something newer'],
  ])('because of %j with %j: %s', (problem, status, words) => {
    expect(problemText({ problem, status })).toBe(words);
  });

  it.each([
    [{ waiting: 0, delivered: 0, dead: 0, dropped: 0 }, 'none yet'],
    [{ waiting: 3, delivered: 97, dead: 1, dropped: 0 }, '3 waiting, 97 delivered, 1 given up'],
    [{ waiting: 10_000, delivered: 0, dead: 0, dropped: 12 }, '10,000 waiting, 12 dropped'],
  ])('is counted: %j is %s', (counts, words) => {
    expect(countsText(counts)).toBe(words);
  });

  it.each([
    [0, ''],
    [1, ' 1 message that waits is not sent.'],
    [12, ' 12 messages that wait are not sent.'],
  ])('counts before the webhook is removed: %i', (waiting, lost) => {
    expect(removalText({ waiting })).toBe(
      `Nothing is sent to its address any more, and its secret is forgotten.${lost} It cannot be brought back.`,
    );
  });
});

describe('a refusal', () => {
  it.each([
    ['url: Must begin with https:// or http://.', 'url', 'Must begin with https:// or http://.'],
    ['name: Must not be blank.', 'name', 'Must not be blank.'],
    ['An environment takes 20 webhooks: remove one first.', undefined, undefined],
    ['names: odd', undefined, undefined],
  ])('is shown where it belongs: %s', (message, field, text = message) => {
    expect(refusedField(message, ['name', 'url'])).toEqual({ field, text });
  });
});
