import { type DataSink, type DataSource, FBClient, type Options } from 'fbclient';

/** A data source that a test plays: it stands for the server. */
export class ScriptedSource implements DataSource {
  #sink: DataSink | undefined;

  start(sink: DataSink): void {
    this.#sink = sink;
  }

  close(): void {
    // What comes later is ignored by the client.
  }

  get sink(): DataSink {
    if (this.#sink === undefined) throw new Error('not started');
    return this.#sink;
  }

  /** The server sends flags. */
  sends(...featureFlags: readonly unknown[]): Promise<boolean> {
    return this.sink.accept(full(featureFlags));
  }

  /** The server sends changes. */
  changes(...featureFlags: readonly unknown[]): Promise<boolean> {
    return this.sink.accept({ messageType: 'data-sync', data: { eventType: 'patch', featureFlags, segments: [] } });
  }

  goesAway(): void {
    this.sink.interrupted({ code: 'interrupted', message: 'the connection was lost' });
  }

  refuses(): void {
    this.sink.failed({ code: 'rejected', message: 'the server refused the secret' });
  }
}

export function full(featureFlags: readonly unknown[]) {
  return { messageType: 'data-sync', data: { eventType: 'full', featureFlags, segments: [] } };
}

export function scriptedClient(options: Options = {}): { readonly client: FBClient; readonly source: ScriptedSource } {
  const source = new ScriptedSource();
  return { client: new FBClient({ dataSource: source, disableEvents: true, ...options }), source };
}

type Variations = Readonly<Record<string, unknown>>;

interface FlagParts {
  readonly on?: boolean;
  /** The id of the variation for those whom no rule gives another one. */
  readonly serves?: string;
  readonly off?: string;
  readonly rules?: readonly unknown[];
  readonly targets?: readonly { readonly keyIds: readonly string[]; readonly variationId: string }[];
  readonly rollout?: readonly { readonly id: string; readonly rollout: readonly [number, number] }[];
  readonly version?: number;
}

/** A flag in FeatBit's form. @param variations values by id; the first one is served unless the parts say otherwise. */
export function flag(key: string, variations: Variations, parts: FlagParts = {}) {
  const ids = Object.keys(variations);
  const [first = ''] = ids;
  const values = Object.values(variations);
  const type = typeof values[0] === 'object' ? 'json' : typeof values[0];
  const { on = true, serves = first, off = first, rules = [], targets = [], version = 1 } = parts;
  return {
    key,
    updatedAt: new Date(Date.UTC(2026, 0, 1) + version).toISOString(),
    isArchived: false,
    isEnabled: on,
    variationType: type,
    variations: ids.map((id) => ({ id, value: textOf(variations[id]) })),
    targetUsers: targets,
    rules,
    fallthrough: {
      includedInExpt: false,
      variations: (parts.rollout ?? [{ id: serves, rollout: [0, 1] }]).map((part) => ({ ...part, exptRollout: 1 })),
    },
    disabledVariationId: off,
    exptIncludeAllTargets: false,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A rule: all of these attributes have these values. */
export function rule(id: string, ...conditions: readonly { property: string; op: string; value: string }[]) {
  return { conditions, includedInExpt: false, variations: [{ id, rollout: [0, 1], exptRollout: 1 }] };
}
