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
    /** Of a guardrail, in percent, as text. */
    readonly margin: string;
    /** Of others, in percent, as text. */
    readonly plannedEffect: string;
  }[];
  readonly method: 'always-valid' | 'fixed';
  readonly plannedUsers: number;
  /** What the page does not ask for: it stays as it was set elsewhere. */
  readonly alpha: number | null;
  readonly power: number | null;
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
    metrics: (experiment?.metrics ?? []).map(({ key, role, margin, plannedEffect }) => ({
      ...{ key, role, margin: inPercent(margin), plannedEffect: inPercent(plannedEffect) },
    })),
    method: experiment?.method ?? 'always-valid',
    plannedUsers: experiment?.plannedUsers ?? 10_000,
    alpha: experiment?.alpha ?? null,
    power: experiment?.power ?? null,
    covariateDays: experiment?.covariateDays ?? null,
  };
}

/** The settings as the API takes them. */
export function settingsOf(draft: SetupDraft): object {
  const { name, hypothesis, flagKey, control, treatments, excludedSegment, metrics } = draft;
  const { method, plannedUsers, alpha, power, covariateDays } = draft;
  return {
    ...{ name, hypothesis, flagKey, control, treatments, method, plannedUsers, alpha, power, covariateDays },
    excludedSegment: excludedSegment === '' ? null : excludedSegment,
    metrics: metrics.map(({ key, role, margin, plannedEffect }) => ({
      ...{ key, role, margin: shareIn(margin), plannedEffect: shareIn(plannedEffect) || null },
    })),
  };
}

function inPercent(share: number | null): string {
  return share === null ? '' : String(Number((share * 100).toPrecision(6)));
}

/** A percentage as people write it, such as `12,5` or `10 %`, as a share; null for nothing, NaN for what is no number. */
export function shareIn(text: string): number | null {
  const plain = text.replace(/[\s%]/g, '').replace(',', '.');
  return plain === '' ? null : Number(plain) / 100;
}

/** What has to be filled in before the step (the first is 0) is done, as a sentence; `undefined` when nothing is missing. */
export function missingIn(draft: SetupDraft, step: number): string | undefined {
  if (step === 0) {
    if (draft.name.trim() === '') return 'Give the experiment a name.';
    if (draft.key.trim() === '') return 'Give the experiment a key.';
    if (draft.flagKey === '') return 'Choose a flag.';
    if (draft.treatments.length === 0) return 'Choose at least one variation to compare with the control.';
  }
  if (step === 1) {
    if (!draft.metrics.some(({ role }) => role === 'goal')) return 'Choose a metric as the goal: it decides.';
    const wrong = draft.metrics.find(({ role, margin, plannedEffect }) =>
      Number.isNaN(shareIn(role === 'guardrail' ? margin : plannedEffect)),
    );
    if (wrong !== undefined) return `What is said of ${wrong.key} is not a number: write 10 or 2.5.`;
  }
  if (step === 2 && !(draft.plannedUsers >= 100)) return 'Plan for at least 100 users.';
  return undefined;
}
