/** The demo's flags and segments, as the management API takes them. They are used when the data folder is new. */

const everybody = (id: string) => ({ variations: [{ id, rollout: [0, 1], exptRollout: 1 }] });

const condition = (property: string, op: string | null, value: string) => ({ property, op, value });

const earlyAdopters = {
  id: 'early-adopters',
  name: 'Early adopters',
  included: ['visitor-7', 'visitor-42'],
  excluded: ['visitor-13'],
  rules: [{ conditions: [condition('plan', 'Equal', 'premium'), condition('visits', 'BiggerEqualThan', '20')] }],
};

/** A release that goes to a share of the visitors. */
const newCheckout = {
  key: 'new-checkout',
  name: 'The new checkout',
  variationType: 'boolean',
  variations: [
    { id: 'on', value: 'true' },
    { id: 'off', value: 'false' },
  ],
  isEnabled: true,
  disabledVariationId: 'off',
  fallthrough: {
    variations: [
      { id: 'on', rollout: [0, 0.3], exptRollout: 1 },
      { id: 'off', rollout: [0.3, 1], exptRollout: 1 },
    ],
  },
  tags: ['release'],
};

/** Targeting rules, one of them on a segment. */
const shopTheme = {
  key: 'shop-theme',
  name: 'The look of the shop',
  variationType: 'string',
  variations: [
    { id: 'light', value: 'light' },
    { id: 'dark', value: 'dark' },
    { id: 'festive', value: 'festive' },
  ],
  targetUsers: [{ keyIds: ['visitor-1'], variationId: 'dark' }],
  rules: [
    {
      name: 'Early adopters get the dark theme',
      conditions: [condition('User is in segment', null, JSON.stringify(['early-adopters']))],
      ...everybody('dark'),
    },
    {
      name: 'Where it is summer in December',
      conditions: [condition('country', 'IsOneOf', JSON.stringify(['NZ', 'AU']))],
      ...everybody('festive'),
    },
  ],
  isEnabled: true,
  disabledVariationId: 'light',
  fallthrough: everybody('light'),
};

const freeShippingFrom = {
  key: 'free-shipping-from',
  name: 'Free shipping from this amount',
  variationType: 'number',
  variations: [
    { id: 'fifty', value: '50' },
    { id: 'twenty-five', value: '25' },
  ],
  rules: [{ name: 'Premium', conditions: [condition('plan', 'Equal', 'premium')], ...everybody('twenty-five') }],
  isEnabled: true,
  disabledVariationId: 'fifty',
  fallthrough: everybody('fifty'),
};

const banner = {
  key: 'banner',
  name: 'The banner on top',
  variationType: 'json',
  variations: [
    { id: 'none', value: JSON.stringify({ show: false }) },
    { id: 'sale', value: JSON.stringify({ show: true, text: 'Everything must go', priority: 2 }) },
  ],
  isEnabled: true,
  disabledVariationId: 'none',
  fallthrough: everybody('sale'),
};

/** Half of the visitors see each; four fifths of them are counted. */
const buyButton = {
  key: 'buy-button',
  name: 'Experiment: the label of the button',
  variationType: 'string',
  variations: [
    { id: 'plain', value: 'Buy' },
    { id: 'friendly', value: 'Take me home' },
  ],
  isEnabled: true,
  disabledVariationId: 'plain',
  exptIncludeAllTargets: false,
  fallthrough: {
    includedInExpt: true,
    variations: [
      { id: 'plain', rollout: [0, 0.5], exptRollout: 0.4 },
      { id: 'friendly', rollout: [0.5, 1], exptRollout: 0.4 },
    ],
  },
  tags: ['experiment'],
};

export const demoEnvironment = {
  key: 'demo',
  name: 'Demo shop',
  segments: [earlyAdopters],
  flags: [newCheckout, shopTheme, freeShippingFrom, banner, buyButton],
};
