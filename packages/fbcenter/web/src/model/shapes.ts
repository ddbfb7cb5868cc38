import type { FlagDocument, Variation, VariationType } from './document.js';
import { everybody, sharesOf, WHOLE } from './shares.js';

/** A flag to begin with. Nothing is served to anybody until it is switched on. */
export interface Shape {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  readonly type: VariationType;
  readonly variations: readonly Variation[];
  /** Weights of the default, in the order of the variations. */
  readonly weights: readonly number[];
}

const ON_OFF: readonly Variation[] = [
  { id: 'on', name: 'on', value: 'true' },
  { id: 'off', name: 'off', value: 'false' },
];

export const SHAPES: readonly Shape[] = [
  {
    id: 'switch',
    title: 'Switch',
    hint: 'on or off for everybody',
    type: 'boolean',
    variations: ON_OFF,
    weights: [WHOLE, 0],
  },
  {
    id: 'release',
    title: 'Gradual release',
    hint: 'on for 5 % at first',
    type: 'boolean',
    variations: ON_OFF,
    weights: [500, 9500],
  },
  {
    id: 'text',
    title: 'Texts',
    hint: 'A and B, half of the users each',
    type: 'string',
    variations: [
      { id: 'a', name: 'A', value: 'a' },
      { id: 'b', name: 'B', value: 'b' },
    ],
    weights: [5000, 5000],
  },
  {
    id: 'number',
    title: 'Number',
    hint: 'a limit or a price',
    type: 'number',
    variations: [
      { id: 'standard', name: 'standard', value: '10' },
      { id: 'higher', name: 'higher', value: '20' },
    ],
    weights: [WHOLE, 0],
  },
  {
    id: 'json',
    title: 'JSON',
    hint: 'a whole configuration',
    type: 'json',
    variations: [
      { id: 'standard', name: 'standard', value: '{}' },
      { id: 'changed', name: 'changed', value: '{\n  "show": true\n}' },
    ],
    weights: [WHOLE, 0],
  },
];

/** The document of a new flag, switched off. */
export function flagOfShape(shape: Shape, key: string, name: string, tags: readonly string[]): FlagDocument {
  const ids = shape.variations.map(({ id }) => id);
  const [first = ''] = ids;
  const isDivided = shape.weights.filter((weight) => weight > 0).length > 1;
  return {
    key,
    name: name.trim() || key,
    tags,
    variationType: shape.type,
    variations: shape.variations,
    targetUsers: [],
    rules: [],
    fallthrough: { variations: isDivided ? sharesOf(ids, shape.weights) : everybody(first) },
    isEnabled: false,
    // What users get while a flag is off is what they got before there was a flag.
    disabledVariationId: shape.type === 'boolean' ? 'off' : first,
    isArchived: false,
  };
}

/** `Nürnberg checkout` → `nurnberg-checkout`: a key as most teams write them. */
export function keyFromName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 256);
}
