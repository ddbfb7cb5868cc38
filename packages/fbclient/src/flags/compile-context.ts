import { parseDecimal, parsePlatformNumber } from '../protocol/decimal.js';
import { ConditionAttributes, type MissingAttribute } from './attributes.js';
import type { PatternCompiler } from './pattern.js';

/** How documents are compiled; the same for the life of a client. */
export interface CompileSettings {
  readonly missingAttribute: MissingAttribute;
  /** The engine for patterns. It comes in from outside, so that a client can be built without one. */
  readonly compilePattern: PatternCompiler;
}

/** @returns `undefined` for a text that is no number. */
export type NumberParser = (text: string) => number | undefined;

/** What the flags and segments of one sync message share when they are compiled. */
export class CompileContext {
  readonly attributes: ConditionAttributes;
  readonly compilePattern: PatternCompiler;
  readonly parseNumber: NumberParser;

  constructor({ missingAttribute, compilePattern }: CompileSettings) {
    this.attributes = new ConditionAttributes(missingAttribute);
    this.compilePattern = compilePattern;
    this.parseNumber = missingAttribute === 'no-match' ? parseDecimal : parsePlatformNumber;
  }
}
