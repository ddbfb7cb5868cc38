interface Rollout {
  readonly variations: readonly { readonly id: string; readonly rollout: readonly number[] }[];
}

interface FlagText {
  readonly key: string;
  readonly updatedAt: string;
  readonly isEnabled: boolean;
  readonly variations: readonly { readonly id: string; readonly value: string }[];
  readonly targetUsers: readonly { readonly keyIds: readonly string[]; readonly variationId: string }[];
  readonly rules: readonly (Rollout & {
    readonly conditions: readonly { readonly property: string; readonly op: string; readonly value: string }[];
  })[];
  readonly fallthrough: Rollout;
  readonly disabledVariationId: string;
}

interface SegmentText {
  readonly id: string;
  readonly included: readonly string[];
  readonly excluded: readonly string[];
}

/**
 * A limit: what evaluation decides by has to be there and to be found. A flag is one object with its version and what it serves, a target is an
 * entry of a table, a condition an object, and equal texts are one; nothing is ready to be evaluated, checked or reported.
 */
export const sdk = {
  open: async (text: string) => {
    const { data } = JSON.parse(text) as {
      readonly data: { readonly featureFlags: readonly FlagText[]; readonly segments: readonly SegmentText[] };
    };
    const known = new Map<string, string>();
    const one = (value: string): string => {
      const before = known.get(value);
      if (before === undefined) known.set(value, value);
      return before ?? value;
    };
    /** Of a rollout to everybody the variation alone. */
    const served = ({ variations }: Rollout) =>
      variations.length === 1
        ? one(variations[0]?.id ?? '')
        : variations.map(({ id, rollout: [from, to] }) => ({ id: one(id), from, to }));
    const flags = new Map(
      data.featureFlags.map((flag) => [
        one(flag.key),
        {
          version: Date.parse(flag.updatedAt),
          off: flag.isEnabled ? undefined : one(flag.disabledVariationId),
          values: flag.variations.map(({ id, value }) => ({ id: one(id), value: one(value) })),
          targets:
            flag.targetUsers.length === 0
              ? undefined
              : new Map(
                  flag.targetUsers.flatMap(({ keyIds, variationId }) =>
                    keyIds.map((key) => [one(key), one(variationId)] as const),
                  ),
                ),
          rules:
            flag.rules.length === 0
              ? undefined
              : flag.rules.map(({ conditions, ...rollout }) => ({
                  conditions: conditions.map(({ property, op, value }) => ({
                    property: one(property),
                    op: one(op),
                    value: one(value),
                  })),
                  serves: served(rollout),
                })),
          serves: served(flag.fallthrough),
        },
      ]),
    );
    const segments = new Map(
      data.segments.map(({ id, included, excluded }) => [
        id,
        { included: new Set(included.map(one)), excluded: excluded.length === 0 ? undefined : new Set(excluded) },
      ]),
    );
    // It is only there to find equal texts.
    known.clear();
    return { flags, segments };
  },
};
