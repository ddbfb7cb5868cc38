import { newSecret } from '../../src/access/secrets.js';
import type { DocumentDraft, DocumentKind } from '../../src/model/document.js';
import type { Environment } from '../../src/model/environment.js';

let serial = 0;

/** An environment nobody else has. */
export function anEnvironment(key = `env-${++serial}`): Environment {
  const id = `00000000-0000-4000-8000-${String(++serial).padStart(12, '0')}`;
  return { id, key, name: `The ${key}`, isProtected: false, serverSecret: newSecret(id), clientSecret: newSecret(id) };
}

export function aDraft(key: string, kind: DocumentKind = 'flag', isArchived = false): DocumentDraft {
  return { kind, key, isArchived, text: (version) => JSON.stringify({ key, version }) };
}
