import { AffixTable } from './affix-table.js';
import type { Attribute } from './attributes.js';
import { BandTable, type BoundedRule, BoundTable, type Interval } from './bound-tables.js';
import type { Condition } from './conditions.js';
import type { BoundCriterion } from './criterion.js';
import { EveryRule, LookUp, type RuleSource } from './look-up.js';
import type { Occasion } from './occasion.js';
import type { Conditional } from './rule-order.js';
import { ValueTable } from './value-table.js';
import type { Warnings } from './warnings.js';

/** With fewer rules to find it is not worth a look-up: they are tried each. */
const LEAST_TO_FIND = 4;
/** The most look-ups; more would cost more to keep in order than the rules that they find. */
const MAX_LOOK_UPS = 64;

/** A way to find a rule: by one of its conditions. */
interface Way {
  readonly group: Group;
  /** About how many rules are found together with it. To be asked when all ways of all rules are counted. */
  cost(): number;
  /** Finds the rule so. */
  take(position: number): void;
}

/** Rules that can be found by the same look-up. */
abstract class Group {
  readonly attribute: Attribute;
  /** Of the rules that are found so. */
  readonly positions: number[] = [];

  constructor(attribute: Attribute) {
    this.attribute = attribute;
  }

  abstract source(): RuleSource;
}

/** By the attribute's value. */
class ValueGroup extends Group {
  readonly #counts = new Map<string, number>();
  readonly #table = new ValueTable();

  way(values: readonly string[]): Way {
    for (const value of values) this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
    return {
      group: this,
      cost: () => values.reduce((most, value) => Math.max(most, this.#counts.get(value) ?? 0), 0),
      take: (position) => {
        this.positions.push(position);
        this.#table.add(values, position);
      },
    };
  }

  source(): RuleSource {
    return new LookUp(this.positions, (occasion) => this.attribute.textAhead(occasion), this.#table);
  }
}

/** By how the attribute begins or ends. */
class AffixGroup extends Group {
  readonly #side: 'prefix' | 'suffix';
  readonly #counts = new Map<string, number>();
  readonly #rules: { readonly affix: string; readonly position: number }[] = [];

  constructor(attribute: Attribute, side: 'prefix' | 'suffix') {
    super(attribute);
    this.#side = side;
  }

  way(affix: string): Way {
    this.#counts.set(affix, (this.#counts.get(affix) ?? 0) + 1);
    return {
      group: this,
      cost: () => this.#counts.get(affix) ?? 0,
      take: (position) => {
        this.positions.push(position);
        this.#rules.push({ affix, position });
      },
    };
  }

  source(): RuleSource {
    const { attribute } = this;
    const table = new AffixTable(this.#side, this.#rules);
    return new LookUp(this.positions, (occasion) => attribute.textAhead(occasion), table);
  }
}

/** By the attribute's number: its place among bounds that are on one side of it, or between two bounds. */
class BoundGroup extends Group {
  readonly #isBand: boolean;
  readonly #warnings: Warnings | undefined;
  readonly #rules: BoundedRule[] = [];
  #count = 0;

  constructor(attribute: Attribute, isBand: boolean, warnings: Warnings | undefined) {
    super(attribute);
    this.#isBand = isBand;
    this.#warnings = warnings;
  }

  way({ low, high }: Interval): Way {
    this.#count += 1;
    return {
      group: this,
      // Nobody knows the numbers that users have: half of them may be on the right side, fewer in a band.
      cost: () => Math.max(this.#count / (this.#isBand ? 8 : 2), 1),
      take: (position) => {
        this.positions.push(position);
        this.#rules.push({ position, low, high });
      },
    };
  }

  source(): RuleSource {
    const { attribute } = this;
    const warnings = this.#warnings;
    const read = (occasion: Occasion) => attribute.numberAhead(occasion, warnings);
    return this.#isBand
      ? new LookUp(this.positions, read, new BandTable(this.#rules))
      : new LookUp(this.positions, read, new BoundTable(this.#rules));
  }
}

/** Many rules, divided by how they are found. Each is in one of the sources; what never holds is in none. */
export function ruleSources(rules: readonly Conditional[]): readonly RuleSource[] {
  const groups = new Groups();
  const ways = rules.map(({ conditions }) => groups.waysTo(conditions));
  const tried: number[] = [];
  const found = new Set<Group>();
  for (const [position, waysToRule] of ways.entries()) {
    if (waysToRule === undefined) continue;
    const best = cheapest(waysToRule);
    if (best === undefined) tried.push(position);
    else found.add(best.group);
    best?.take(position);
  }
  const sources: RuleSource[] = [];
  for (const group of [...found].sort((one, other) => other.positions.length - one.positions.length)) {
    if (group.positions.length >= LEAST_TO_FIND && sources.length < MAX_LOOK_UPS) sources.push(group.source());
    else for (const position of group.positions) tried.push(position);
  }
  if (tried.length > 0) sources.push(new EveryRule(tried.sort((one, other) => one - other)));
  return sources;
}

/** The first of the ways that cost least. */
function cheapest(ways: readonly Way[]): Way | undefined {
  let best: Way | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const way of ways) {
    const cost = way.cost();
    if (cost >= least) continue;
    best = way;
    least = cost;
  }
  return best;
}

/** The look-ups that find some of many rules. */
class Groups {
  readonly #values = new Map<Attribute, ValueGroup>();
  readonly #affixes = { prefix: new Map<Attribute, AffixGroup>(), suffix: new Map<Attribute, AffixGroup>() };
  readonly #bounds = {
    low: new Map<Attribute, BoundGroup>(),
    high: new Map<Attribute, BoundGroup>(),
    both: new Map<Attribute, BoundGroup>(),
  };

  /**
   * The ways to find a rule: by its conditions up to the first that can fail. Behind that one they may not be reached.
   *
   * @returns `undefined` for a rule that never holds, and never fails.
   */
  waysTo(conditions: readonly Condition[]): readonly Way[] | undefined {
    const ways: Way[] = [];
    const bounds = new Map<Attribute, [BoundCriterion, ...BoundCriterion[]]>();
    for (const condition of conditions) {
      const criterion = condition.criterion();
      if (criterion.kind === 'nothing') return undefined;
      if (criterion.kind === 'tried' && !criterion.isSafe) break;
      switch (criterion.kind) {
        case 'value': {
          const { attribute, values } = criterion;
          ways.push(groupOf(this.#values, attribute, () => new ValueGroup(attribute)).way(values));
          break;
        }
        case 'prefix':
        case 'suffix': {
          const { kind, attribute, affix } = criterion;
          ways.push(groupOf(this.#affixes[kind], attribute, () => new AffixGroup(attribute, kind)).way(affix));
          break;
        }
        case 'at-most':
        case 'at-least':
          bounds.set(criterion.attribute, [criterion, ...(bounds.get(criterion.attribute) ?? [])]);
      }
    }
    for (const criteria of bounds.values()) ways.push(this.#wayToBounds(criteria));
    return ways;
  }

  #wayToBounds(criteria: readonly [BoundCriterion, ...BoundCriterion[]]): Way {
    const [{ attribute, warnings }] = criteria;
    let low = Number.NEGATIVE_INFINITY;
    let high = Number.POSITIVE_INFINITY;
    for (const { kind, bound } of criteria) {
      if (kind === 'at-least') low = Math.max(low, bound);
      else high = Math.min(high, bound);
    }
    const side = high === Number.POSITIVE_INFINITY ? 'low' : low === Number.NEGATIVE_INFINITY ? 'high' : 'both';
    const group = groupOf(this.#bounds[side], attribute, () => new BoundGroup(attribute, side === 'both', warnings));
    return group.way({ low, high });
  }
}

function groupOf<T>(groups: Map<Attribute, T>, attribute: Attribute, create: () => T): T {
  const known = groups.get(attribute);
  if (known !== undefined) return known;
  const group = create();
  groups.set(attribute, group);
  return group;
}
