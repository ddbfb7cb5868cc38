import { DriverError, DriverProcess } from '../driver/driver-process.js';
import type { Hello } from '../driver/protocol.js';
import type { CaseInfo, Job } from './case.js';
import { isFinding, REPLY_MS, SkipError, Trial } from './trial.js';

type Outcome = 'passed' | 'failed' | 'skipped';

export interface CaseResult extends CaseInfo {
  outcome: Outcome;
  /** What was expected and seen, or why the case was skipped. */
  message?: string;
  milliseconds: number;
}

export interface Run {
  hello: Hello;
  results: CaseResult[];
  milliseconds: number;
}

export interface RunOptions {
  /** The command that starts a driver. */
  command: string;
  jobs: readonly Job[];
  /** How many drivers run beside each other. */
  parallel: number;
  /** How long a driver may take to answer, in milliseconds. @default 10_000 */
  replyMs?: number;
  /** Starts no further job once a case has failed. @default false */
  untilFailure?: boolean;
}

/** No case takes longer, the ones that wait included. */
const JOB_TIMEOUT_MS = 90_000;

/**
 * Runs jobs on several drivers beside each other, one job at a time on each. A driver that dies or hangs is replaced, and
 * a job of many cases that it took with it is split until the case that did it is alone.
 */
export async function runSuite({
  command,
  jobs,
  parallel,
  replyMs = REPLY_MS,
  untilFailure = false,
}: RunOptions): Promise<Run> {
  const start = Date.now();
  // Also shows at once whether there is a driver at all.
  const first = await DriverProcess.start(command);
  const queue = [...jobs];
  const results: CaseResult[] = [];
  const tell = (result: CaseResult): void => {
    results.push(result);
    if (untilFailure && result.outcome === 'failed') queue.length = 0;
  };
  const workers = Array.from({ length: Math.max(Math.min(parallel, jobs.length), 1) }, (_, index) =>
    new Worker(command, replyMs, index === 0 ? first : undefined).work(queue, tell),
  );
  await Promise.all(workers);
  return { hello: first.hello, results, milliseconds: Date.now() - start };
}

class Worker {
  readonly #command: string;
  readonly #replyMs: number;
  #running: { driver: DriverProcess; hello: Hello } | undefined;
  #endings: Promise<void>[] = [];

  constructor(command: string, replyMs: number, running: { driver: DriverProcess; hello: Hello } | undefined) {
    this.#command = command;
    this.#replyMs = replyMs;
    this.#running = running;
  }

  async work(queue: Job[], tell: (result: CaseResult) => void): Promise<void> {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const more = await this.#run(job, tell);
      queue.unshift(...more);
    }
    await this.#dismiss();
  }

  /** Runs one job and tells its results, or returns the smaller jobs to run in its place. */
  async #run(job: Job, tell: (result: CaseResult) => void): Promise<Job[]> {
    const start = Date.now();
    const isFresh = this.#running === undefined;
    const { driver, hello } = await this.#driver();
    const trial = new Trial(driver, hello, this.#replyMs);
    let error: unknown;
    try {
      // What the case waits for does not come any more when the driver is gone.
      const findings = await inTime(Promise.race([job.run(trial), driver.death]));
      for (const info of job.cases) tell(resultOf(info, findings.get(info.id), start));
    } catch (caught) {
      error = caught;
    }
    const stuck = error instanceof DriverError && error.fault === 'timeout';
    if (stuck || !driver.alive) {
      this.#running = undefined;
      await driver.kill();
    }
    const { ended } = await trial.end();
    this.#endings.push(ended);
    if (error === undefined) return [];
    if (!isFinding(error) && !(error instanceof SkipError)) throw error;
    if (job.split !== undefined && !(error instanceof SkipError)) return job.split();
    // What a former case left behind must not be taken for this one's fault.
    if (!driver.alive && !isFresh) return [job];
    for (const info of job.cases) tell(resultOf(info, error as Error, start));
    return [];
  }

  async #driver(): Promise<{ driver: DriverProcess; hello: Hello }> {
    this.#running ??= await DriverProcess.start(this.#command);
    return this.#running;
  }

  async #dismiss(): Promise<void> {
    await Promise.all(this.#endings);
    await this.#running?.driver.stop();
  }
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new DriverError('timeout', `the case did not end within ${JOB_TIMEOUT_MS / 1000} s`));
    }, JOB_TIMEOUT_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function resultOf(info: CaseInfo, finding: Error | undefined, start: number): CaseResult {
  const { id, group, rule, description, waits } = info;
  const told = { id, group, rule, description, ...(waits === undefined ? {} : { waits }) };
  const milliseconds = Date.now() - start;
  if (finding === undefined) return { ...told, outcome: 'passed', milliseconds };
  if (finding instanceof SkipError) return { ...told, outcome: 'skipped', message: finding.message, milliseconds };
  if (finding instanceof DriverError && finding.fault === 'not-offered') {
    return { ...told, outcome: 'skipped', message: `not offered: ${finding.message}`, milliseconds };
  }
  return { ...told, outcome: 'failed', message: messageOf(finding), milliseconds };
}

function messageOf(finding: Error): string {
  if (finding instanceof DriverError && finding.fault === 'threw') return `the SDK threw: ${finding.message}`;
  return finding.message;
}
