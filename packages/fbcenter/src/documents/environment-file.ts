import { type DocumentKind, SERVER_FIELDS, type StoredDocument } from '../model/document.js';
import type { Environment } from '../model/environment.js';
import { isJsonObject, type JsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';

/** The flags and segments of an environment as one file. No secrets are in it, nor anything that only makes sense in one center. */
const FORMAT = 'fbcenter-environment';
const FORMAT_VERSION = 1;

/** How much of a file is made at a time, in UTF-16 units. */
const PIECE = 64 * 1024;

/** A document that is to be put somewhere. */
export interface Item {
  readonly kind: DocumentKind;
  readonly input: unknown;
  /** Where it stands, such as `flags[3]`. */
  readonly path: string;
}

/** Writes a file piece by piece: by kind and key, so that two files can be compared line by line. */
export function* environmentFile(
  { key, name }: Pick<Environment, 'key' | 'name'>,
  documents: readonly StoredDocument[],
  now: number,
): Generator<string> {
  const head = { format: FORMAT, formatVersion: FORMAT_VERSION, exportedAt: new Date(now), environment: { key, name } };
  let piece = JSON.stringify(head).slice(0, -1);
  for (const kind of ['segment', 'flag'] as const) {
    const ofKind = documents.filter((document) => document.kind === kind).sort((a, b) => (a.key < b.key ? -1 : 1));
    piece += `,\n"${kind}s":[`;
    for (const [index, document] of ofKind.entries()) {
      piece += `${index === 0 ? '\n' : ',\n'}${JSON.stringify(portable(kind, JSON.parse(document.text)))}`;
      if (piece.length < PIECE) continue;
      yield piece;
      piece = '';
    }
    piece += ']';
  }
  yield `${piece}}\n`;
}

/** A document without what the server alone decides: as it may be put into any environment. */
export function portable(kind: DocumentKind, document: JsonObject): JsonObject {
  const own = SERVER_FIELDS.filter((name) => kind === 'flag' || name !== 'id');
  return Object.fromEntries(Object.entries(document).filter(([name]) => !own.some((other) => other === name)));
}

/**
 * The documents of a file, of which nothing else is looked at yet.
 *
 * @throws Refusal when it is no such file, or one of a format that is not known.
 */
export function readEnvironmentFile(file: unknown): readonly Item[] {
  if (!isJsonObject(file) || file.format !== FORMAT) {
    throw new Refusal('invalid-request', `Send a file that was exported: "format" must be "${FORMAT}".`);
  }
  if (file.formatVersion !== FORMAT_VERSION) {
    throw new Refusal(
      'invalid-request',
      `"formatVersion" must be ${FORMAT_VERSION}: a file of another version needs another fbcenter.`,
    );
  }
  // Segments first: flags ask about them.
  return [...itemsIn(file, 'segment'), ...itemsIn(file, 'flag')];
}

function itemsIn(file: JsonObject, kind: DocumentKind): Item[] {
  const list = file[`${kind}s`] ?? [];
  if (!Array.isArray(list)) throw new Refusal('invalid-request', `"${kind}s" must be an array.`);
  return list.map((input: unknown, index) => ({
    kind,
    // What an older file, or one that was written by hand, says of these is of another center.
    input: isJsonObject(input) ? portable(kind, input) : input,
    path: `${kind}s[${index}]`,
  }));
}
