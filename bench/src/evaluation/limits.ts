import type { EvaluationWorkload } from '../help.js';

/** What bare operations of the platform cost that an evaluation cannot do without. */
export const LIMITS = {
  maps: 'two Map.get',
  md5: 'MD5 of the dispatch input (node:crypto)',
  ownMd5: "MD5 of the dispatch input (fbclient's)",
} as const;

export type Limit = keyof typeof LIMITS;

/** Those that stand beside a workload. */
const LIMITS_OF = { target: ['maps'], rollout: ['md5', 'ownMd5'], segment: ['maps'] } as const;

export type LimitedWorkload = keyof typeof LIMITS_OF;

export function limitsOf(workload: EvaluationWorkload): readonly { limit: Limit; workload: LimitedWorkload }[] {
  return isLimited(workload) ? LIMITS_OF[workload].map((limit) => ({ limit, workload })) : [];
}

function isLimited(workload: EvaluationWorkload): workload is LimitedWorkload {
  return workload in LIMITS_OF;
}
