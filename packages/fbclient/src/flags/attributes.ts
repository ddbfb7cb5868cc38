import { parseStringList } from '../protocol/string-list.js';
import { type AttributeReader, attributeReader } from '../users/attribute-readers.js';
import { isBlank } from '../users/blank.js';
import { attributeText, nameOf } from '../users/user.js';
import { Failure } from './failure.js';
import type { Occasion } from './occasion.js';
import type { Warnings } from './warnings.js';

/**
 * What an absent attribute is to a condition.
 *
 * - `no-match`: nothing that can match. Every condition on it fails, the negative ones too. The rule of FeatBit's server-SDK
 *   specification.
 * - `empty-string`: the rule of the platform's own evaluator, exactly. An absent attribute is the empty text, and so is a blank
 *   property name; only an absent `name` fails every condition on it. Numbers may have commas and be infinite.
 */
export type MissingAttribute = 'no-match' | 'empty-string';

/** @returns `undefined` for a text that is no number. */
export type NumberParser = (text: string) => number | undefined;

/** What is seen of an attribute ahead of the conditions: to read it as a condition does would throw, or something is to be reported. */
export const UNCLEAR = Symbol('unclear');

/** An attribute that conditions ask for. It is read once in an evaluation call, however many conditions ask for it. */
export class Attribute {
  readonly name: string;
  readonly read: AttributeReader;
  readonly #parse: NumberParser;
  readonly #warnings: Warnings | undefined;
  readonly #memberships = new Map<string, Membership>();
  #value: unknown;
  #readOn = 0;
  #number: number | undefined;
  #parsedOn = 0;

  constructor(name: string, read: AttributeReader, parse: NumberParser, warnings: Warnings | undefined) {
    this.name = name;
    this.read = read;
    this.#parse = parse;
    this.#warnings = warnings;
  }

  /** Its value, unconverted; `undefined` when it is absent. */
  on(occasion: Occasion): unknown {
    if (this.#readOn !== occasion.number) {
      this.#value = this.read(occasion.user);
      this.#readOn = occasion.number;
    }
    return this.#value;
  }

  /** Its value as text; `undefined` when it is absent. */
  textOn(occasion: Occasion): string | undefined {
    const value = this.on(occasion);
    return typeof value === 'string' ? value : this.#textOf(value);
  }

  /** Its value as a number; `undefined` when it is absent or none. @param warnings of the flag or segment that compares it. */
  numberOn(occasion: Occasion, warnings: Warnings | undefined): number | undefined {
    const value = this.on(occasion);
    // A finite number reads back from its own text as itself, so it need not become text at all.
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    const text = typeof value === 'string' ? value : this.#textOf(value);
    if (text === undefined) return undefined;
    const number = this.#parsed(text, occasion);
    // By the platform's rule an absent attribute is the empty text.
    if (number === undefined && text !== '') warnings?.give('attribute-not-a-number', this.name);
    return number;
  }

  /** As {@link textOn}, before a condition asks for it: nothing is thrown or reported. */
  textAhead(occasion: Occasion): string | undefined | typeof UNCLEAR {
    const value = this.#ahead(occasion);
    return typeof value === 'string' || value === UNCLEAR ? value : attributeText(value);
  }

  /** As {@link numberOn}, before a condition asks for it: nothing is thrown or reported. */
  numberAhead(occasion: Occasion, warnings: Warnings | undefined): number | undefined | typeof UNCLEAR {
    const value = this.#ahead(occasion);
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (value === UNCLEAR) return UNCLEAR;
    const text = attributeText(value);
    if (text === undefined) return undefined;
    const number = this.#parsed(text, occasion);
    const isDue = number === undefined && text !== '' && warnings?.isDue('attribute-not-a-number') === true;
    return isDue ? UNCLEAR : number;
  }

  #ahead(occasion: Occasion): unknown {
    let value: unknown;
    try {
      value = this.on(occasion);
    } catch {
      return UNCLEAR;
    }
    if (typeof value === 'string' || value === undefined || value === null) return value;
    const isDue = attributeText(value) === undefined && this.#warnings?.isDue('attribute-not-usable') === true;
    return isDue ? UNCLEAR : value;
  }

  #parsed(text: string, occasion: Occasion): number | undefined {
    if (this.#parsedOn !== occasion.number) {
      this.#number = this.#parse(text);
      this.#parsedOn = occasion.number;
    }
    return this.#number;
  }

  #textOf(value: unknown): string | undefined {
    const text = attributeText(value);
    if (text === undefined && value !== undefined && value !== null) {
      this.#warnings?.give('attribute-not-usable', this.name);
    }
    return text;
  }

  /** Whether it is one of a list: one object for each list, however many conditions have it. */
  membership(list: string): Membership {
    let membership = this.#memberships.get(list);
    if (membership === undefined) {
      membership = new Membership(this, list);
      this.#memberships.set(list, membership);
    }
    return membership;
  }
}

const NO_LIST = new Failure('a list operand is not a JSON array of strings');

/**
 * Whether an attribute is one of a list, answered once in an evaluation call. A list is parsed when an evaluation first needs
 * it: many never are, and damage in a list counts only then.
 */
export class Membership {
  readonly attribute: Attribute;
  #list: string | ReadonlySet<string> | Failure;
  #answer: boolean | Failure | undefined;
  #answeredOn = 0;

  /** @param list a JSON array of strings. */
  constructor(attribute: Attribute, list: string) {
    this.attribute = attribute;
    this.#list = list;
  }

  /** The answer; `undefined` when the attribute is absent. */
  on(occasion: Occasion): boolean | Failure | undefined {
    if (this.#answeredOn !== occasion.number) {
      const text = this.attribute.textOn(occasion);
      this.#answer = text === undefined ? undefined : this.#has(text);
      this.#answeredOn = occasion.number;
    }
    return this.#answer;
  }

  /** The members for somebody who keeps them himself; `undefined` when the list is damaged. */
  list(): readonly string[] | undefined {
    if (typeof this.#list === 'string') return parseStringList(this.#list);
    return this.#list instanceof Failure ? undefined : [...this.#list];
  }

  /** The members of the list. */
  members(): ReadonlySet<string> | Failure {
    if (typeof this.#list === 'string') {
      const members = parseStringList(this.#list);
      this.#list = members === undefined ? NO_LIST : new Set(members);
    }
    return this.#list;
  }

  #has(text: string): boolean | Failure {
    const members = this.members();
    return members instanceof Failure ? members : members.has(text);
  }
}

/** The attributes that the conditions of a sync message ask for: one object for each, however many conditions read it. */
export class ConditionAttributes {
  readonly #missing: MissingAttribute;
  readonly #parse: NumberParser;
  readonly #warningsOf: (name: string) => Warnings | undefined;
  readonly #attributes = new Map<string, Attribute>();

  constructor(missing: MissingAttribute, parse: NumberParser, warningsOf: (name: string) => Warnings | undefined) {
    this.#missing = missing;
    this.#parse = parse;
    this.#warningsOf = warningsOf;
  }

  /** @returns `undefined` for a property that no user can have. */
  attribute(property: string | null | undefined): Attribute | undefined {
    const name = property == null || isBlank(property) ? '' : property;
    let attribute = this.#attributes.get(name);
    if (attribute === undefined) {
      const read = this.#reader(name);
      if (read === undefined) return undefined;
      attribute = new Attribute(name, read, this.#parse, this.#warningsOf(name));
      this.#attributes.set(name, attribute);
    }
    return attribute;
  }

  #reader(name: string): AttributeReader | undefined {
    if (this.#missing === 'no-match') return name === '' ? undefined : attributeReader(name);
    if (name === '') return readEmpty;
    return name === 'name' ? nameOf : orEmpty(attributeReader(name));
  }
}

function readEmpty(): string {
  return '';
}

function orEmpty(read: AttributeReader): AttributeReader {
  return (user) => attributeText(read(user)) ?? '';
}
