import type { Reporter, TestCase } from 'vitest/node';

/** What is used of a test. */
export interface TriedTest extends Pick<TestCase, 'diagnostic' | 'fullName' | 'result'> {
  readonly module: Pick<TestCase['module'], 'relativeModuleId'>;
}

/**
 * Says at the end which tests held only when they were tried again. Such a test is a fault, of the test or of the page: it is to
 * be mended before it fails twice in a row on somebody's machine.
 */
export class RetriedReporter implements Reporter {
  readonly #retried: string[] = [];
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void = console.error) {
    this.#write = write;
  }

  onTestCaseResult(test: TriedTest): void {
    if (test.diagnostic()?.flaky !== true) return;
    const [error] = test.result().errors ?? [];
    const [reason = 'no reason given'] = error?.message.split('\n') ?? [];
    this.#retried.push(`${test.module.relativeModuleId}: ${test.fullName}: ${reason}`);
  }

  onTestRunEnd(): void {
    for (const test of this.#retried) this.#write(`FAULT: held only when tried again, look for the cause: ${test}`);
  }
}
