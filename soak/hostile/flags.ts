const everybody = [{ id: 'on', rollout: [0, 1] }];

/** Flags that are switched: on for everybody, or off. */
export function smallFlags(): object[] {
  return Array.from({ length: 100 }, (_, index) => flagCalled(`flag-${index}`, 'true'));
}

/** As many flags as make an environment of a size. */
export function flagsOfBytes(bytes: number): object[] {
  const size = 4_000;
  const value = 'x'.repeat(size - 500);
  return Array.from({ length: Math.round(bytes / size) }, (_, index) => flagCalled(`large-${index}`, value));
}

export function flagCalled(key: string, value: string, more: object = {}): object {
  return {
    key,
    variationType: 'string',
    variations: [
      { id: 'on', value },
      { id: 'off', value: 'off' },
    ],
    isEnabled: true,
    disabledVariationId: 'off',
    fallthrough: { variations: everybody },
    ...more,
  };
}
