/** What a list shows of a flag, and what it is searched by. */
export interface FlagSummary {
  readonly key: string;
  readonly name: string;
  /** Absent when it is empty. */
  readonly description?: string;
  readonly tags: readonly string[];
  readonly variationType: string;
  readonly isEnabled: boolean;
  readonly isArchived: boolean;
  /** The version of the document, for `If-Match`; also the time of the last change, in Unix milliseconds. */
  readonly version: number;
  /** Who changed it last. */
  readonly updatedBy?: string;
  /** Those that `serving` and `disabledVariationId` name; the values of a JSON flag are left out, long texts cut. */
  readonly variations: readonly VariationSummary[];
  /** What users get who meet no rule while it is on: ids of variations with their shares from 0 to 1. */
  readonly serving: readonly (readonly [id: string, share: number])[];
  readonly disabledVariationId: string;
  /** How many rules it has, and how many users by name. */
  readonly rules: number;
  readonly targets: number;
  /** Ids of the segments that its rules ask about. */
  readonly segments: readonly string[];
  /** Attributes that its rules ask about, and the values that they are compared with; of very many the first. */
  readonly attributes: readonly string[];
  readonly values: readonly string[];
}

export interface VariationSummary {
  readonly id: string;
  readonly name?: string;
  readonly value?: string;
}

/** Every flag of an environment, archived ones too, by key. */
export interface FlagSummariesBody {
  /** The environment's version that they are of; whether they are still the same says the entity tag. */
  readonly version: number;
  readonly items: readonly FlagSummary[];
}
