#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { runCommand } from './commands.js';

process.exitCode = await runCommand({
  args: process.argv.slice(2),
  variables: process.env,
  readFile: (path) => readFileSync(path, 'utf8'),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  // A second signal of the same kind finds no listener and ends the process at once.
  stopRequested: () =>
    new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => resolve());
    }),
});
