import type { EvaluationSeries, EvaluationStages } from '../evaluation/hooked-evaluator.js';
import type { EvaluationResult } from '../evaluation/result.js';
import type { FBUser } from '../evaluation/types.js';
import { contain, errorName } from '../runtime/contain.js';
import type { Log } from '../runtime/log.js';
import type { Hook, Stage } from './hook.js';

/** What the hooks have returned before an evaluation, in their order; `undefined` when they were not called. */
type Data = readonly unknown[] | undefined;

/** The hooks of a client, called in their order before an evaluation, in reverse order after it. */
export class HookChain implements EvaluationStages {
  readonly #hooks: readonly Hook[];
  readonly #log: Pick<Log, 'write'>;
  readonly #reported = new Set<string>();
  /** Whether a hook is being called. Without this, a hook that evaluates a flag would call itself for ever. */
  #busy = false;

  constructor(hooks: readonly Hook[], log: Pick<Log, 'write'>) {
    this.#hooks = hooks;
    this.#log = log;
  }

  before(series: EvaluationSeries): Data {
    if (this.#busy) return undefined;
    return this.#hooks.map((hook, index) =>
      this.#call(index, 'beforeEvaluation', () => hook.beforeEvaluation?.(series)),
    );
  }

  after(series: EvaluationSeries, result: EvaluationResult, data: Data): void {
    if (data === undefined) return;
    this.#backwards('afterEvaluation', (hook, index) => hook.afterEvaluation?.(series, result, data[index]));
  }

  tracked(user: FBUser, eventName: string, value: number): void {
    if (this.#busy) return;
    this.#backwards('afterTrack', (hook) => hook.afterTrack?.(user, eventName, value));
  }

  trackedAll(user: FBUser, metrics: Readonly<Record<string, number>>): void {
    // What the application passed may be no object at all, or one that throws when it is read; then nothing was tracked.
    contain(() => {
      for (const [eventName, value] of Object.entries(metrics)) this.tracked(user, eventName, value);
    });
  }

  #backwards(stage: Stage, call: (hook: Hook, index: number) => unknown): void {
    for (let index = this.#hooks.length - 1; index >= 0; index--) {
      const hook = this.#hooks[index] as Hook;
      this.#call(index, stage, () => call(hook, index));
    }
  }

  #call(index: number, stage: Stage, call: () => unknown): unknown {
    let returned: unknown;
    this.#busy = true;
    contain(
      () => {
        returned = call();
        return returned;
      },
      (error) => this.#failed(index, stage, error),
    );
    this.#busy = false;
    return returned;
  }

  #failed(index: number, stage: Stage, error: unknown): void {
    const place = `${index} ${stage}`;
    if (this.#reported.has(place)) return;
    this.#reported.add(place);
    const hook = this.#hooks[index]?.name ?? '';
    const message = `${stage} of the hook "${hook}" failed with ${errorName(error)}; it is called again, but not reported`;
    this.#log.write('error', 'hook-failed', message, { hook, stage });
  }
}
