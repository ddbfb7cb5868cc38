import type { ExperimentBody } from '../../../../src/api/experiments.js';
import type { MetricRole } from '../../../../src/model/experiment.js';

/** What is filled in, as the fields have it. */
export interface SetupDraft {
  readonly key: string;
  /** Somebody has typed the key: it does not follow the name any more. */
  readonly hasOwnKey: boolean;
  readonly name: string;
  readonly hypothesis: string;
  readonly flagKey: string;
  readonly control: string;
  readonly treatments: readonly string[];
  readonly excludedSegment: string;
  readonly metrics: readonly {
    readonly key: string;
    readonly role: MetricRole;
    /** In percent, as text. */
    readonly effect: string;
  }[];
  readonly method: 'always-valid' | 'fixed';
  readonly plannedUsers: number;
  /** For how many days before users entered what they did is subtracted; null = it is not. */
  readonly covariateDays: number | null;
}

export function emptyDraft(experiment: ExperimentBody | undefined): SetupDraft {
  return {
    key: experiment?.key ?? '',
    hasOwnKey: experiment !== undefined,
    name: experiment?.name ?? '',
    hypothesis: experiment?.hypothesis ?? '',
    flagKey: experiment?.flagKey ?? '',
    control: experiment?.control ?? '',
    treatments: experiment?.treatments ?? [],
    excludedSegment: experiment?.excludedSegment ?? '',
    metrics: (experiment?.metrics ?? []).map(({ key, role, margin, plannedEffect }) => {
      const share = role === 'guardrail' ? margin : plannedEffect;
      return { key, role, effect: share === null ? '' : String(Number((share * 100).toPrecision(6))) };
    }),
    method: experiment?.method ?? 'always-valid',
    plannedUsers: experiment?.plannedUsers ?? 10_000,
    covariateDays: experiment?.covariateDays ?? null,
  };
}

/** The settings as the API takes them. */
export function settingsOf(draft: SetupDraft): object {
  const { name, hypothesis, flagKey, control, treatments, excludedSegment, method, plannedUsers, covariateDays } =
    draft;
  return {
    ...{ name, hypothesis, flagKey, control, treatments, method, plannedUsers, covariateDays },
    excludedSegment: excludedSegment === '' ? null : excludedSegment,
    metrics: draft.metrics.map(({ key, role, effect }) => {
      const share = effect.trim() === '' ? null : Number(effect.replace(',', '.')) / 100;
      return {
        key,
        role,
        ...(role === 'guardrail' ? { margin: share } : { plannedEffect: share === 0 ? null : share }),
      };
    }),
  };
}

/** What has to be filled in before the step (the first is 0) is done, as a sentence; `undefined` when nothing is missing. */
export function missingIn(draft: SetupDraft, step: number): string | undefined {
  if (step === 0) {
    if (draft.name.trim() === '') return 'Give the experiment a name.';
    if (draft.key.trim() === '') return 'Give the experiment a key.';
    if (draft.flagKey === '') return 'Choose a flag.';
    if (draft.treatments.length === 0) return 'Choose at least one variation to compare with the control.';
  }
  if (step === 1 && !draft.metrics.some(({ role }) => role === 'goal'))
    return 'Choose a metric as the goal: it decides.';
  if (step === 2 && !(draft.plannedUsers >= 100)) return 'Plan for at least 100 users.';
  return undefined;
}
