/** The whole of a variation's share. */
export function everybody(id: string) {
  return [{ id, rollout: [0, 1], exptRollout: 1 }];
}

/** A flag as one would send it: on for everybody. */
export function aFlag(overrides: Record<string, unknown> = {}) {
  return {
    variationType: 'boolean',
    variations: [
      { id: 'on', value: 'true' },
      { id: 'off', value: 'false' },
    ],
    isEnabled: true,
    disabledVariationId: 'off',
    fallthrough: { variations: everybody('on') },
    ...overrides,
  };
}

/** A rule that serves one variation when a condition holds. */
export function aRule(condition: Record<string, unknown>, variation = 'on') {
  return { conditions: [condition], variations: everybody(variation) };
}

export function aSegment(overrides: Record<string, unknown> = {}) {
  return { included: ['u1'], excluded: ['u2'], ...overrides };
}
