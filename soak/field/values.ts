import { type FeatBitServer, type FlagDocument, servingFlag } from 'fbclient-conformance/featbit-server';
import { until } from './scene.js';
import type { FieldClient } from './sdk.js';

/** What the flags serve before anything happens. */
const OLD = 'old';

/** So many flags, called `flag-0` and so on; the same documents for the same number. */
export function flagsOf(count: number): readonly FlagDocument[] {
  const made = MADE.get(count) ?? Array.from({ length: count }, (_, index) => servingFlag(`flag-${index}`, OLD));
  MADE.set(count, made);
  return made;
}

const MADE = new Map<number, readonly FlagDocument[]>();

/** What each flag of the server's serves to everybody, by its key; an archived one serves nothing. */
export function truthOf({ environment }: FeatBitServer): ReadonlyMap<string, string> {
  const active = environment.flags.filter(({ isArchived }) => !isArchived);
  return new Map(active.map(({ key, variations }) => [key, variations[0]?.value ?? '']));
}

/** The keys of flags whose value at the client is not the server's. */
export async function wrongFlags(client: FieldClient, server: FeatBitServer): Promise<readonly string[]> {
  const truth = truthOf(server);
  const flags = await client.flags();
  return [...new Set([...truth.keys(), ...flags.keys()])].filter((key) => truth.get(key) !== flags.get(key));
}

/** @returns when a client's flags are those of a server, on the clock of `performance`; `undefined` when not in time. */
export function agree(
  client: FieldClient,
  truth: ReadonlyMap<string, string>,
  wait: number,
): Promise<number | undefined> {
  return until(
    async () => {
      const flags = await client.flags();
      const isRight = flags.size === truth.size && [...truth].every(([key, value]) => flags.get(key) === value);
      return isRight ? performance.now() : undefined;
    },
    wait,
    20,
  );
}
