import { segmentsOf } from 'fbclient/core';
import type { DocumentKind, StoredDocument } from '../model/document.js';
import { Refusal } from '../model/refusal.js';
import { type Item, portable } from './environment-file.js';

/**
 * The chosen flags of an environment as they are now, after the segments that they ask about.
 *
 * @param documents those of the environment.
 * @throws Refusal `not-found`
 */
export function promotedItems(
  documents: readonly StoredDocument[],
  keys: readonly string[],
  withSegments: boolean,
): readonly Item[] {
  const texts = new Map(documents.map(({ kind, key, text }) => [`${kind} ${key}`, text]));
  const flags = [...new Set(keys)].map((key, index) => {
    const text = texts.get(`flag ${key}`);
    if (text !== undefined) return JSON.parse(text);
    throw new Refusal('not-found', `flags[${index}]: There is no such flag in the environment that they come from.`);
  });
  const asked = withSegments ? new Set(flags.flatMap((flag) => [...segmentsOf(flag)])) : [];
  const segments = [...asked].flatMap((key) => {
    const text = texts.get(`segment ${key}`);
    return text === undefined ? [] : [JSON.parse(text)];
  });
  return [...itemsOf('segment', segments), ...itemsOf('flag', flags)];
}

function itemsOf(kind: DocumentKind, inputs: readonly Readonly<Record<string, unknown>>[]): Item[] {
  return inputs.map((input, index) => ({ kind, input: portable(kind, input), path: `${kind}s[${index}]` }));
}
