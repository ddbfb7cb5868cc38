import type { Client, Subject } from '../adapters/sdk.js';

/** Runs a number of operations and answers how many of them gave what was expected. */
export type Loop = (count: number) => number | Promise<number>;

export interface Step {
  readonly flagKey: string;
  readonly subject: Subject;
  readonly isText: boolean;
}

/** A loop over one method of a client, for subjects in turn. */
export function clientLoop(
  isAsync: boolean,
  client: Client,
  method: 'isOn' | 'countOn',
  flagKey: string,
  subjects: readonly Subject[],
  expected: readonly unknown[],
): Loop {
  const argumentsText = method === 'isOn' ? 'flagKey, items[at]' : 'items[at]';
  return build(isAsync, `client.${method}(${argumentsText})`, { client, flagKey, items: subjects, expected });
}

/** A loop over steps that each ask for another flag. */
export function stepLoop(isAsync: boolean, client: Client, steps: readonly Step[], expected: readonly unknown[]): Loop {
  const call =
    'items[at].isText ? client.text(items[at].flagKey, items[at].subject) : client.isOn(items[at].flagKey, items[at].subject)';
  return build(isAsync, call, { client, flagKey: '', items: steps, expected });
}

/** A loop over a bare function: a limit. */
export function functionLoop<T>(call: (item: T) => unknown, items: readonly T[], expected: readonly unknown[]): Loop {
  return build(false, 'client(items[at])', { client: call, flagKey: '', items, expected });
}

interface Bindings {
  readonly client: unknown;
  readonly flagKey: string;
  readonly items: readonly unknown[];
  readonly expected: readonly unknown[];
}

let built = 0;

/**
 * Every loop is compiled from its own text. A shared function would gather what V8 learns of all SDKs in one place, so
 * that each would be measured through calls that are generic on account of the others; an application has one SDK.
 */
function build(isAsync: boolean, call: string, bindings: Bindings): Loop {
  built += 1;
  const text = `"use strict"; // loop ${built}
  let next = 0; // where the last run ended: items are taken in turn over all runs
  return ${isAsync ? 'async ' : ''}function loop(count) {
    let right = 0;
    let at = next;
    for (let i = 0; i < count; i++) {
      const value = ${isAsync ? 'await ' : ''}(${call});
      if (value === expected[at]) right++;
      if (++at === items.length) at = 0;
    }
    next = at;
    return right;
  }`;
  const { client, flagKey, items, expected } = bindings;
  return new Function('client', 'flagKey', 'items', 'expected', text)(client, flagKey, items, expected) as Loop;
}
