import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** The demo as `npm start` runs it, with what it has printed. */
class Demo {
  readonly #process: ChildProcess;
  #printed = '';
  #onPrinted: () => void = () => {};

  constructor(folder: string) {
    const args = ['--conditions=fbclient-source', '--import=tsx', MAIN, '--port', '0', '--data', folder];
    this.#process = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#printed += text;
      this.#onPrinted();
    });
  }

  /** What a pattern finds in what was printed from a position on; waits for it. */
  async printed(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#printed.slice(from));
      if (found !== null) return found;
      if (this.#process.exitCode !== null) throw new Error(`the demo has ended: ${this.#printed}`);
      await new Promise<void>((resolve) => {
        this.#onPrinted = resolve;
      });
    }
  }

  get length(): number {
    return this.#printed.length;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await exited;
  }
}

describe('npm start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fbcenter-demo-'));
  let demo: Demo;
  let url = '';
  let token = '';
  const call = async (method: string, path: string) => {
    const response = await fetch(`${url}/api/v1/environments/demo${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(200);
    return (await response.json()) as { readonly items: readonly { readonly key: string; readonly count: number }[] };
  };

  beforeAll(async () => {
    demo = new Demo(folder);
    [, url = ''] = await demo.printed(/flag center {3}(\S+)/);
    [, token = ''] = await demo.printed(/Bearer (\S+)"/);
    await demo.printed(/shop {10}ready/);
  }, 60_000);
  afterAll(async () => {
    await demo.stop();
    rmSync(folder, { recursive: true });
  });

  it('prints a toggle in the shop’s terminal soon after it was made', async () => {
    for (const isEnabled of [false, true]) {
      const from = demo.length;
      const begin = performance.now();
      await call('POST', '/flags/new-checkout/toggle');
      const [line] = await demo.printed(/changed {2}new-checkout → .*ms from commit to listener\)/, from);
      const took = Math.round(performance.now() - begin);
      console.info(`toggled ${isEnabled ? 'on' : 'off'}, printed after ${took} ms: ${line}`);
      expect(line).toMatch(isEnabled ? /true \d+ %/ : /false 100 %/);
    }
  });

  it('moves the evaluations that the page shows', async () => {
    const counted = async () => (await call('GET', '/usage')).items.find(({ key }) => key === 'shop-theme')?.count ?? 0;
    await expect.poll(counted, { timeout: 20_000 }).toBeGreaterThan(0);
    const before = await counted();
    await expect.poll(counted, { timeout: 20_000 }).toBeGreaterThan(before);
  });
});
