import type { FlagDocument } from 'fbclient/core';
import type { ExperimentSettings, MetricDefinition, Plan } from '../model/experiment.js';
import { flagFingerprints, segmentFingerprint, segmentsIn } from './fingerprints.js';
import { expectedShares, feedsOf } from './flag-shares.js';

/** A flag with what it takes to notice that it was changed. */
export interface FlagAtHand {
  readonly document: FlagDocument;
  readonly version: number;
  /** The texts of the segments that it asks about, by their ids. */
  readonly segments: ReadonlyMap<string, string>;
}

/** What is frozen when an iteration begins. */
export function planOf(settings: ExperimentSettings, flag: FlagAtHand, metrics: readonly MetricDefinition[]): Plan {
  const {
    flagKey,
    control,
    treatments,
    method,
    alpha,
    power,
    plannedUsers,
    excludedSegment,
    covariateDays = null,
  } = settings;
  const compared = [control, ...treatments];
  const feeds = feedsOf(flag.document).filter(({ shares }) => compared.some((id) => shares.has(id)));
  const shares = expectedShares(feeds, compared);
  return {
    ...{ flagKey, method, alpha, power, plannedUsers, excludedSegment, covariateDays },
    flagVersion: flag.version,
    variations: compared.map((id, at) => ({
      id,
      value: flag.document.variations.find((variation) => variation.id === id)?.value ?? '',
      weight: shares?.[at] ?? null,
    })),
    metrics: settings.metrics.flatMap((use) => {
      const definition = metrics.find(({ key }) => key === use.key);
      return definition === undefined ? [] : [{ ...use, definition }];
    }),
    fingerprints: fingerprintsOf(flag),
  };
}

/** A digest of each part of a flag, and of each segment that it asks about. */
export function fingerprintsOf({ document, segments }: FlagAtHand): Readonly<Record<string, string>> {
  const ofSegments = segmentsIn(document).map((id) => segmentFingerprint(id, segments.get(id) ?? '{}'));
  return { ...flagFingerprints(document), ...Object.fromEntries(ofSegments) };
}
