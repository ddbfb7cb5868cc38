import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/actor.js';
import type { DocumentDraft, DocumentKind } from '../model/document.js';
import type { Environment } from '../model/environment.js';
import type { JsonObject } from '../model/json.js';
import type { Verdict } from './faults.js';

/** Where a document goes, and who writes it. */
interface Destination {
  readonly environment: Pick<Environment, 'id'>;
  readonly kind: DocumentKind;
  readonly by: Actor;
}

/** A document with what the server alone decides in it. */
export function draftOf(
  { environment, kind, by }: Destination,
  { key, isArchived, document }: Extract<Verdict, { readonly ok: true }>,
  existing: JsonObject | undefined,
): DocumentDraft {
  const author = authorOf(by);
  return {
    kind,
    key,
    isArchived,
    text(version) {
      const now = new Date(version).toISOString();
      return JSON.stringify({
        // First, so that whoever sends the document sees by the beginning of its text whether it is a GUID.
        id: kind === 'segment' ? key : (textOf(existing?.id) ?? textOf(document.id) ?? randomUUID()),
        ...withoutId(document),
        // Of an answer to an earlier change; not part of the document.
        warnings: undefined,
        envId: environment.id,
        createdAt: existing?.createdAt ?? now,
        creatorId: existing?.creatorId ?? author,
        updatedAt: now,
        updatorId: author,
      });
    },
  };
}

/** Who the document says changed it: a person or a token by name, as people read it in lists. */
function authorOf({ kind, name }: Actor): string {
  return kind === 'user' || kind === 'token' ? name : 'admin';
}

function withoutId({ id: _id, ...rest }: JsonObject): JsonObject {
  return rest;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
