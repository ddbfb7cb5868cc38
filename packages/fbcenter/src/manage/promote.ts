import type { EnvironmentListBody } from '../api/answers.js';
import type { TransferBody } from '../api/transfer.js';
import { promotedItems } from '../documents/promotion.js';
import { type ApplyPlan, noSuchEnvironment, planOf, refuseOther } from './apply.js';
import { compare, placed } from './comparison.js';
import { changedMeanwhile, exported } from './environment-change.js';
import { inEnvironment, type Management, RefusedError } from './management.js';
import { itemsOf, storedOf } from './wanted.js';

export interface PromoteOptions {
  readonly from: string;
  readonly to: string;
  /** The keys of the flags. */
  readonly flags: readonly string[];
  readonly withSwitch: boolean;
  readonly withSegments: boolean;
  readonly dryRun: boolean;
  /** What an earlier dry run has called its plan. */
  readonly expected?: string | undefined;
  /** Receives what is about to be done. */
  show(plan: ApplyPlan): void;
}

/** Carries flags to another environment, all or none. @throws CenterError when that cannot be done, or something has changed meanwhile. */
export async function promote(management: Management, options: PromoteOptions): Promise<ApplyPlan> {
  const { from, to, flags, withSwitch, withSegments, dryRun, expected, show } = options;
  const { items: environments } = await management.call<EnvironmentListBody>('/environments');
  for (const key of [from, to]) {
    if (!environments.some((one) => one.key === key)) throw noSuchEnvironment(key, environments);
  }
  const body = { from, flags, withSwitch, withSegments };
  const send = (query: Readonly<Record<string, string>>) =>
    management.call<TransferBody>(inEnvironment(to, `/promote?${new URLSearchParams(query)}`), {
      method: 'POST',
      body,
    });
  // The center's own plan comes first: what is read afterwards cannot be older than what it stands for.
  const planned = await send({ dryRun: 'true' });
  const source = storedOf(await exported(management, from));
  const documents = promotedItems(source, flags, withSegments).map(({ kind, input }) => ({
    kind,
    input,
    place: () => `environment ${from}`,
  }));
  const { changes, same } = await compare(documents, storedOf(await exported(management, to)), { withSwitch });
  const items = itemsOf(documents);
  const faults = planned.items.flatMap((one) => {
    const item = items.find(({ path }) => path === one.path);
    return one.faults.map((fault) => placed(fault, item));
  });
  const change = { key: to, isNew: false, description: {}, changes, same, faults, digest: planned.plan, documents };
  const plan = planOf([change]);
  show(plan);
  refuseOther(plan, expected);
  if (dryRun || !plan.isDifferent) return plan;
  await send({ plan: planned.plan }).catch((error: unknown) => {
    throw error instanceof RefusedError && error.reason === 'version-mismatch' ? changedMeanwhile(to) : error;
  });
  return plan;
}
