import { compilePattern } from 'fbclient/core';
import { isJsonObject } from '../model/json.js';
import { Turns } from '../runtime/turns.js';

/** Verdicts that are remembered; when there are more, all are forgotten. */
const MAX_KNOWN = 10_000;
/** A longer pattern is refused at once, so its verdict is not worth the memory. In UTF-16 units. */
const MAX_KNOWN_LENGTH = 1_000;

const known = new Map<string, boolean>();

/** Whether SDKs can use a pattern. The first time it takes milliseconds: see {@link tryPatterns}. */
export function isUsablePattern(source: string): boolean {
  const verdict = known.get(source);
  if (verdict !== undefined) return verdict;
  const isUsable = compilePattern(source) !== undefined;
  if (known.size >= MAX_KNOWN) known.clear();
  if (source.length <= MAX_KNOWN_LENGTH) known.set(source, isUsable);
  return isUsable;
}

/** Tries the patterns of a document in turns of the event loop, so that judging it afterwards takes no time for them. */
export async function tryPatterns(document: unknown): Promise<void> {
  const turns = new Turns();
  for (const pattern of patternsIn(document)) {
    isUsablePattern(pattern);
    if (turns.isDue) await turns.next();
  }
}

/** The different patterns of a flag or segment, of which nothing is known yet. */
export function patternsIn(document: unknown): ReadonlySet<string> {
  const patterns = new Set<string>();
  for (const rule of listOf(document, 'rules')) {
    for (const condition of listOf(rule, 'conditions')) {
      const { op, value } = isJsonObject(condition) ? condition : {};
      if ((op === 'MatchRegex' || op === 'NotMatchRegex') && typeof value === 'string') patterns.add(value);
    }
  }
  return patterns;
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = isJsonObject(value) ? value[name] : undefined;
  return Array.isArray(list) ? list : [];
}
