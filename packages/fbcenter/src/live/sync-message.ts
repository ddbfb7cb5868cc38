import type { StoredDocument } from '../model/document.js';

/**
 * A sync message. The documents are kept as the JSON text that goes over the wire, so nothing is parsed or written anew
 * here: megabytes are only put together.
 */
export function dataSyncMessage(eventType: 'full' | 'patch', documents: readonly StoredDocument[]): Buffer {
  const flags: string[] = [];
  const segments: string[] = [];
  for (const { kind, text } of documents) (kind === 'flag' ? flags : segments).push(text);
  return Buffer.from(
    `{"messageType":"data-sync","data":{"eventType":"${eventType}",` +
      `"featureFlags":[${flags.join(',')}],"segments":[${segments.join(',')}]}}`,
  );
}
