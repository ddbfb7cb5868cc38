import { BUCKET_UNITS } from '../model/buckets.js';
import { list, named, object, oneOf, optional, type TypeOf, text, time, truth, whole } from './schema.js';

export const FlagUsageBody = named(
  'FlagUsage',
  object({
    key: text(),
    count: whole('Evaluations since they are counted.'),
    lastAt: time('The last one.'),
    hours: optional(
      list(
        whole(),
        'Evaluations in each of the last 24 hours, the current one at the end; absent when there was none.',
      ),
    ),
  }),
);
export type FlagUsageBody = TypeOf<typeof FlagUsageBody>;

const UnknownFlagBody = object({
  key: text(),
  count: whole('How often it was asked for since the center started.'),
  lastAt: time(),
});

/** How flags of an environment were used; those that were never evaluated are left out. */
export const UsageBody = named(
  'Usage',
  object({
    items: list(FlagUsageBody),
    unknown: list(UnknownFlagBody, 'Keys that server SDKs ask for and that no flag has, the latest first.'),
  }),
);
export type UsageBody = TypeOf<typeof UsageBody>;

/** The data of an event `usage`. */
export const UsageEventBody = named(
  'UsageEvent',
  object({
    items: list(FlagUsageBody, 'Flags that were evaluated since the event before.'),
    isPartial: truth('There is more than an event takes, or everything has changed: read all of it again.'),
  }),
);
export type UsageEventBody = TypeOf<typeof UsageEventBody>;

/** Evaluations of a flag over time. */
export const EvaluationsBody = named(
  'Evaluations',
  object({
    bucket: oneOf(BUCKET_UNITS),
    from: time('When the first bucket begins.'),
    length: whole('How long each is, in milliseconds.'),
    variations: list(
      object({ id: text(), counts: list(whole(), 'Evaluations in every bucket, the present one at the end.') }),
      'The variations that were served.',
    ),
  }),
);
export type EvaluationsBody = TypeOf<typeof EvaluationsBody>;
