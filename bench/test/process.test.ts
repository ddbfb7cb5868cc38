import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
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

  it.each(['hang', 'late'])('ends with the process that waits for it, and without a complaint: %s', async (end) => {
    const file = fileURLToPath(new URL('./support/waiting.mjs', import.meta.url));
    const waiting = spawn(process.execPath, [file, end], { stdio: ['ignore', 'pipe', 'pipe'] });
    let complaint = '';
    waiting.stderr.on('data', (text) => {
      complaint += text;
    });
    const [pid] = (await once(waiting.stdout, 'data')).map(Number);
    expect(isAlive(pid ?? 0)).toBe(true);
    waiting.kill('SIGKILL');
    // It closes when the pipes end, and they end with the last process that has them.
    await once(waiting, 'close');
    expect(complaint).toBe('');
  });
});
