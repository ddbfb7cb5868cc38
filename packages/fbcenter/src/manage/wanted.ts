import { createHash } from 'node:crypto';
import { type Item, portable } from '../documents/environment-file.js';
import type { DocumentKind, StoredDocument } from '../model/document.js';
import { isJsonObject, type JsonObject } from '../model/json.js';

/** The flags and segments of an environment, as a file has them. */
export interface EnvironmentDocuments {
  readonly segments: readonly unknown[];
  readonly flags: readonly unknown[];
}

/** A document that is to be there, and where that is said. */
export interface WantedDocument {
  readonly kind: DocumentKind;
  readonly input: unknown;
  /** Where it stands, such as `flags/prod.yaml:12`; the path is within the document. */
  place(path: string): string;
}

/** The key of a flag or the id of a segment, as far as it says one. */
export function keyOf({ kind, input }: Pick<WantedDocument, 'kind' | 'input'>): string {
  const key = isJsonObject(input) ? input[kind === 'flag' ? 'key' : 'id'] : undefined;
  return typeof key === 'string' ? key : '';
}

/** Documents as they are sent and judged: segments first, each with its place in the lists, such as `flags[3]`. */
export function itemsOf(wanted: readonly WantedDocument[]): readonly (Item & { readonly wanted: WantedDocument })[] {
  return (['segment', 'flag'] as const).flatMap((kind) =>
    wanted
      .filter((document) => document.kind === kind)
      .map((document, index) => ({ kind, path: `${kind}s[${index}]`, input: cleaned(document), wanted: document })),
  );
}

/** The file that an import takes. */
export function fileOf(items: readonly Item[]) {
  const inputs = (kind: DocumentKind) => items.filter((item) => item.kind === kind).map(({ input }) => input);
  return { format: 'fbcenter-environment', formatVersion: 1, segments: inputs('segment'), flags: inputs('flag') };
}

/** The documents of an environment that was exported, as they are compared; versions are not known. */
export function storedOf({ segments, flags }: EnvironmentDocuments): readonly StoredDocument[] {
  const stored = (kind: DocumentKind) => (input: unknown) => {
    const isArchived = isJsonObject(input) && input.isArchived === true;
    return { kind, key: keyOf({ kind, input }), version: 0, isArchived, text: JSON.stringify(input) };
  };
  return [...segments.map(stored('segment')), ...flags.map(stored('flag'))];
}

function cleaned({ kind, input }: WantedDocument): unknown {
  return isJsonObject(input) ? withRuleIds(portable(kind, input), keyOf({ kind, input })) : input;
}

/**
 * A rule without an id is given one by the center, another one each time. Here it follows from what the rule says, so that the same file means
 * the same document for ever.
 */
function withRuleIds(document: JsonObject, key: string): JsonObject {
  const { rules } = document;
  if (!Array.isArray(rules)) return document;
  const seen = new Map<string, number>();
  return {
    ...document,
    rules: rules.map((rule: unknown) => {
      if (!isJsonObject(rule) || (rule.id ?? undefined) !== undefined) return rule;
      const text = JSON.stringify(rule);
      const count = seen.get(text) ?? 0;
      seen.set(text, count + 1);
      const digest = createHash('sha256').update(`${key}\n${count}\n${text}`).digest('hex');
      return { ...rule, id: digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5') };
    }),
  };
}
