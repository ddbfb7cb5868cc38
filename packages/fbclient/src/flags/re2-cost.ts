import type { PatternNode } from './pattern-node.js';
import type { UnitSet } from './pattern-sets.js';
import type { TextForm } from './re2-source.js';

/** Most that a pattern may cost to compile, in microseconds as {@link compileCost} estimates them. */
export const MAX_COMPILE_COST = 1_000;

/** In microseconds, for a character of the source, an instruction of the program, an option of an alternation, and so on. */
const CHARACTER = 0.06;
const INSTRUCTION = 0.5;
const OPTION = 3;
const REPEAT = 2;
const LOOK_BEHIND = 4;

/** For a category in one of the pattern's classes, by how many ranges the engine has for it. */
const LARGE_CATEGORY = 45;
const MIDDLING_CATEGORY = 22;
const SMALL_CATEGORY = 10;
const LARGE = ['L', 'Lu', 'Ll', 'Lo', 'C'];
const MIDDLING = ['M', 'Mn', 'Mc', 'P', 'Po', 'S', 'So'];
/** Classes that are options are made one, which takes longer than each of them alone. */
const JOINED = 2.4;

/** For a part of the pattern, whether categories cost anything, and how many instructions each of its own becomes. */
interface FormCosts {
  readonly part: number;
  readonly hasCategories: boolean;
  readonly instructions: number;
}

const COSTS: Readonly<Record<TextForm, FormCosts>> = {
  // The members of categories are written out, because there are few.
  ascii: { part: 0.6, hasCategories: false, instructions: 1 },
  units: { part: 0.6, hasCategories: true, instructions: 1 },
  spaced: { part: 3, hasCategories: true, instructions: 4 },
};

/**
 * About what it takes the engine to compile a pattern, in microseconds. It follows from the pattern alone, so that no machine
 * decides whether one is refused.
 *
 * @param source the pattern in the engine's syntax.
 */
export function compileCost(pattern: PatternNode, form: TextForm, source: string): number {
  const { part, hasCategories, instructions } = COSTS[form];
  const parts = partCounts(pattern);
  const read = source.length * CHARACTER + parts.all * part + (hasCategories ? parts.categories : 0);
  const written = pattern.size * instructions * INSTRUCTION + parts.options * OPTION + parts.repeats * REPEAT;
  const lookBehinds = form === 'ascii' ? 0 : parts.lookBehinds * LOOK_BEHIND;
  return read + written + lookBehinds;
}

/** What a pattern is made of. Look-behinds are counted with their repeats written out, all else as it is written. */
interface PartCounts {
  readonly all: number;
  readonly options: number;
  readonly repeats: number;
  /** What they cost, in microseconds. */
  readonly categories: number;
  readonly lookBehinds: number;
}

const NONE: PartCounts = { all: 1, options: 0, repeats: 0, categories: 0, lookBehinds: 0 };

function partCounts(node: PatternNode): PartCounts {
  switch (node.kind) {
    case 'units':
      return { ...NONE, categories: costOfCategories(node.set), lookBehinds: lookBehindsFor(node.set) };
    case 'place':
      return NONE;
    case 'sequence':
      return sumOf(node.parts);
    case 'either': {
      const { categories, ...others } = sumOf(node.options);
      return { ...others, options: others.options + node.options.length, categories: categories * JOINED };
    }
    case 'repeat': {
      const { all, repeats, lookBehinds, ...others } = partCounts(node.of);
      const times = node.max === Number.POSITIVE_INFINITY ? Math.max(node.min, 1) : node.max;
      return { ...others, all: all + 1, repeats: repeats + 1, lookBehinds: lookBehinds * times };
    }
  }
}

function sumOf(nodes: readonly PatternNode[]): PartCounts {
  return nodes.map(partCounts).reduce(
    (sum, counts) => ({
      all: sum.all + counts.all,
      options: sum.options + counts.options,
      repeats: sum.repeats + counts.repeats,
      categories: sum.categories + counts.categories,
      lookBehinds: sum.lookBehinds + counts.lookBehinds,
    }),
    NONE,
  );
}

function costOfCategories({ categories, complements }: UnitSet): number {
  const own = categories.map(costOfCategory).reduce((sum, cost) => sum + cost, 0);
  return complements.reduce((sum, set) => sum + costOfCategories(set), own);
}

function costOfCategory(name: string): number {
  if (LARGE.includes(name)) return LARGE_CATEGORY;
  return MIDDLING.includes(name) ? MIDDLING_CATEGORY : SMALL_CATEGORY;
}

/** As many as such a class is written with: it is in all of some sets and not in others. */
function lookBehindsFor({ negated, complements }: UnitSet): number {
  return negated ? complements.length : 0;
}
