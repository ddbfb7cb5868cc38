#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { runCommand } from './commands.js';
import { keepHeapSmall } from './small-heap.js';
import { stopRequested } from './stop-requested.js';

// Read first: once the command has said that it runs, its parent may be gone.
const parent = process.ppid;

keepHeapSmall();
process.exitCode = await runCommand({
  args: process.argv.slice(2),
  variables: process.env,
  readFile: (path) => readFileSync(path, 'utf8'),
  isTerminal: process.stdout.isTTY === true,
  columns: process.stdout.columns,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  stopRequested: () => stopRequested(process, parent),
  onHangUp: (listener) => void process.on('SIGHUP', listener),
});
