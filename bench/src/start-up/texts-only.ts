interface Texts {
  readonly key: string;
  readonly variations: readonly { readonly id: string }[];
  readonly targetUsers: readonly { readonly keyIds: readonly string[] }[];
  readonly rules: readonly { readonly conditions: readonly { readonly value: string }[] }[];
}

/**
 * A limit: what evaluation compares and serves as texts has to be there. Of each flag one id, the keys of its targets and the operands of its
 * conditions, and of each segment its keys, in lists by key, and nothing that evaluates them.
 */
export const sdk = {
  open: async (text: string) => {
    const { data } = JSON.parse(text) as {
      readonly data: {
        readonly featureFlags: readonly Texts[];
        readonly segments: readonly { readonly id: string; readonly included: readonly string[] }[];
      };
    };
    return new Map<string, string | readonly string[]>([
      ...data.featureFlags.map(({ key, variations, targetUsers, rules }) => {
        const id = variations[0]?.id ?? '';
        const texts = [
          ...targetUsers.flatMap(({ keyIds }) => keyIds),
          ...rules.flatMap(({ conditions }) => conditions.map(({ value }) => value)),
        ];
        return [key, texts.length === 0 ? id : [id, ...texts]] as const;
      }),
      ...data.segments.map(({ id, included }) => [id, included] as const),
    ]);
  },
};
