import { type Token, tokensOf } from './tokens.js';

/** A key in a source file. */
interface FlagUse {
  readonly key: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

export interface FlagUses {
  /** Keys that a method of the client is called with. */
  readonly calls: readonly FlagUse[];
  /** Calls whose key is no literal, so that it is not known here; `key` is the method. */
  readonly unknown: readonly FlagUse[];
  /** Every literal that might be a key wherever it stands, but names of properties. */
  readonly mentions: ReadonlySet<string>;
}

/** Methods whose first argument is a flag's key; SDKs of FeatBit call theirs so, too. */
const METHODS = new Set([
  ...['variation', 'boolVariation', 'stringVariation', 'numberVariation', 'jsonVariation'].flatMap((name) => [
    name,
    `${name}Detail`,
  ]),
  'isFlagKnown',
  'addFlagValueChangedListener',
  'addFlagValueMaybeChangedListener',
]);

/** What a text before `:` that is a value stands behind: `a ? 'key' : b`, `case 'key':`. */
const BEFORE_VALUES = new Set(['?', '||', '&&', '??', '(', '=', '=>', ':', '+', 'case', 'return', '[']);

/** Finds the keys of flags in a source text. */
export function flagUsesIn(source: string): FlagUses {
  const tokens = tokensOf(source);
  const place = placesIn(source);
  const calls: FlagUse[] = [];
  const unknown: FlagUse[] = [];
  const mentions = new Set<string>();
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'literal' && !isPropertyName(tokens, index)) mentions.add(token.text);
    const argument = keyArgument(tokens, index);
    if (argument === undefined) continue;
    const { line, column } = place(argument.at);
    if (argument.kind === 'literal') calls.push({ key: argument.text, line, column });
    else unknown.push({ key: token.text, line, column });
  }
  return { calls, unknown, mentions };
}

/** The first argument of the call of one of our methods whose name is at an index. A literal has to be the whole argument. */
function keyArgument(tokens: readonly Token[], index: number): Token | undefined {
  const [before, name] = [tokens[index - 1], tokens[index]];
  if (name?.kind !== 'name' || !METHODS.has(name.text)) return undefined;
  if (before?.text !== '.' && before?.text !== '?.') return undefined;
  const open = afterTypes(tokens, index + 1);
  if (tokens[open]?.text !== '(' || tokens[open]?.kind !== 'sign') return undefined;
  const [argument, next] = [tokens[open + 1], tokens[open + 2]];
  if (argument === undefined || (argument.kind === 'sign' && argument.text === ')')) return undefined;
  const isWhole = next?.kind === 'sign' && (next.text === ',' || next.text === ')');
  return argument.kind === 'literal' && !isWhole ? { ...argument, kind: 'template' } : argument;
}

/** Behind type arguments, `<…>` and the `?.` of an optional call. */
function afterTypes(tokens: readonly Token[], from: number): number {
  let index = from;
  if (tokens[index]?.text === '?.') index += 1;
  if (tokens[index]?.text !== '<') return index;
  let depth = 0;
  // More of them than anybody writes are none.
  for (const end = index + 200; index < end; index++) {
    const { kind, text } = tokens[index] ?? { kind: 'sign', text: '' };
    if (kind !== 'sign') continue;
    if (text === '<') depth += 1;
    if (text === '>') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return index;
}

/** Whether a literal is a property's name, in an object or a type: `'key': …`, `'key'?: …`. */
function isPropertyName(tokens: readonly Token[], index: number): boolean {
  const next = tokens[index + 1]?.text === '?' ? tokens[index + 2] : tokens[index + 1];
  if (next?.kind !== 'sign' || next.text !== ':') return false;
  const before = tokens[index - 1];
  return before === undefined || before.kind === 'literal' || !BEFORE_VALUES.has(before.text);
}

/** Line and column of a position; positions are asked for in ascending order. */
function placesIn(source: string): (at: number) => { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  return (at) => {
    for (let end = source.indexOf('\n', start); end >= 0 && end < at; end = source.indexOf('\n', start)) {
      line += 1;
      start = end + 1;
    }
    return { line, column: at - start + 1 };
  };
}
