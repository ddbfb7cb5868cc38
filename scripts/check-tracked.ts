/** Refuses tracked files (and new ones that are not ignored) that hold a machine path, a registry or an open note. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, ROOT } from './run.js';
import { trackedFaults } from './tracked-faults.js';

/** The two files that have to spell the patterns out. */
const SPELLED_OUT = new Set(['scripts/tracked-faults.ts', 'scripts/test/tracked-faults.test.ts']);

let count = 0;
const listed = mustRun('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']).split('\0');
for (const file of listed) {
  const path = join(ROOT, file);
  // The list ends in an empty name, and a deleted file stays listed until the deletion is committed.
  if (SPELLED_OUT.has(file) || !statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
  const content = readFileSync(path, 'utf8');
  if (content.includes('\0')) continue;
  for (const { line, fault, text } of trackedFaults(content)) {
    count += 1;
    console.error(`${file}:${line}: ${fault}: ${text.slice(0, 120)}`);
  }
}
if (count > 0) {
  console.error(
    `\n${count} line(s) that must not be committed: use relative paths or os.tmpdir(), and name no registry.`,
  );
  process.exitCode = 1;
}
