/**
 * The wire documents of FeatBit as this suite writes them, and users in the suite's own neutral form.
 * Nothing here comes from an SDK.
 */

export interface Variation {
  id: string;
  value: string;
  name?: string;
}

export interface RolloutVariation {
  id: string;
  rollout: [number, number];
  exptRollout: number;
}

export interface Condition {
  property: string;
  op: string | null;
  value: string | null;
}

export interface FlagRule {
  id: string;
  name: string;
  dispatchKey?: string | null;
  includedInExpt: boolean;
  conditions: Condition[];
  variations: RolloutVariation[];
}

export interface Fallthrough {
  dispatchKey?: string | null;
  includedInExpt: boolean;
  variations: RolloutVariation[];
}

export interface TargetUsers {
  keyIds: string[];
  variationId: string;
}

export interface Flag {
  id: string;
  envId: string;
  key: string;
  name: string;
  variationType: 'boolean' | 'string' | 'number' | 'json';
  variations: Variation[];
  targetUsers: TargetUsers[];
  rules: FlagRule[];
  isEnabled: boolean;
  disabledVariationId: string;
  fallthrough: Fallthrough;
  exptIncludeAllTargets: boolean;
  tags: string[];
  isArchived: boolean;
  createdAt: string;
  updatedAt: string;
}

export interface SegmentRule {
  id: string;
  name: string;
  conditions: Condition[];
}

export interface Segment {
  id: string;
  envId: string;
  name: string;
  included: string[];
  excluded: string[];
  rules: SegmentRule[];
  isArchived: boolean;
  updatedAt: string;
}

export interface Environment {
  flags: readonly Flag[];
  segments: readonly Segment[];
}

/** A user as fixtures write it: custom attributes apart from key and name, so that no language has to merge them. */
export interface User {
  key: string;
  name?: string;
  custom?: Record<string, string | number | boolean | null>;
}

/** What an application asks a flag for. */
export type RequestedType = 'string' | 'boolean' | 'number' | 'json';

export type Reason = 'Off' | 'TargetMatch' | 'RuleMatch' | 'Fallthrough' | 'ClientNotReady' | 'WrongType' | 'Error';
