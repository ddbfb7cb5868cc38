import { parseStringList } from '../protocol/string-list.js';
import { Failure } from './failure.js';
import { compilePattern, type Pattern } from './pattern.js';

// Operands that cost something to prepare are prepared when an evaluation first reaches them: many never are, and damage
// in them counts only then.

const NO_LIST = new Failure('a list operand is not a JSON array of strings');
const NO_PATTERN = new Failure('a pattern is invalid, unsupported or too large');

/** The JSON array of strings that a membership condition compares with. */
export class ListOperand {
  readonly #source: string;
  #members: { has(text: string): boolean | Failure } | undefined;

  constructor(source: string) {
    this.#source = source;
  }

  has(text: string): boolean | Failure {
    this.#members ??= membersOf(this.#source);
    return this.#members.has(text);
  }
}

function membersOf(source: string): { has(text: string): boolean | Failure } {
  const list = parseStringList(source);
  return list === undefined ? { has: () => NO_LIST } : new Set(list);
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
