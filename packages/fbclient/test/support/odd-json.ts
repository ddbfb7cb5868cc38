import { wireFlag, wireRule, wireSegment } from './wire.js';

/** From 0 (included) to 1 (excluded). */
export type Random = () => number;

const TEXTS = [
  '',
  ' ',
  'a',
  'key',
  'full',
  'patch',
  'data-sync',
  'pong',
  'true',
  '"\\/\b\f\n\r\t',
  '\u0000\u001f',
  'é中😀',
  '\ud800',
  '\udc00\ud800',
  '__proto__',
  '\u2028',
  'x'.repeat(70),
];
const NUMBERS = [
  '0',
  '-0',
  '1',
  '0.5',
  '-1.25e-7',
  '1E+2',
  '1e999',
  '-1e999',
  '12345678901234567890',
  `0.${'3'.repeat(40)}`,
];
const SPACES = ['', '', '', ' ', '\n', '\t\r\n  '];
/** Names that mean something somewhere in a message. */
const NAMES = [
  'messageType',
  'data',
  'eventType',
  'featureFlags',
  'segments',
  'key',
  'id',
  'updatedAt',
  'isArchived',
  'variations',
  'rollout',
  'keyIds',
  'conditions',
  'constructor',
  '__proto__',
];
const TIMES = [
  '2026-01-01T00:00:00Z',
  '2026-02-28T23:59:59.1234567Z',
  '2026-02-29T00:00:00Z',
  '2024-02-29T00:00:00.5Z',
  '2026-04-31T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T00:60:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-01T00:00:00+02:00',
  '2026-01-01T00:00:00',
  '2026-01-01',
  '0099-01-01T00:00:00Z',
  '2026-01-01T00:00:00.Z',
  '2026-01-01T00:00:00.12345678Z',
  '٢٠٢٦-01-01T00:00:00Z',
  '2026-01-01t00:00:00z',
];

/** Draws JSON as nobody writes it, and messages of it that are nearly right. */
export class OddJson {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Any JSON text. */
  text(): string {
    return `${this.space()}${this.#write(this.#value(this.below(7)))}${this.space()}`;
  }

  /** Text that is a message, more or less: of flags and segments, most of them sound. */
  message(): string {
    const featureFlags = this.#list(6, () => this.#document('flag'));
    const segments = this.#list(4, () => this.#document('segment'));
    const data = this.#oddly(
      { eventType: this.#pick(['full', 'patch', 'full', 'other']), featureFlags, segments },
      0.05,
    );
    const messageType = this.#chance(0.9) ? 'data-sync' : this.#pick(['pong', 'other', '']);
    return `${this.space()}${this.#write(this.#oddly({ messageType, data }, 0.05))}${this.space()}`;
  }

  /** A time of change, in any form. */
  time(): string {
    const time = this.#pick(TIMES);
    if (this.#chance(0.5)) return time;
    const digits = time.replace(/\d/g, (digit) => (this.#chance(0.2) ? String(this.below(10)) : digit));
    return this.#chance(0.3)
      ? digits.slice(0, this.below(digits.length)) + this.#pick(TIMES).slice(this.below(12))
      : digits;
  }

  /** Cut, spliced and flipped. */
  damaged(bytes: Uint8Array): Uint8Array {
    const copy = Uint8Array.from(bytes);
    const at = this.below(copy.length);
    switch (this.below(5)) {
      case 0:
        return copy.slice(0, at);
      case 1:
        return Uint8Array.from([...copy.slice(0, at), ...copy.slice(Math.min(at + 1 + this.below(4), copy.length))]);
      case 2: {
        const from = this.below(copy.length);
        const piece = copy.slice(from, from + this.below(30));
        return Uint8Array.from([...copy.slice(0, at), ...piece, ...copy.slice(at)]);
      }
      case 3:
        copy[at] = (copy[at] ?? 0) ^ (1 << this.below(8));
        return copy;
      default:
        copy[at] = this.#pick([...new TextEncoder().encode('"\\{}[]:,-.0e1tfn \u0001'), 0xff, 0xc3, 0xef]);
        return copy;
    }
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  space(): string {
    return this.#pick(SPACES);
  }

  #document(kind: 'flag' | 'segment'): unknown {
    if (this.#chance(0.05)) return this.#value(2);
    const key = this.#chance(0.9) ? `k-${this.below(4)}` : this.#pick(TEXTS);
    const isArchived = this.#chance(0.2);
    const updatedAt = this.#chance(0.8) ? this.#pick(TIMES.slice(0, 2)) : this.time();
    const conditions = [
      {
        property: this.#pick(['country', null, '']),
        op: this.#pick(['Equal', 'IsOneOf', null]),
        value: this.#pick(['["a"]', null]),
      },
      {},
    ];
    const document =
      kind === 'flag'
        ? wireFlag(key, this.#pick(TEXTS), {
            updatedAt,
            isArchived,
            targetUsers: [{ keyIds: this.#list(3, () => this.#pick(TEXTS)), variationId: 'v-on' }],
            rules: this.#list(2, () => wireRule(conditions)),
          })
        : wireSegment(
            key,
            this.#list(3, () => this.#pick(TEXTS)),
            { updatedAt, isArchived, rules: [{ conditions }] },
          );
    return this.#chance(0.7) ? this.#oddly(document, 0) : this.#oddly(document, 0.03);
  }

  /**
   * The same with its members in another order, members that nobody knows, and, each with a probability, members and items that
   * are left out or are something else.
   */
  #oddly(value: unknown, damage: number): unknown {
    if (this.#chance(damage)) return this.#value(2);
    if (Array.isArray(value)) {
      return value.filter(() => !this.#chance(damage)).map((item) => this.#oddly(item, damage));
    }
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).filter(() => !this.#chance(damage));
    const odd: [string, unknown][] = members.map(([name, member]) => [name, this.#oddly(member, damage)]);
    if (this.#chance(0.3)) odd.push([`more ${this.below(100)}`, this.#value(3)]);
    return Object.fromEntries(this.#chance(0.5) ? this.#shuffled(odd) : odd);
  }

  #value(depth: number): unknown {
    switch (depth === 0 ? this.below(3) : this.below(5)) {
      case 0:
        return this.#pick(TEXTS);
      case 1:
        return new JsonNumber(this.#pick(NUMBERS));
      case 2:
        return this.#pick([true, false, null]);
      case 3:
        return this.#list(4, () => this.#value(depth - 1));
      default:
        return Object.fromEntries(this.#list(4, () => [this.#pick(NAMES), this.#value(depth - 1)] as const));
    }
  }

  /** JSON with spaces, escapes and members that come twice. */
  #write(value: unknown): string {
    if (value instanceof JsonNumber) return value.text;
    if (typeof value === 'string') return this.#writeText(value);
    if (Array.isArray(value))
      return `[${this.space()}${value.map((item) => this.#write(item)).join(this.#comma())}${this.space()}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const members = Object.entries(value).flatMap(([name, member]) => {
      const written = this.#member(name, member);
      if (!this.#chance(0.01)) return [written];
      const other = this.#member(name, this.#chance(0.5) ? member : this.#value(1));
      return this.#chance(0.5) ? [written, other] : [other, written];
    });
    return `{${this.space()}${members.join(this.#comma())}${this.space()}}`;
  }

  #member(name: string, value: unknown): string {
    return `${this.#writeText(name, 0.01)}${this.space()}:${this.space()}${this.#write(value)}`;
  }

  #writeText(text: string, escapes = 0.03): string {
    const plain = JSON.stringify(text);
    if (!this.#chance(escapes)) return plain;
    return `"${Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`;
  }

  #comma(): string {
    return `${this.space()},${this.space()}`;
  }

  #list<T>(limit: number, item: () => T): T[] {
    return Array.from({ length: this.below(limit) }, item);
  }

  #shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, place: this.#random() }))
      .sort((a, b) => a.place - b.place)
      .map(({ item }) => item);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }
}

/** A number as it is written. */
class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
