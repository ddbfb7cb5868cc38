import { FaultList } from './answers.js';
import { FlagInput, SegmentInput } from './documents.js';
import {
  list,
  named,
  nullable,
  object,
  oneOf,
  openObject,
  optional,
  type TypeOf,
  text,
  time,
  truth,
  whole,
} from './schema.js';

/** The flags and segments of an environment as one file. */
export const EnvironmentFileBody = named(
  'EnvironmentFile',
  openObject({
    format: oneOf(['fbcenter-environment']),
    formatVersion: whole(undefined, { const: 1 }),
    exportedAt: optional(time()),
    environment: optional(openObject({ key: text(), name: text() })),
    segments: optional(list(SegmentInput)),
    flags: optional(list(FlagInput)),
  }),
);

/** What an import or a promotion would do, or has done. */
export const TransferBody = named(
  'Transfer',
  object({
    dryRun: truth('Nothing was done.'),
    plan: text('Send it as `plan` to have exactly this done, or nothing.'),
    group: nullable(text('What the entries of the audit log have in common; null when nothing was done.')),
    counts: object({ created: whole(), changed: whole(), same: whole(), faulty: whole() }),
    items: list(
      object({
        kind: oneOf(['flag', 'segment']),
        key: text(),
        path: text('Where it stands in the file, such as `flags[3]`.'),
        outcome: oneOf(['created', 'changed', 'same', 'faulty']),
        fields: list(text(), 'The parts that are different.'),
        isEnabled: nullable(truth('What the switch of a flag becomes, when that is a change; null otherwise.')),
        faults: FaultList,
        warnings: FaultList,
        version: nullable(whole('That it has now; null when it was not written.')),
      }),
    ),
  }),
);
export type TransferBody = TypeOf<typeof TransferBody>;

export const PromotionInput = named(
  'Promotion',
  object({
    from: text('The key of the environment that they come from.'),
    flags: list(text(), 'Their keys.'),
    withSwitch: optional(
      truth('Take over whether they are on; otherwise they stay as they are, and new ones begin off.'),
    ),
    withSegments: optional(truth('Take the segments along that they ask about; true unless given.')),
  }),
);
