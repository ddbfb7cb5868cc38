import type { Capability } from '../driver/protocol.js';
import type { Trial } from './trial.js';

/** What the suite tells of a case. */
export interface CaseInfo {
  id: string;
  group: string;
  /** The rule of rules.json that the case checks. */
  rule: string;
  description: string;
  /** Why and how long the case must let time pass, where it must. */
  waits?: string;
}

/** A case that runs by itself. */
export interface SuiteCase extends CaseInfo {
  needs: readonly Capability[];
  /** Throws a finding where the SDK does not keep the rule. */
  run(trial: Trial): Promise<void>;
}

/** The outcome of one case: nothing where it passed. */
export type Finding = Error | undefined;

/** One or more cases that run together on one client. */
export interface Job {
  cases: CaseInfo[];
  /**
   * Runs the cases; a case without a finding has passed.
   *
   * @throws where none of the cases could be judged.
   */
  run(trial: Trial): Promise<Map<string, Finding>>;
  /** Smaller jobs for the same cases, for when they cannot be judged together; absent where it is one case. */
  split?: () => Job[];
}

export function jobOf(suiteCase: SuiteCase): Job {
  return {
    cases: [suiteCase],
    async run(trial) {
      trial.needs(...suiteCase.needs);
      await suiteCase.run(trial);
      return new Map();
    },
  };
}
