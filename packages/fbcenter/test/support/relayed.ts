import { newReplica } from '../../src/relay/intake.js';
import {
  type EnvironmentIdentity,
  type RelayedEnvironment,
  RelayedEnvironments,
} from '../../src/relay/relayed-environments.js';
import type { UpstreamDocument } from '../../src/relay/replica.js';
import { featBitFlag } from './scripted-featbit.js';

/** The environment of a one-letter name, with a secret of each kind. */
export function anIdentity(name: string, overrides: Partial<EnvironmentIdentity> = {}): EnvironmentIdentity {
  return {
    id: `id-${name}`,
    key: `shop:${name}`,
    secrets: [
      { kind: 'server', value: `server-of-${name}` },
      { kind: 'client', value: `client-of-${name}` },
    ],
    ...overrides,
  };
}

/** A flag, or a segment, as a replica takes it; `!` after its key when it is archived. */
export function upstreamDocument(
  name: string,
  version: number,
  kind: UpstreamDocument['kind'] = 'flag',
  overrides: object = {},
): UpstreamDocument {
  const isArchived = name.endsWith('!');
  const key = isArchived ? name.slice(0, -1) : name;
  const content =
    kind === 'flag' ? featBitFlag(key, version, { isArchived }) : featBitSegment(key, version, isArchived);
  return { kind, key, version, isArchived, text: JSON.stringify({ ...content, ...overrides }) };
}

/** A segment of FeatBit's form, with nobody in it. */
export function featBitSegment(id: string, version: number, isArchived = false): object {
  return {
    id,
    name: id,
    included: [],
    excluded: [],
    rules: [],
    isArchived,
    updatedAt: new Date(version).toISOString(),
  };
}

/** A relay's environments: those that are named, none of which holds anything. */
export function relayedEnvironments(...names: readonly string[]): RelayedEnvironments {
  const environments = new RelayedEnvironments(newReplica);
  for (const name of names) environments.put(anIdentity(name));
  return environments;
}

/** The environment of a name, which must be there. */
export function environmentOf(environments: RelayedEnvironments, name: string): RelayedEnvironment {
  const found = environments.byId(`id-${name}`);
  if (found === undefined) throw new Error(`there is no environment ${name}`);
  return found;
}
