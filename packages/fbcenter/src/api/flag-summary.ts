import { list, named, number, object, optional, pair, type TypeOf, text, truth, whole } from './schema.js';

export const VariationSummary = object({ id: text(), name: optional(text()), value: optional(text()) });
export type VariationSummary = TypeOf<typeof VariationSummary>;

/** What a list shows of a flag, and what it is searched by. */
export const FlagSummary = named(
  'FlagSummary',
  object({
    key: text(),
    name: text(),
    description: optional(text()),
    tags: list(text()),
    variationType: text(),
    isEnabled: truth(),
    isArchived: truth(),
    version: whole('Of the document, for `If-Match`; also the time of the last change, in Unix milliseconds.'),
    updatedBy: optional(text('Who changed it last.')),
    variations: list(
      VariationSummary,
      'Those that `serving` and `disabledVariationId` name; values of a JSON flag are left out, long texts cut.',
    ),
    serving: list(
      pair(text(), number()),
      'What users get who meet no rule while it is on: ids of variations with their shares from 0 to 1.',
    ),
    disabledVariationId: text(),
    rules: whole('How many it has.'),
    targets: whole('How many users it names.'),
    segments: list(text(), 'Ids of the segments that its rules ask about.'),
    attributes: list(text(), 'Those that its rules ask about.'),
    values: list(text(), 'What they are compared with; of very many the first.'),
  }),
);
export type FlagSummary = TypeOf<typeof FlagSummary>;

/** Every flag of an environment, archived ones too, by key. */
export const FlagSummariesBody = object({
  version: whole("The environment's version that they are of; whether they are still the same says the entity tag."),
  items: list(FlagSummary),
});
export type FlagSummariesBody = TypeOf<typeof FlagSummariesBody>;
