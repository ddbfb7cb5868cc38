import { readFileSync } from 'node:fs';
import type { Usage } from './messages.js';

/** Linux counts processor time for others in hundredths of a second, whatever the kernel's own clock. */
const TICK = 10_000;

/** What any process of this machine has taken so far. @throws where the system does not say. */
export function usageOf(pid: number): Usage {
  return readUsage(readFileSync(`/proc/${pid}/stat`, 'utf8'), readFileSync(`/proc/${pid}/status`, 'utf8'));
}

/**
 * Reads what the kernel says of a process.
 *
 * @param stat of `/proc/PID/stat`: numbers behind the name, which may have spaces and parentheses of its own.
 * @param status of `/proc/PID/status`.
 */
export function readUsage(stat: string, status: string): Usage {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // proc(5): the 14th and 15th of all, where the first here is the third.
  const ticks = Number(fields[11]) + Number(fields[12]);
  const kibibytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  if (!Number.isFinite(ticks) || !Number.isFinite(kibibytes))
    throw new Error('the system does not say what a process takes');
  return { cpu: ticks * TICK, rss: kibibytes * 1024 };
}
