import { compilePattern, Failure, operationOf } from 'fbclient/core';
import { isJsonObject } from '../model/json.js';
import { Turns } from '../runtime/turns.js';

/** Why SDKs cannot use a pattern, or nothing. What was tried lately is known: see {@link tryPatterns}. */
export function patternProblem(source: string): string | undefined {
  const pattern = compilePattern(source);
  return pattern instanceof Failure ? pattern.text : undefined;
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
