import { compilePattern, Failure, operationOf } from 'fbclient/core';
import { isJsonObject } from '../model/json.js';
import { Turns } from '../runtime/turns.js';

/** Patterns whose problems are remembered: those of many documents, which may be judged at the same time. */
const MAX_TRIED = 5_000;
/** A longer one is refused without being read. */
const LONGEST_TRIED = 1_000;
const tried = new Map<string, string | undefined>();

/** Why SDKs cannot use a pattern, or nothing. What was tried lately is known: see {@link tryPatterns}. */
export function patternProblem(source: string): string | undefined {
  if (tried.has(source)) return tried.get(source);
  const pattern = compilePattern(source);
  const problem = pattern instanceof Failure ? pattern.text : undefined;
  if (source.length > LONGEST_TRIED) return problem;
  const [oldest] = tried.keys();
  if (tried.size >= MAX_TRIED && oldest !== undefined) tried.delete(oldest);
  tried.set(source, problem);
  return problem;
}

/** What is written for other engines and .NET, which FeatBit's server and SDKs evaluate with, cannot compile; and what to write instead. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/\(\?P[<=>]/, 'FeatBit cannot compile (?P<name>…): write (?<name>…)'],
  [/\\[pP](?!\{)/, 'FeatBit cannot compile \\pL: write \\p{L}'],
  [/\\[pP]\{[A-Z][a-z]{2,}/, 'FeatBit cannot compile the name of a script: write its range, such as [\\u0370-\\u03FF]'],
  [/\\x\{/, 'FeatBit cannot compile \\x{…}: write \\xHH or \\uHHHH'],
  [/\(\?[a-z]*U/, 'FeatBit cannot compile (?U): write lazy repeats, such as a+?'],
];

/** What to write instead of what is meant for another engine; `undefined` when nothing of the kind is in it. */
export function patternHint(source: string): string | undefined {
  return FOREIGN.find(([syntax]) => syntax.test(source))?.[1];
}

/**
 * Tries the patterns of a document in turns of the event loop, so that judging it afterwards takes no time for them.
 *
 * @param isGone whether nobody waits for it any more: then it rejects.
 */
export async function tryPatterns(document: unknown, isGone?: () => boolean): Promise<void> {
  const turns = new Turns(isGone);
  for (const pattern of patternsIn(document)) {
    patternProblem(pattern);
    if (turns.isDue) await turns.next();
  }
}

/** The different patterns of a flag or segment, of which nothing else is known yet. */
export function patternsIn(document: unknown): ReadonlySet<string> {
  const patterns = new Set<string>();
  for (const rule of listOf(document, 'rules')) {
    for (const condition of listOf(rule, 'conditions')) {
      const { op, value } = isJsonObject(condition) ? condition : {};
      if (typeof op === 'string' && operationOf(op)?.operand === 'pattern' && typeof value === 'string')
        patterns.add(value);
    }
  }
  return patterns;
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = isJsonObject(value) ? value[name] : undefined;
  return Array.isArray(list) ? list : [];
}
