/** Flags and segments as a shop might have them, and as many as a test wants. The same every time. */

const everybody = (id: string) => [{ id, rollout: [0, 1], exptRollout: 1 }];

const condition = (property: string, op: string | null, value: string) => ({ property, op, value });

const ON_OFF = [
  { id: 'on', name: 'on', value: 'true' },
  { id: 'off', name: 'off', value: 'false' },
];

const divided = (id: string, share: number, rest: string) => [
  { id, rollout: [0, share], exptRollout: 1 },
  { id: rest, rollout: [share, 1], exptRollout: 1 },
];

const rule = (id: string, name: string, conditions: readonly unknown[], variations: unknown) => ({
  id,
  name,
  conditions,
  variations,
});

const segments = [
  {
    id: 'early-adopters',
    name: 'Early adopters',
    description: 'Asked to try things first',
    included: ['ada', 'grace', 'linus'],
    excluded: ['margaret'],
    rules: [
      rule('r1', '', [condition('plan', 'Equal', 'premium'), condition('visits', 'BiggerEqualThan', '20')], undefined),
    ],
  },
  {
    id: 'staff',
    name: 'Staff',
    included: [],
    rules: [rule('r1', '', [condition('email', 'EndsWith', '@example.org')], undefined)],
  },
  { id: 'press', name: 'Press', included: ['reporter-1', 'reporter-2'], rules: [] },
];

const boolean = (key: string, name: string, more: Record<string, unknown> = {}) => ({
  key,
  name,
  variationType: 'boolean',
  variations: ON_OFF,
  isEnabled: true,
  disabledVariationId: 'off',
  fallthrough: { variations: everybody('on') },
  ...more,
});

/** The flags of the shop. */
const shopFlags = [
  boolean('new-checkout', 'New checkout', {
    description: 'One page in the place of four steps',
    tags: ['checkout', 'release'],
    targetUsers: [
      { variationId: 'on', keyIds: ['ada', 'grace'] },
      { variationId: 'off', keyIds: ['margaret'] },
    ],
    rules: [
      rule('staff', 'Staff first', [condition('User is in segment', null, '["staff"]')], everybody('on')),
      rule(
        'oceania',
        '',
        [condition('country', 'IsOneOf', '["NZ","AU","FJ"]'), condition('app version', 'BiggerEqualThan', '4.2')],
        divided('on', 0.5, 'off'),
      ),
      rule('bots', 'Never for bots', [condition('agent', 'MatchRegex', '(?i)bot|crawler')], everybody('off')),
    ],
    fallthrough: { variations: divided('on', 0.3, 'off') },
  }),
  {
    key: 'shop-theme',
    name: 'The look of the shop',
    variationType: 'string',
    variations: [
      { id: 'light', name: 'light', value: 'light' },
      { id: 'dark', name: 'dark', value: 'dark' },
      { id: 'festive', name: 'festive', value: 'festive' },
    ],
    targetUsers: [],
    rules: [rule('adopters', '', [condition('User is in segment', null, '["early-adopters"]')], everybody('dark'))],
    isEnabled: true,
    disabledVariationId: 'light',
    fallthrough: {
      variations: [
        { id: 'light', rollout: [0, 0.5], exptRollout: 1 },
        { id: 'dark', rollout: [0.5, 0.8], exptRollout: 1 },
        { id: 'festive', rollout: [0.8, 1], exptRollout: 1 },
      ],
    },
    tags: ['design'],
  },
  {
    key: 'free-shipping-from',
    name: 'Free shipping from this amount',
    variationType: 'number',
    variations: [
      { id: 'fifty', value: '50' },
      { id: 'twenty-five', value: '25' },
    ],
    rules: [rule('premium', 'Premium', [condition('plan', 'Equal', 'premium')], everybody('twenty-five'))],
    isEnabled: true,
    disabledVariationId: 'fifty',
    fallthrough: { variations: everybody('fifty') },
    tags: ['pricing'],
  },
  {
    key: 'banner',
    name: 'The banner on top',
    variationType: 'json',
    variations: [
      { id: 'none', name: 'none', value: '{"show":false}' },
      { id: 'sale', name: 'sale', value: '{"show":true,"text":"Everything must go","priority":2}' },
    ],
    isEnabled: false,
    disabledVariationId: 'none',
    fallthrough: { variations: everybody('sale') },
    tags: ['marketing', 'content'],
  },
  boolean('search-v2', 'Search by meaning', {
    tags: ['search', 'release'],
    fallthrough: { variations: divided('on', 0.05, 'off') },
  }),
  boolean('payments-kill-switch', 'Stop taking payments', { isEnabled: false, tags: ['ops'] }),
  boolean('gift-cards', 'Gift cards', { tags: ['checkout'] }),
  boolean('price-tests', 'Prices by region', { isEnabled: false, tags: ['pricing', 'experiment'] }),
  boolean('old-cart', 'The cart before 2024', { isArchived: true, isEnabled: false }),
];

const AREAS = ['cart', 'search', 'account', 'checkout', 'catalogue', 'delivery', 'returns', 'reviews', 'stock', 'mail'];
const THINGS = [
  'fast-path',
  'retry',
  'new-layout',
  'cache',
  'suggestions',
  'audit',
  'export',
  'limits',
  'preview',
  'sorting',
];
const TAGS = ['release', 'ops', 'experiment', 'team-blue', 'team-green'];

/** Made-up flags on top: every one differs, a third has rules, half are on. */
function manyFlags(count: number): unknown[] {
  return Array.from({ length: count }, (_, index) => {
    const area = AREAS[index % AREAS.length];
    const thing = THINGS[Math.floor(index / AREAS.length) % THINGS.length];
    return boolean(
      index < 100 ? `${area}-${thing}` : `${area}-${thing}-${index}`,
      `${area} ${thing}`.replace('-', ' '),
      {
        tags: [TAGS[index % TAGS.length]],
        isEnabled: index % 2 === 0,
        rules:
          index % 3 === 0
            ? [
                rule(
                  'r1',
                  '',
                  [condition('country', 'IsOneOf', JSON.stringify(['NZ', 'AU', `X${index % 97}`]))],
                  everybody('on'),
                ),
              ]
            : [],
        fallthrough: {
          variations:
            index % 4 === 0 ? divided('on', (1 + (index % 19)) / 20, 'off') : everybody(index % 5 === 0 ? 'off' : 'on'),
        },
      },
    );
  });
}

/** Flags and segments for {@link startCenter}. */
export function seededEnvironments(extra = 0) {
  const flags = [...shopFlags, ...manyFlags(extra)];
  return [
    { key: 'production', name: 'Production', segments, flags },
    {
      key: 'staging',
      name: 'Staging',
      segments,
      flags: flags.map((flag, index) => ({ ...(flag as object), isEnabled: index % 3 !== 0 })),
    },
    {
      key: 'dev',
      name: 'Development',
      segments,
      flags: shopFlags.slice(0, 5).map((flag) => ({ ...flag, isEnabled: true })),
    },
    { key: 'empty', name: 'Playground' },
  ];
}
