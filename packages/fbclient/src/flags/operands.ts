import { parseStringList } from '../protocol/string-list.js';
import { Failure } from './failure.js';
import { KeySet } from './key-set.js';
import { compilePattern, type Pattern } from './pattern.js';

// Operands that cost something to prepare are prepared when an evaluation first reaches them: many never are, and damage
// in them counts only then.

const NO_LIST = new Failure('a list operand is not a JSON array of strings');
const NO_PATTERN = new Failure('a pattern is invalid, unsupported or too large');

/** The JSON array of strings that a membership condition compares with. */
export class ListOperand {
  #members: string | KeySet | Failure;

  constructor(source: string) {
    this.#members = source;
  }

  has(text: string): boolean | Failure {
    if (typeof this.#members === 'string') {
      const list = parseStringList(this.#members);
      this.#members = list === undefined ? NO_LIST : new KeySet(list);
    }
    return this.#members instanceof KeySet ? this.#members.has(text) : this.#members;
  }
}

/** The pattern that a condition looks for. */
export class PatternOperand {
  #pattern: string | Pattern | Failure;

  constructor(source: string) {
    this.#pattern = source;
  }

  test(text: string): boolean | Failure {
    if (typeof this.#pattern === 'string') this.#pattern = compilePattern(this.#pattern) ?? NO_PATTERN;
    return this.#pattern instanceof Failure ? this.#pattern : this.#pattern.test(text);
  }
}
