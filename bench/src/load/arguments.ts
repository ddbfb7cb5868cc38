import { parseArgs } from 'node:util';
import { PEERS, type PeerName, SCENES, type Scene } from './help.js';

export interface Arguments {
  /** Absent when a peer is measured instead. */
  readonly scenes: readonly Scene[];
  readonly peers: readonly PeerName[];
  readonly connections: number;
  readonly flags: number;
  readonly pushes: number;
  readonly offersDeflate: boolean;
  readonly isCheck: boolean;
  /** Whether the page gets the tables. */
  readonly isWritten: boolean;
}

/** Names with commas between them, in the order of those that there are. @throws when there is no such name. */
function namesFrom<Name extends string>(option: string, given: string, known: readonly Name[]): readonly Name[] {
  const names = given.split(',');
  const unknown = names.find((name) => !known.some((one) => one === name));
  if (unknown !== undefined) throw new Error(`--${option}: there is no "${unknown}"; there are ${known.join(', ')}`);
  return known.filter((name) => names.includes(name));
}

export function readArguments(given: readonly string[]): Arguments | { readonly problem: string } {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args: [...given],
      options: {
        ...{ scene: text, peer: text, connections: text, flags: text, pushes: text },
        ...{ plain: { type: 'boolean', default: false }, check: { type: 'boolean', default: false } },
        write: { type: 'boolean', default: false },
      },
    });
    const number = (name: 'connections' | 'flags' | 'pushes', fallback: number, least: number, most: number) => {
      const value = Number(values[name] ?? fallback);
      if (Number.isInteger(value) && value >= least && value <= most) return value;
      throw new Error(`--${name} must be a whole number from ${least} to ${most}`);
    };
    const peers = values.peer === undefined ? [] : namesFrom('peer', values.peer, PEERS);
    return {
      scenes: values.scene === undefined ? (peers.length > 0 ? [] : SCENES) : namesFrom('scene', values.scene, SCENES),
      peers,
      connections: number('connections', 50_000, 10, 60_000),
      flags: number('flags', 3_000, 1, 20_000),
      pushes: number('pushes', 20, 1, 1_000),
      offersDeflate: !values.plain,
      isCheck: values.check,
      isWritten: values.write,
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
