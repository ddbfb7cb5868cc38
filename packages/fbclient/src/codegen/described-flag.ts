import { Variation } from '../flags/variation.js';
import { parseDecimal } from '../protocol/decimal.js';
import { decodeFlag, documentKey, type FlagDocument } from '../protocol/documents.js';
import type { DataSync } from '../protocol/messages.js';
import { jsonShape } from './json-shape.js';
import { byCodeUnit, literalText, unionText } from './type-text.js';

/** A flag as a programmer needs to know it. */
export interface DescribedFlag {
  readonly key: string;
  /** `''` when it has none, or none that says more than the key. */
  readonly name: string;
  readonly description: string;
  readonly isArchived: boolean;
  readonly tags: readonly string[];
  /** How OpenFeature sorts it. */
  readonly kind: 'boolean' | 'string' | 'number' | 'object';
  /** The type of its values, as TypeScript on one line. */
  readonly type: string;
}

export interface DescribedFlags {
  /** Sorted by key. */
  readonly flags: readonly DescribedFlag[];
  /** Flags that could not be read, which the SDK would skip as well: which, and why. */
  readonly problems: readonly string[];
}

/** Describes every flag of an environment. */
export function describeFlags({ featureFlags }: DataSync): DescribedFlags {
  const flags = new Map<string, DescribedFlag>();
  const problems: string[] = [];
  for (const [position, document] of featureFlags.entries()) {
    const flag = decodeFlag(document);
    if (flag.ok) flags.set(flag.document.key, describe(flag.document));
    else problems.push(`flag "${documentKey(document, 'flag', position)}" is left out: ${flag.problem}`);
  }
  return { flags: [...flags.values()].sort((a, b) => byCodeUnit(a.key, b.key)), problems };
}

function describe(document: FlagDocument): DescribedFlag {
  const { key, isArchived } = document;
  // For people to read: evaluation does not know them.
  const { name, description, tags } = document as {
    readonly name?: unknown;
    readonly description?: unknown;
    readonly tags?: unknown;
  };
  return {
    key,
    name: typeof name === 'string' && name !== key ? name : '',
    description: typeof description === 'string' ? description : '',
    isArchived,
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    kind: KINDS.get(document.variationType) ?? 'string',
    type: typeOf(document),
  };
}

/** Types of flags by their names in documents; every other one is text. */
const KINDS: ReadonlyMap<string, DescribedFlag['kind']> = new Map([
  ['boolean', 'boolean'],
  ['number', 'number'],
  ['json', 'object'],
]);

/** A value that is not of the flag's type is left out: an evaluation returns its default instead. */
function typeOf({ variationType, variations }: FlagDocument): string {
  switch (variationType) {
    case 'boolean':
      return 'boolean';
    case 'number': {
      const numbers = variations.map(({ value }) => parseDecimal(value)).filter((value) => value !== undefined);
      return unionText(numbers.sort((a, b) => a - b).map(String), 'number');
    }
    case 'json': {
      const values = variations.map(({ id, value }) => new Variation(id, value).as('json'));
      return jsonShape(values.filter((value) => value !== undefined));
    }
    default:
      return unionText(variations.map(({ value }) => literalText(value)).sort(byCodeUnit), 'string');
  }
}
