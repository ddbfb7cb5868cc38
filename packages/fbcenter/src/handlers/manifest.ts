import type { ManifestBody, ManifestFlag } from '../api/answers.js';
import { type Answer, jsonBytes } from '../http/answer.js';
import type { EnvironmentExchange } from '../http/exchange.js';
import { Bytes } from '../runtime/bytes.js';
import { Turns } from '../runtime/turns.js';
import { documentPages } from '../storage/document-pages.js';
import type { Documents } from '../storage/documents.js';

/** What OpenFeature's tools make code of. */
export function manifestHandlers(documents: Pick<Documents, 'list'>) {
  return {
    get: async ({ environment, isGone }: EnvironmentExchange): Promise<Answer> => {
      const turns = new Turns(isGone);
      const parts: Buffer[] = [];
      for await (const page of documentPages(documents, environment.id, 'flag', { archived: false })) {
        for (const { text } of page) {
          const flag: ManifestBody['flags'][number] = manifestFlag(JSON.parse(text));
          parts.push(Buffer.from(`,${JSON.stringify(flag)}`));
          if (turns.isDue) await turns.next();
        }
      }
      return jsonBytes(Bytes.list('{"flags":[', parts, ']}'));
    },
  };
}

/** A stored flag, as far as a manifest needs it: everything here was judged before it was stored. */
interface StoredFlag {
  readonly key: string;
  readonly name: string;
  readonly description?: unknown;
  readonly variationType: string;
  readonly variations: readonly { readonly id: string; readonly value: string }[];
  readonly disabledVariationId: string;
}

function manifestFlag(flag: StoredFlag): ManifestFlag {
  const { key, name, description, variationType, variations, disabledVariationId } = flag;
  const off = variations.find(({ id }) => id === disabledVariationId)?.value ?? '';
  return {
    key,
    name,
    type: manifestType(variationType, variations),
    description: typeof description === 'string' ? description : null,
    // What is served while the flag is off is what its code should do without it.
    defaultValue: typed(variationType, off),
  };
}

function manifestType(type: string, variations: StoredFlag['variations']): ManifestFlag['type'] {
  switch (type) {
    case 'boolean':
      return 'boolean';
    case 'json':
      return 'object';
    case 'number':
      return variations.every(({ value }) => Number.isInteger(Number(value))) ? 'integer' : 'float';
    default:
      return 'string';
  }
}

function typed(type: string, value: string): unknown {
  switch (type) {
    case 'boolean':
      return value.toLowerCase() === 'true';
    case 'json':
      return JSON.parse(value);
    case 'number':
      return Number(value);
    default:
      return value;
  }
}
