import { Failure } from './failure.js';

/** A compiled pattern: whether it is found anywhere in a text, or a failure when the text is too long to be tried. */
export interface Pattern {
  test(text: string): boolean | Failure;
}

/** @returns a failure, which says why, when a pattern cannot be used. */
export type PatternCompiler = (source: string) => Pattern | Failure;

/** The pattern of a condition. It is compiled when an evaluation first needs it: many never are, and damage counts only then. */
export class PatternOperand {
  readonly source: string;
  readonly compile: PatternCompiler;
  #pattern: Pattern | Failure | undefined;

  constructor(source: string, compile: PatternCompiler) {
    this.source = source;
    this.compile = compile;
  }

  test(text: string): boolean | Failure {
    this.#pattern ??= this.compile(this.source);
    return this.#pattern instanceof Failure ? this.#pattern : this.#pattern.test(text);
  }
}
