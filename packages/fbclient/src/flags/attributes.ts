import { type AttributeReader, attributeReader, attributeText } from '../protocol/user.js';

/**
 * What an absent attribute is to a condition: nothing that can match (`no-match`, the rule of FeatBit's server-SDK
 * specification), or the empty string (as the platform's own evaluator has it).
 */
export type MissingAttribute = 'no-match' | 'empty-string';

/** The attribute readers of a data-sync's conditions: one for each attribute, however many conditions read it. */
export class ConditionAttributes {
  readonly #missing: MissingAttribute;
  readonly #readers = new Map<string, AttributeReader>();

  constructor(missing: MissingAttribute) {
    this.#missing = missing;
  }

  reader(attribute: string): AttributeReader {
    let reader = this.#readers.get(attribute);
    if (reader === undefined) {
      reader = this.#missing === 'no-match' ? attributeReader(attribute) : orEmpty(attributeReader(attribute));
      this.#readers.set(attribute, reader);
    }
    return reader;
  }
}

function orEmpty(read: AttributeReader): AttributeReader {
  return (user) => attributeText(read(user)) ?? '';
}
