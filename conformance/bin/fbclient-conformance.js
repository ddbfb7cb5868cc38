#!/usr/bin/env node
// Committed, not built: npm links a command only if its file is there when it installs.
import { main } from '../dist/esm/cli.js';

process.exitCode = await main(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
