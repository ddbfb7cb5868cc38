import { type EvaluateCase, type Rule, readRules } from '../../src/fixtures/index.js';

export const ALL_RULES: Rule[] = readRules().flatMap((area) => area.rules);

/** A case about a flag that serves "no" to everyone. */
export function flagCase(key: string): EvaluateCase {
  return {
    id: `group/${key}`,
    rule: 'eval.fallthrough',
    description: 'A flag serves its fallthrough.',
    given: {
      flags: [
        {
          id: key,
          envId: '226b9bf8-4af3-4ffa-9b01-162270e4cd40',
          key,
          name: key,
          variationType: 'string',
          variations: [{ id: 'no-id', value: 'no' }],
          targetUsers: [],
          rules: [],
          isEnabled: true,
          disabledVariationId: 'no-id',
          fallthrough: { includedInExpt: false, variations: [{ id: 'no-id', rollout: [0, 1], exptRollout: 0 }] },
          exptIncludeAllTargets: false,
          tags: [],
          isArchived: false,
          createdAt: '2026-01-01T00:00:00Z',
          updatedAt: '2026-01-01T00:00:00Z',
        },
      ],
      segments: [],
      user: { key: 'ada' },
    },
    when: { flag: key, type: 'string', default: 'fallback' },
    then: {
      value: 'no',
      variationId: 'no-id',
      reason: 'Fallthrough',
      event: { variationId: 'no-id', value: 'no', sendToExperiment: false },
    },
  };
}
