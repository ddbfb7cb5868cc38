#!/usr/bin/env node
// Committed, not built: npm links a command only if its file is there when it installs.
import '../dist/esm/cli/main.js';
