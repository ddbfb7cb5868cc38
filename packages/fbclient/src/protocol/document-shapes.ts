import { asciiBytes } from './json-bytes.js';

/**
 * What a message is made of, as far as it matters to whoever reads its bytes: the envelope, and documents that
 * `decodeFlag` and `decodeSegment` take. A document that has this shape they take for sure; what has not is theirs to judge.
 */

/** What a value has to be. The numbers stand for themselves; {@link SHAPES} has what is made of other values. */
export type Expectation = number;

export const ANYTHING = 0;
const TEXT = 1;
export const TEXT_OR_NULL = 2;
export const TRUTH = 3;
/** A finite number. */
export const NUMBER = 4;
/** A finite number that is not negative. */
export const AMOUNT = 5;
/** The document's key. */
export const KEY = 6;
/** The time that is the document's version. */
export const VERSION = 7;
/** Whether the document is archived. */
export const ARCHIVED = 8;
/** From here on the places of {@link SHAPES}, counted from here. */
export const FIRST_SHAPE = 16;

/** A named member of an object. */
export class Field {
  readonly name: Uint8Array;
  readonly expects: Expectation;
  /** Its place among the members of its object that have been seen. */
  readonly bit: number;
  /** Another member whose name is as long. */
  readonly next: Field | undefined;

  constructor(name: string, expects: Expectation, bit: number, next: Field | undefined) {
    this.name = asciiBytes(name);
    this.expects = expects;
    this.bit = bit;
    this.next = next;
  }

  isNamed(bytes: Uint8Array, start: number): boolean {
    const name = this.name;
    for (let index = 0; index < name.length; index++) if (bytes[start + index] !== name[index]) return false;
    return true;
  }
}

/** An object or a list, and what is in it. */
export class Shape {
  readonly isList: boolean;
  /** Part of the envelope: whatever is in it does not make a document another one. */
  readonly isEnvelope: boolean;
  /** Of a list: what each of its items has to be. */
  readonly item: Expectation;
  /** Of an object: the bits of the members that must be there. Of a list: how many items, 0 for any number. */
  readonly needs: number;
  /** By the length of their names; the list has no holes. */
  readonly #fields: readonly (Field | undefined)[];

  private constructor(
    isList: boolean,
    isEnvelope: boolean,
    item: Expectation,
    needs: number,
    fields: readonly Field[],
  ) {
    this.isList = isList;
    this.isEnvelope = isEnvelope;
    this.item = item;
    this.needs = needs;
    const longest = Math.max(0, ...fields.map(({ name }) => name.length));
    this.#fields = Array.from({ length: longest + 1 }, (_, length) =>
      fields.findLast((one) => one.name.length === length),
    );
  }

  static list(item: Expectation, count = 0, isEnvelope = false): Shape {
    return new Shape(true, isEnvelope, item, count, []);
  }

  /** @param optional members that may be absent. */
  static object(needed: Members, optional: Members = {}, isEnvelope = false): Shape {
    const fields: Field[] = [];
    let needs = 0;
    for (const [name, expects] of [...Object.entries(needed), ...Object.entries(optional)]) {
      const bit = 1 << fields.length;
      fields.push(
        new Field(
          name,
          expects,
          bit,
          fields.findLast((one) => one.name.length === name.length),
        ),
      );
      if (name in needed) needs |= bit;
    }
    return new Shape(false, isEnvelope, ANYTHING, needs, fields);
  }

  /** The member of a name that stands in bytes; `undefined` for one that nobody asks for. */
  field(bytes: Uint8Array, start: number, end: number): Field | undefined {
    const length = end - start;
    let field = length < this.#fields.length ? this.#fields[length] : undefined;
    while (field !== undefined && !field.isNamed(bytes, start)) field = field.next;
    return field;
  }
}

type Members = Readonly<Record<string, Expectation>>;

const shapes: Shape[] = [];

function define(shape: Shape): Expectation {
  shapes.push(shape);
  return FIRST_SHAPE + shapes.length - 1;
}

/** An object of which nothing is asked. */
export const ANY_OBJECT = define(Shape.object({}));
/** A list of which nothing is asked. */
export const ANY_LIST = define(Shape.list(ANYTHING));

const TEXTS = define(Shape.list(TEXT));
const CONDITION = define(Shape.object({}, { property: TEXT_OR_NULL, op: TEXT_OR_NULL, value: TEXT_OR_NULL }));
const CONDITIONS = define(Shape.list(CONDITION));
const INTERVAL = define(Shape.list(NUMBER, 2));
const SLICE = define(Shape.object({ id: TEXT, rollout: INTERVAL, exptRollout: AMOUNT }));
const ROLLOUT = { includedInExpt: TRUTH, variations: define(Shape.list(SLICE)) };
const DISPATCH = { dispatchKey: TEXT_OR_NULL };
const RULE = define(Shape.object({ conditions: CONDITIONS, ...ROLLOUT }, DISPATCH));
const VARIATION = define(Shape.object({ id: TEXT, value: TEXT }));
const TARGET = define(Shape.object({ keyIds: TEXTS, variationId: TEXT }));

const FLAG = define(
  Shape.object({
    key: KEY,
    updatedAt: VERSION,
    isArchived: ARCHIVED,
    isEnabled: TRUTH,
    variationType: TEXT,
    disabledVariationId: TEXT,
    exptIncludeAllTargets: TRUTH,
    variations: define(Shape.list(VARIATION)),
    targetUsers: define(Shape.list(TARGET)),
    rules: define(Shape.list(RULE)),
    fallthrough: define(Shape.object(ROLLOUT, DISPATCH)),
  }),
);

const SEGMENT = define(
  Shape.object({
    id: KEY,
    updatedAt: VERSION,
    isArchived: ARCHIVED,
    included: TEXTS,
    excluded: TEXTS,
    rules: define(Shape.list(define(Shape.object({ conditions: CONDITIONS })))),
  }),
);

// The envelope. Its members are told apart by what is expected of them, so each has an expectation of its own.

export const MESSAGE_TYPE = 9;
export const EVENT_TYPE = 10;
export const FLAGS = define(Shape.list(FLAG, 0, true));
export const SEGMENTS = define(Shape.list(SEGMENT, 0, true));
export const DATA = define(Shape.object({ eventType: EVENT_TYPE, featureFlags: FLAGS, segments: SEGMENTS }, {}, true));
export const MESSAGE = define(Shape.object({ messageType: MESSAGE_TYPE, data: DATA }, {}, true));

/** What is made of other values, by its expectation less {@link FIRST_SHAPE}. */
export const SHAPES: readonly Shape[] = shapes;
