import { parseDecimal, parsePlatformNumber } from '../protocol/decimal.js';
import { ConditionAttributes, type MissingAttribute, type NumberParser } from './attributes.js';
import type { PatternCompiler } from './pattern.js';
import { type Warning, type WarningReporter, Warnings } from './warnings.js';

/** How documents are compiled; the same for the life of a client. */
export interface CompileSettings {
  readonly missingAttribute: MissingAttribute;
  /** The engine for patterns. It comes in from outside, so that a client can be built without one. */
  readonly compilePattern: PatternCompiler;
  /** Learns about what hardly works as it was meant. @default nobody */
  readonly warn?: WarningReporter | undefined;
}

/** What the flags and segments of one sync message share when they are compiled. */
export class CompileContext {
  readonly #missing: MissingAttribute;
  /** Made when a condition asks for one: most pushes are of a flag that has none. */
  #attributes: ConditionAttributes | undefined;
  readonly compilePattern: PatternCompiler;
  readonly parseNumber: NumberParser;
  readonly #warn: WarningReporter | undefined;

  constructor({ missingAttribute, compilePattern, warn }: CompileSettings) {
    this.#warn = warn;
    this.parseNumber = missingAttribute === 'no-match' ? parseDecimal : parsePlatformNumber;
    this.#missing = missingAttribute;
    this.compilePattern = compilePattern;
  }

  /** The attributes that their conditions ask for. */
  get attributes(): ConditionAttributes {
    this.#attributes ??= new ConditionAttributes(this.#missing, this.parseNumber, (name) =>
      this.warningsOf('attribute', name),
    );
    return this.#attributes;
  }

  /** @returns `undefined` when nobody wants to know. */
  warningsOf(subject: Warning['subject'], key: string): Warnings | undefined {
    return this.#warn === undefined ? undefined : new Warnings(subject, key, this.#warn);
  }
}
