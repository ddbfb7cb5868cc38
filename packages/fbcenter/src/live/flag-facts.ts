import { createHash } from 'node:crypto';
import type { FlagDocument } from 'fbclient/core';
import type { StoredDocument } from '../model/document.js';

/** What a compiled flag does not keep. */
export interface FlagFacts {
  readonly key: string;
  readonly version: number;
  /** Of the document's text, in UTF-16 units. */
  readonly length: number;
  /** The greatest version with which its values may have changed: its own, or that of a segment that it uses. */
  readonly valuesVersion: number;
  readonly type: string;
  readonly tags: readonly string[];
  readonly variations: readonly { readonly id: string; readonly value: string }[];
  readonly variationIds: ReadonlySet<string>;
  /** The names of its rules, in their order. */
  readonly ruleNames: readonly (string | null)[];
  /** The ids of the segments that its rules ask for. */
  readonly segments: ReadonlySet<string>;
  /**
   * Whether browsers may have it; `withdrawn` when they had it a moment ago: those that hold it must be told that it is gone, those that do not
   * must not learn of it.
   */
  readonly toClients: 'visible' | 'hidden' | 'withdrawn';
}

/** A stored flag, as far as its facts need it: everything here was judged before it was stored, or decoded when it came. */
interface StoredFlag extends Pick<FlagDocument, 'variationType' | 'variations'> {
  /** Of servers other than ours they may be missing. */
  readonly tags?: readonly string[] | null;
  readonly rules: readonly (FlagDocument['rules'][number] & { readonly name?: unknown })[];
  readonly clientVisible?: unknown;
}

export function factsOf(
  { key, version, text }: Pick<StoredDocument, 'key' | 'version' | 'text'>,
  document: StoredFlag,
  segments: ReadonlySet<string>,
  valuesVersion: number,
  before: FlagFacts | undefined,
): FlagFacts {
  const { variationType, tags, variations, rules, clientVisible } = document;
  const mayHave = before !== undefined && before.toClients !== 'hidden';
  return {
    key,
    version,
    length: text.length,
    valuesVersion,
    type: variationType,
    tags: tags ?? [],
    variations: variations.map(({ id, value }) => ({ id, value })),
    variationIds: new Set(variations.map(({ id }) => id)),
    ruleNames: rules.map(({ name }) => (typeof name === 'string' ? name : null)),
    segments,
    toClients: clientVisible !== false ? 'visible' : mayHave ? 'withdrawn' : 'hidden',
  };
}

/** Says whether a segment holds the same users as before: its name may change without anybody getting something else. */
export function targetingDigest(segment: {
  readonly included?: unknown;
  readonly excluded?: unknown;
  readonly rules?: unknown;
  readonly isArchived?: unknown;
}): string {
  const { included, excluded, rules, isArchived } = segment;
  return createHash('sha1')
    .update(JSON.stringify([included, excluded, rules, isArchived]))
    .digest('base64');
}
