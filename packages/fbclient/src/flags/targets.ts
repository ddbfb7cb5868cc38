import type { Failure } from './failure.js';
import type { Serving } from './serving.js';

/** With at most this many keys the lists are searched without an index. */
const FEW_KEYS = 8;

interface TargetList {
  readonly keyIds: readonly string[];
  readonly serves: Serving | Failure;
}

/** The individual targets of a flag; indexed when first asked, like a {@link KeySet}. */
export class Targets {
  #lists: readonly TargetList[] | undefined;
  #index: Map<string, Serving | Failure> | undefined;

  /** @param lists in stored order; their keys are kept, not copied. */
  constructor(lists: readonly TargetList[]) {
    this.#lists = lists;
  }

  /** What the first list that has the key serves. */
  get(key: string): Serving | Failure | undefined {
    if (this.#index !== undefined) return this.#index.get(key);
    const lists = this.#lists ?? [];
    let keys = 0;
    for (const { keyIds } of lists) keys += keyIds.length;
    if (keys <= FEW_KEYS) return lists.find(({ keyIds }) => keyIds.includes(key))?.serves;
    this.#index = indexOf(lists);
    this.#lists = undefined;
    return this.#index.get(key);
  }
}

function indexOf(lists: readonly TargetList[]): Map<string, Serving | Failure> {
  const index = new Map<string, Serving | Failure>();
  for (const { keyIds, serves } of lists) {
    for (const keyId of keyIds) if (!index.has(keyId)) index.set(keyId, serves);
  }
  return index;
}
