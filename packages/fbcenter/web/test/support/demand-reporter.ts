import type { Reporter, TestCase } from 'vitest/node';
import { demandLines } from './demands.js';

/** What is used of a test. */
export type HoldingTest = Pick<TestCase, 'meta' | 'result'>;

/** Prints at the end what the page is held to, with what the tests have found. */
export class DemandReporter implements Reporter {
  readonly #found = new Map<string, string>();
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void = console.log) {
    this.#write = write;
  }

  onTestCaseResult(test: HoldingTest): void {
    const isHeld = test.result().state === 'passed';
    for (const [id, measured] of Object.entries(test.meta().demands ?? {}))
      if (this.#found.get(id)?.startsWith('NOT HELD') !== true)
        this.#found.set(id, isHeld ? measured : `NOT HELD (${measured})`);
  }

  onTestRunEnd(): void {
    if (this.#found.size > 0)
      this.#write(['', 'What the page is held to:', ...demandLines(this.#found), ''].join('\n'));
  }
}
