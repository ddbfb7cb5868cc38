import { describe, expect, it } from 'vitest';
import type { MissingAttribute } from '../../src/flags/attributes.js';
import { compileDataSyncNow } from '../../src/flags/compile.js';
import { Failure } from '../../src/flags/failure.js';
import { Occasion } from '../../src/flags/occasion.js';
import { FlagStore } from '../../src/flags/store.js';
import { decodeFlag, decodeSegment, type FlagDocument } from '../../src/protocol/documents.js';
import { fingerprintOfFlag } from '../../src/protocol/fingerprint.js';
import { type DataSync, decodeServerMessage } from '../../src/protocol/messages.js';
import { decodeRecentMessage } from '../../src/protocol/recent-messages.js';
import { findingsOf } from '../../src/protocol/shared-documents.js';
import { COMPILING } from '../support/store.js';
import { patch, wireFlag, wireRule, wireSegment } from '../support/wire.js';

/** A push, as the text that each client gets. */
function push(value: string): string {
  return JSON.stringify(patch([wireFlag('flag', value), { key: 'damaged' }, 5], [wireSegment('seg', [value])]));
}

function dataOf(text: string): DataSync {
  const message = decodeRecentMessage(text);
  if (!message.ok || message.value.type !== 'data-sync') throw new Error('the test expected data');
  return message.value.data;
}

describe('a push that several clients of the process get', () => {
  it('is read once, and says what it says', () => {
    const text = push('once');
    expect(decodeRecentMessage(text)).toEqual(decodeServerMessage(text));
    // Another string of the same text, as each connection has its own.
    const again = JSON.stringify(JSON.parse(text));
    expect(dataOf(again)).toBe(dataOf(text));
    expect(dataOf(push('other'))).not.toBe(dataOf(text));
  });

  it('has each of its documents judged once, with the same result as by itself', () => {
    dataOf(push('judged'));
    // From the second client on.
    const { featureFlags, segments } = dataOf(push('judged'));
    const own = JSON.parse(push('judged')).data;
    for (const [index, document] of featureFlags.entries()) {
      expect(decodeFlag(document)).toEqual(decodeFlag(own.featureFlags[index]));
      if (index < 2) expect(decodeFlag(document)).toBe(decodeFlag(document));
    }
    expect(decodeSegment(segments[0])).toEqual(decodeSegment(own.segments[0]));
    expect(fingerprintOfFlag(featureFlags[0] as FlagDocument)).toBe(fingerprintOfFlag(own.featureFlags[0]));
    expect(fingerprintOfFlag(featureFlags[0] as FlagDocument)).not.toBe(fingerprintOfFlag(wireFlag('flag', 'another')));
  });

  it('is shared from the second client on: one that is alone has nobody to share it with', () => {
    const isShared = () => dataOf(push('shared')).featureFlags.map((flag) => findingsOf(Object(flag)) !== undefined);
    expect(isShared()).toEqual([false, false, false]);
    expect(isShared()).toEqual([true, true, false]);
  });

  it('is compiled by each client as its own options say', () => {
    const rule = wireRule([{ property: 'plan', op: 'NotEqual', value: 'pro' }], 'v-on');
    const flag = wireFlag('flag', 'on', { rules: [rule], isEnabled: true, fallthrough: { ...rule, variations: [] } });
    const text = JSON.stringify(patch([flag]));
    const served = (missingAttribute: MissingAttribute) => {
      const store = new FlagStore();
      store.commit(compileDataSyncNow(dataOf(text), { ...COMPILING, missingAttribute }).changes);
      const outcome = store.flag('flag')?.evaluate(new Occasion({ key: 'ada' }, store));
      return outcome instanceof Failure ? 'Error' : outcome?.reason;
    };
    expect(['no-match', 'empty-string', 'no-match'].map((missing) => served(missing as MissingAttribute))).toEqual([
      'Error',
      'RuleMatch',
      'Error',
    ]);
  });

  it('is forgotten behind sixteen others', () => {
    const first = dataOf(push('first'));
    for (let other = 0; other < 15; other++) dataOf(push(`other ${other}`));
    expect(dataOf(push('first'))).toBe(first);
    dataOf(push('one more'));
    expect(dataOf(push('first'))).not.toBe(first);
  });

  it('is not remembered when it is long', () => {
    const long = push('x'.repeat(16_384));
    expect(dataOf(long)).toEqual(dataOf(long));
    expect(dataOf(long)).not.toBe(dataOf(long));
  });
});

it.each(['{', '[]', '{"messageType":5}', '{"messageType":"data-sync","data":{"eventType":"full"}}'])(
  'what is no message is refused each time: %s',
  (text) => {
    expect(decodeRecentMessage(text)).toEqual(decodeServerMessage(text));
    expect(decodeRecentMessage(text)).toMatchObject({ ok: false });
  },
);

it('a pong is a pong', () => {
  expect(decodeRecentMessage('{"messageType":"pong","data":{}}')).toEqual({ ok: true, value: { type: 'pong' } });
});
