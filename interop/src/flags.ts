/** Serves one variation to everybody. */
export const everybody = (id: string) => [{ id, rollout: [0, 1], exptRollout: 1 }];

/** A flag that is on for everybody; a rule for New Zealand serves the other variation. */
function aFlag(variationType: string, on: string, off: string, overrides: object = {}) {
  const conditions = [{ property: 'country', op: 'Equal', value: 'NZ' }];
  return {
    variationType,
    variations: [
      { id: 'on', value: on },
      { id: 'off', value: off },
    ],
    isEnabled: true,
    disabledVariationId: 'off',
    rules: [{ name: 'kiwis', conditions, variations: everybody('off') }],
    fallthrough: { variations: everybody('on') },
    ...overrides,
  };
}

const inStaff = [{ property: 'User is in segment', op: null, value: '["staff"]' }];

/** A flag of each type, one that asks for a segment, and one with a slash in its key. */
export const FLAGS_AT_FIRST = [
  { key: 'bool', ...aFlag('boolean', 'true', 'false') },
  { key: 'colour', ...aFlag('string', 'red', 'blue') },
  { key: 'size', ...aFlag('number', '1.5', '0') },
  { key: 'shape', ...aFlag('json', '{"a":[1]}', '{}') },
  {
    key: 'staff',
    ...aFlag('boolean', 'true', 'false', { rules: [{ conditions: inStaff, variations: everybody('off') }] }),
  },
  { key: 'team/one', ...aFlag('boolean', 'true', 'false') },
];

export const SEGMENTS_AT_FIRST = [{ id: 'staff', included: ['ada'] }];
