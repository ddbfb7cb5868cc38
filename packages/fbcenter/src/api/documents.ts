import { list, named, nullable, number, openObject, optional, pair, type Schema, text, time, truth } from './schema.js';

/**
 * Flags and segments as they are sent and as they are answered. Members that are not known are kept, so that none of these objects is
 * closed. Documents are judged in documents/, which knows far more of them than a schema can say.
 */
const Serving = {
  dispatchKey: optional(nullable(text("The attribute that users are divided by; null is the user's key."))),
  includedInExpt: optional(truth()),
  variations: list(
    openObject({
      id: text(),
      rollout: pair(number(), number(), 'The users whose bucket lies in the interval.'),
      exptRollout: optional(number()),
    }),
  ),
};

const Condition = named(
  'Condition',
  openObject({ property: text(), op: optional(nullable(text())), value: optional(nullable(text())) }),
);

const ruleMembers = { id: optional(text()), name: optional(nullable(text())), conditions: list(Condition) };

const Variation = named('Variation', openObject({ id: text(), name: optional(nullable(text())), value: text() }));

const what = {
  description: optional(nullable(text())),
  variationType: text('`boolean`, `string`, `number` or `json`.'),
  variations: list(Variation),
  disabledVariationId: text('What everybody gets while the flag is off.'),
  fallthrough: openObject(Serving, 'What users get who meet no rule.'),
};
const whom = {
  tags: list(text()),
  targetUsers: list(openObject({ variationId: text(), keyIds: list(text()) })),
  rules: list(openObject({ ...ruleMembers, ...Serving })),
};
const served = {
  createdAt: time(),
  updatedAt: time('The same as the version, which is in Unix milliseconds.'),
  envId: text(),
  creatorId: text(),
  updatorId: text(),
};
const Warnings = optional(
  list(openObject({ code: text(), path: text(), message: text() }), 'What is probably not meant as it stands.'),
);
const states = { isEnabled: truth(), isArchived: truth() };

function allOptional<M extends Readonly<Record<string, Schema<unknown>>>>(members: M) {
  return Object.fromEntries(Object.entries(members).map(([name, schema]) => [name, optional(schema)]));
}

const kept = { id: text(), key: text(), name: text(), ...states, ...whom, ...what, ...served };
export const FlagBody = named('Flag', openObject(kept));
export const ChangedFlagBody = named('ChangedFlag', openObject({ ...kept, warnings: Warnings }));
export const FlagInput = named(
  'FlagInput',
  openObject({ ...what, ...allOptional({ key: text(), name: nullable(text()), ...states, ...whom }) }),
);

const members = { included: list(text()), excluded: list(text()), rules: list(openObject(ruleMembers)) };
const keptSegment = {
  id: text(),
  name: text(),
  description: optional(nullable(text())),
  isArchived: truth(),
  ...members,
  ...served,
};
export const SegmentBody = named('Segment', openObject(keptSegment));
export const ChangedSegmentBody = named('ChangedSegment', openObject({ ...keptSegment, warnings: Warnings }));
export const SegmentInput = named(
  'SegmentInput',
  openObject(
    allOptional({
      ...{ id: text(), name: nullable(text()), description: nullable(text()), isArchived: truth() },
      ...members,
    }),
  ),
);
