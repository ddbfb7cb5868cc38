import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from './commands.js';

let stopping: AbortController | undefined;

/** Not before there is something to end in order: until then Ctrl-C ends the process at once, as does a second one. */
function listenForStop(): AbortController {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller;
}

process.exitCode = await runCommand({
  args: process.argv.slice(2),
  variables: process.env,
  readFile: (path) => readFileSync(path, 'utf8'),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  pause: (milliseconds) => {
    stopping ??= listenForStop();
    return sleep(milliseconds, true, { signal: stopping.signal }).catch(() => false);
  },
});
