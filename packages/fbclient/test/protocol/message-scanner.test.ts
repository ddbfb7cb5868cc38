import { seededRandom } from 'fbclient-conformance/reference';
import { describe, expect, it } from 'vitest';
import { EncodedDocument, EncodedValue } from '../../src/protocol/encoded-document.js';
import { atOnce, isLarge, LargeMessage, readDataSyncEnvelope, textOf } from '../../src/protocol/large-message.js';
import { decodeDataSyncEnvelope, decodeServerMessage } from '../../src/protocol/messages.js';
import { parseVersion } from '../../src/protocol/version.js';
import { versionIn } from '../../src/protocol/version-bytes.js';
import { OddJson } from '../support/odd-json.js';
import { effort, seed } from '../support/property.js';
import { scannerFault } from '../support/scanner-check.js';
import { full, patch, segmentFlag, updatedAt, versionOf, wireFlag, wireRule, wireSegment } from '../support/wire.js';

console.info(`SEED=${seed}`);

const CASES = 250 * effort;

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function read(text: string | Uint8Array) {
  return atOnce(new LargeMessage(typeof text === 'string' ? bytesOf(text) : text).serverMessage());
}

function documentsIn(text: string): readonly unknown[] {
  const message = read(text);
  return message.ok && message.value.type === 'data-sync'
    ? [...message.value.data.featureFlags, ...message.value.data.segments]
    : [];
}

/** Draws cases until one has a fault. @returns the fault and its case. */
function firstFault(draw: (odd: OddJson) => Uint8Array): unknown {
  const odd = new OddJson(seededRandom(seed));
  for (let round = 0; round < CASES; round++) {
    const bytes = draw(odd);
    const fault = scannerFault(bytes);
    if (fault !== undefined) return { fault, text: textOf(bytes), bytes: [...bytes] };
  }
  return undefined;
}

describe('a message that is read step by step is what it is when it is read whole', () => {
  it('whatever JSON it is', () => {
    expect(firstFault((odd) => bytesOf(odd.text()))).toBeUndefined();
  });

  it('with flags and segments that are sound, odd and damaged, whatever the order of their members', () => {
    expect(firstFault((odd) => bytesOf(odd.message()))).toBeUndefined();
  });

  it('when its bytes were cut, spliced or flipped', () => {
    expect(firstFault((odd) => odd.damaged(bytesOf(odd.message())))).toBeUndefined();
    expect(firstFault((odd) => odd.damaged(odd.damaged(bytesOf(odd.text()))))).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['a word that is cut', 'tru'],
    ['a word that goes on', 'truee'],
    ['a number with a leading zero', '01'],
    ['a number without digits', '-'],
    ['a fraction without digits', '1.'],
    ['an exponent without digits', '1e+'],
    ['a sign that is not JSON', '+1'],
    ['hexadecimal', '0x10'],
    ['not a number', 'NaN'],
    ['a text without an end', '"a'],
    ['a text that ends in a backslash', '"a\\'],
    ['an escape that does not exist', '"\\x41"'],
    ['an escape that is cut', '"\\u00"'],
    ['an escape with other digits', '"\\u00g0"'],
    ['a line break in a text', '"a\nb"'],
    ['another kind of quote', "'a'"],
    ['a comma at the end of a list', '[1,]'],
    ['a comma at the beginning of a list', '[,1]'],
    ['a list without an end', '[1'],
    ['a list that ends as an object', '[1}'],
    ['an object that ends as a list', '{"a":1]'],
    ['a comma at the end of an object', '{"a":1,}'],
    ['a name without a value', '{"a"}'],
    ['a name without quotes', '{a:1}'],
    ['a value without a name', '{1}'],
    ['two colons', '{"a"::1}'],
    ['two values', '1 2'],
    ['a bracket too many', '{}}'],
    ['a comma after the message', '{},'],
    ['white space of other kinds', '\u00a01'],
    ['a byte order mark in the middle', '{\ufeff}'],
    ['two byte order marks', '\ufeff\ufeff{}'],
    ['a comment', '{}//'],
  ])('refuses %s', (_what, text) => {
    expect(read(text)).toEqual({ ok: false, problem: `not JSON (${text.length} characters)` });
    expect(decodeServerMessage(text).ok).toBe(false);
  });

  it.each([
    ['a byte order mark before it', `\ufeff${JSON.stringify(full([wireFlag('a')]))}`],
    ['text beyond ASCII', JSON.stringify(full([wireFlag('é中😀', '\u2028')]))],
    ['white space everywhere', JSON.stringify(full([wireFlag('a')], [wireSegment('s')]), undefined, '\t\r\n ')],
    [
      'the type of the message at its end',
      `{"data":${JSON.stringify(full([wireFlag('a')]).data)},"messageType":"data-sync"}`,
    ],
    [
      'its kind behind the flags',
      '{"messageType":"data-sync","data":{"featureFlags":[1],"segments":[],"eventType":"patch"}}',
    ],
    [
      'its names escaped',
      '{"\\u006dessageType":"data-\\u0073ync","\\u0064ata":{"eventType":"full","featureFlags":[],"\\u0073egments":[]}}',
    ],
    [
      'data twice: the last counts',
      `{"messageType":"data-sync","data":{"eventType":"full","featureFlags":[1,2],"segments":[3]},"data":${JSON.stringify(patch([wireFlag('b')]).data)}}`,
    ],
    [
      'data twice, the last without flags',
      '{"messageType":"data-sync","data":{"eventType":"full","featureFlags":[1],"segments":[]},"data":{"eventType":"full","segments":[]}}',
    ],
    [
      'flags twice',
      '{"messageType":"data-sync","data":{"eventType":"full","featureFlags":[1],"featureFlags":[2,3],"segments":[]}}',
    ],
    [
      'flags twice, the last of another kind',
      '{"messageType":"data-sync","data":{"eventType":"full","featureFlags":[1],"featureFlags":{"a":[1]},"segments":[]}}',
    ],
    [
      'the names of the envelope in other places',
      '{"x":{"data":{"featureFlags":[1]}},"messageType":"data-sync","data":{"eventType":"full","featureFlags":[{"data":{"featureFlags":[{}]}}],"segments":[]}}',
    ],
  ])('takes %s', (_what, text) => {
    expect(scannerFault(bytesOf(text))).toBeUndefined();
  });

  it.each([
    ['of another shape', '[]', 'expected an object, got array'],
    ['without a type', '{}', 'messageType: expected a string, got missing'],
    ['without data', '{"messageType":"data-sync"}', 'data: expected an object, got missing'],
    [
      'with a list of another kind',
      '{"messageType":"data-sync","data":{"eventType":"full","featureFlags":{},"segments":[]}}',
      'data.featureFlags: expected an array, got object',
    ],
  ])('says what is wrong with one %s', (_what, text, problem) => {
    expect(read(text)).toEqual({ ok: false, problem });
  });

  it('however deep it is nested', () => {
    const depth = 50_000;
    expect(scannerFault(bytesOf('['.repeat(depth)))).toBeUndefined();
    expect(read(`${'['.repeat(depth)}${']'.repeat(depth)}`)).toMatchObject({
      ok: false,
      problem: 'expected an object, got array',
    });
    const nested = `{"messageType":"data-sync","data":{"eventType":"full","featureFlags":[${'{"a":['.repeat(depth)}${']}'.repeat(depth)}],"segments":[]}}`;
    expect(documentsIn(nested)).toEqual([expect.any(EncodedValue)]);
  });

  it('when it is no UTF-8: what a text of it has is U+FFFD', () => {
    const bytes = bytesOf(JSON.stringify(full([wireFlag('a?b')])));
    bytes[bytes.indexOf(0x3f)] = 0xff;
    expect(scannerFault(bytes)).toBeUndefined();
    const message = read(bytes);
    expect(message.ok && message.value.type === 'data-sync' && message.value.data.featureFlags[0]).toMatchObject({
      key: 'a\ufffdb',
    });
  });
});

describe('a document in a message that is read step by step', () => {
  const FLAG = segmentFlag('flag', ['s'], {
    updatedAt: updatedAt(7),
    targetUsers: [{ keyIds: ['ada', 'bob'], variationId: 'v-off' }],
    rules: [wireRule([{ property: 'a', op: 'Equal', value: 'b' }, {}])],
  });
  const SEGMENT = wireSegment('segment', ['ada'], {
    rules: [{ conditions: [{ property: 'a', op: null, value: null }] }],
  });

  it('stays bytes when it is sound: its key, its version and whether it is archived are known', () => {
    const text = JSON.stringify(full([FLAG, { ...FLAG, isArchived: true }], [SEGMENT]));
    expect(documentsIn(text)).toMatchObject([
      { key: 'flag', version: versionOf(7), isArchived: false },
      { key: 'flag', version: versionOf(7), isArchived: true },
      { key: 'segment', version: versionOf(1), isArchived: false },
    ]);
    for (const document of documentsIn(text)) expect(document).toBeInstanceOf(EncodedDocument);
  });

  it('stays bytes also when its members come in another order, with others among them and spaces around', () => {
    const odd = { tags: [{ id: 1 }], ...Object.fromEntries(Object.entries(FLAG).reverse()), name: { key: 'no' } };
    expect(documentsIn(JSON.stringify(full([odd]), undefined, 2))).toEqual([expect.any(EncodedDocument)]);
  });

  it.each([
    ['with escapes in its texts', { rules: [wireRule([{ property: 'a', op: 'IsOneOf', value: '["\\u00e9\n"]' }])] }],
    ['with other characters than ASCII', { name: 'é中😀' }],
    ['with tens of kilobytes', { description: 'x'.repeat(60_000) }],
    ['nested as deep as no flag is', { tags: [[[[[[[[{ a: [1] }]]]]]]]] }],
    ['with nothing in its lists', { targetUsers: [], rules: [], tags: [], more: {} }],
  ])('stays bytes %s', (_how, more) => {
    const text = JSON.stringify(full([{ ...FLAG, ...more }]));
    expect(documentsIn(text)).toEqual([expect.any(EncodedDocument)]);
    expect(scannerFault(bytesOf(text))).toBeUndefined();
  });

  it.each([
    ['longer than 64 KiB', { description: 'x'.repeat(66_000) }],
    ['so long in many parts', { tags: Array.from({ length: 9_000 }, () => 'tag-tag') }],
    ['so long in many numbers', { tags: Array.from({ length: 40_000 }, () => 1) }],
    ['nested deeper than that', { tags: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) }],
  ])('is to be judged when it is %s, and what comes after it is read as it is', (_how, more) => {
    const text = JSON.stringify(full([{ ...FLAG, ...more }, FLAG]));
    const [odd, sound] = documentsIn(text);
    expect(odd).not.toBeInstanceOf(EncodedDocument);
    expect((odd as EncodedValue).parse()).toEqual({ ...FLAG, ...more });
    expect(sound).toBeInstanceOf(EncodedDocument);
    expect(scannerFault(bytesOf(text))).toBeUndefined();
  });

  it('stays bytes when a member comes twice: the last counts', () => {
    const text = JSON.stringify(full([FLAG])).replace(
      '"key":',
      '"key":"first","updatedAt":"2020-01-01T00:00:00Z","key":',
    );
    expect(documentsIn(text)).toMatchObject([{ key: 'flag', version: versionOf(7) }]);
    expect(scannerFault(bytesOf(text))).toBeUndefined();
  });

  it('has the text that came', () => {
    const text = '{ "key" : 1 }';
    const message = `{"messageType":"data-sync","data":{"eventType":"full","featureFlags":[${text}],"segments":[]}}`;
    expect((documentsIn(message)[0] as EncodedValue).text()).toBe(text);
  });

  it.each(Object.keys(FLAG))('is to be judged when %s is missing or of another type', (name) => {
    const { [name as keyof typeof FLAG]: value, ...rest } = FLAG;
    const other = [typeof value === 'string' ? 1 : 'text', null, { [name]: value }, [[value]]];
    for (const flag of [rest, ...other.map((one) => ({ ...FLAG, [name]: one }))]) {
      const [document] = documentsIn(JSON.stringify(full([flag])));
      expect(document).not.toBeInstanceOf(EncodedDocument);
      expect((document as EncodedValue).parse()).toEqual(flag);
    }
  });

  const SOUND = JSON.stringify(FLAG);
  it.each([
    ['a member that comes twice, once damaged', SOUND.replace('"isEnabled":', '"isEnabled":1,"isEnabled":')],
    ['a name with an escape', SOUND.replace('"key":', '"k\\u0065y":')],
    ['a number with an exponent', SOUND.replace('"rollout":[0,1]', '"rollout":[0,1e0]')],
    ['a negative share', SOUND.replace('"exptRollout":1', '"exptRollout":-1')],
    ['an interval of one number', SOUND.replace('"rollout":[0,1]', '"rollout":[0]')],
    ['an interval of three', SOUND.replace('"rollout":[0,1]', '"rollout":[0,1,1]')],
    ['an interval that is infinite', SOUND.replace('"rollout":[0,1]', `"rollout":[0,${'9'.repeat(400)}]`)],
    ['a blank key', SOUND.replace('"key":"flag"', '"key":"\\u0085 "')],
    ['a day that does not exist', SOUND.replace('2026-01-01T', '2026-02-30T')],
    ['a time with an escape', SOUND.replace('2026-01-01T', '2026\\u002d01-01T')],
  ])('is to be judged with %s', (_what, text) => {
    expect(text).not.toBe(SOUND);
    const message = `{"messageType":"data-sync","data":{"eventType":"full","featureFlags":[${text}],"segments":[]}}`;
    expect(documentsIn(message)).toEqual([expect.not.toSatisfy((one) => one instanceof EncodedDocument)]);
    expect(scannerFault(bytesOf(message))).toBeUndefined();
  });
});

it('versions are the same in bytes and in text', () => {
  const odd = new OddJson(seededRandom(seed));
  for (let round = 0; round < CASES * 10; round++) {
    const time = odd.time();
    const bytes = bytesOf(`xx${time}xx`);
    const version = versionIn(bytes, 2, bytes.length - 2);
    if (version !== parseVersion(time)) expect([time, version]).toEqual([time, parseVersion(time)]);
  }
});

describe('which messages are read step by step', () => {
  const flags = (count: number) => full(Array.from({ length: count }, (_, index) => wireFlag(`f${index}`)));
  const LONG = JSON.stringify(flags(1_000));

  it('long ones, as text or as bytes', () => {
    expect(isLarge(LONG)).toBe(true);
    expect(LargeMessage.of(LONG)?.length).toBe(LONG.length);
    expect(LargeMessage.of(bytesOf(LONG))).toBeDefined();
    expect(LargeMessage.of(JSON.stringify(flags(1)))).toBeUndefined();
    expect(LargeMessage.of(bytesOf('{}'))).toBeUndefined();
  });

  it('not a text with half a surrogate pair, which bytes cannot hold', () => {
    const text = LONG.replace('"f7"', '"f7\ud800"');
    expect(LargeMessage.of(text)).toBeUndefined();
    expect(readDataSyncEnvelope(text)).toEqual(decodeDataSyncEnvelope(text));
  });

  it('it gives others a turn many times', () => {
    const steps = new LargeMessage(bytesOf(LONG)).dataSync();
    let turns = 0;
    while (steps.next().done !== true) turns += 1;
    expect(turns).toBeGreaterThan(LONG.length / 64 / 1024);
  });

  it('a bootstrap text is one, too', () => {
    const data = readDataSyncEnvelope(LONG);
    expect(data.ok && data.value.featureFlags.every((one) => one instanceof EncodedDocument)).toBe(true);
    expect(readDataSyncEnvelope(JSON.parse(LONG))).toEqual(decodeDataSyncEnvelope(LONG));
  });
});
