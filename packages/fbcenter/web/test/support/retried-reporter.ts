import type { Reporter, TestCase } from 'vitest/node';

/**
 * Says at the end which tests held only when they were tried again. Such a test is a fault, of the test or of the page: it is to
 * be mended before it fails twice in a row on somebody's machine.
 */
export class RetriedReporter implements Reporter {
  readonly #retried: string[] = [];
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void = console.error) {
    this.#write = write;
  }

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky !== true) return;
    const [error] = test.result().errors ?? [];
    this.#retried.push(
      `  ${test.module.relativeModuleId}: ${test.fullName}\n    ${error?.message ?? 'no reason given'}`,
    );
  }

  onTestRunEnd(): void {
    if (this.#retried.length === 0) return;
    this.#write(
      ['FAULT: held only when tried again; look for the cause, it will fail some day:', ...this.#retried].join('\n'),
    );
  }
}
