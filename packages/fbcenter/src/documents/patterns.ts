import { compilePattern, Failure, operationOf } from 'fbclient/core';
import { isJsonObject } from '../model/json.js';
import { Turns } from '../runtime/turns.js';

/** Why SDKs cannot use a pattern, or nothing. What was tried lately is known: see {@link tryPatterns}. */
export function patternProblem(source: string): string | undefined {
  const pattern = compilePattern(source);
  return pattern instanceof Failure ? pattern.text : undefined;
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

/** Tries the patterns of a document in turns of the event loop, so that judging it afterwards takes no time for them. */
export async function tryPatterns(document: unknown): Promise<void> {
  const turns = new Turns();
  for (const pattern of patternsIn(document)) {
    compilePattern(pattern);
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
