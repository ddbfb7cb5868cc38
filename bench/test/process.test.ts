import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { ChildFailure } from '../src/process/child.js';
import { inFreshProcess } from '../src/process/job.js';

const JOB = new URL('./support/job.mjs', import.meta.url);

/** Whether a process is still there. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a job in a fresh process', () => {
  it('is done in another process each time, which has ended when the result is there', async () => {
    const pids = [await inFreshProcess('sdk', JOB, 'answer'), await inFreshProcess('sdk', JOB, 'answer')] as number[];
    expect(new Set([...pids, process.pid]).size).toBe(3);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it.each([
    ['throws', 'throw', 'some-sdk failed: Error: it is out of order'],
    ['exits', 'exit', 'some-sdk failed: its process has ended too early (3)'],
    ['is killed', 'kill', 'some-sdk failed: its process has ended too early (SIGKILL)'],
  ])('names whose it is when it %s', async (_, job, problem) => {
    const failure = await inFreshProcess('some-sdk', JOB, job).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ChildFailure);
    expect(String(failure)).toContain(problem);
  });

  it('ends with the process that waits for it, however that ends', async () => {
    const waiting = spawn(process.execPath, [new URL('./support/waiting.mjs', import.meta.url).pathname], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [pid] = (await once(waiting.stdout, 'data')).map(Number);
    expect(isAlive(pid ?? 0)).toBe(true);
    waiting.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid ?? 0)).toBe(false), { timeout: 50_000 });
  });
});
