#!/usr/bin/env bash
# Node.js 20.20, also 22 and 24: what `child.send()` sends before the child listens for messages is kept for a forked process and lost for a
# worker of a cluster, which is a forked process as well. `process` there has a listener from the beginning, which passes messages on to
# `cluster.worker`, and with a listener there is nothing to wait for. A primary that says "end" while a worker still loads its modules waits for
# ever for its exit.
#
# Seen: a message that is sent at once to a child that listens after 200 ms: forked: heard; cluster: lost.
# Ends with 1 when that is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > child.cjs <<'JS'
setTimeout(() => {
  process.on('message', () => process.exit(7));
  setTimeout(() => process.exit(8), 1_000);
}, 200);
JS
cat > parent.cjs <<'JS'
const cluster = require('node:cluster');
const { fork } = require('node:child_process');
cluster.setupPrimary({ exec: 'child.cjs' });
const names = { 7: 'heard', 8: 'lost' };
const forked = fork('./child.cjs');
forked.send('end');
forked.on('exit', (code) => {
  const worker = cluster.fork();
  worker.send('end');
  worker.on('exit', (other) => console.log(`forked: ${names[code]}; cluster: ${names[other]}`));
});
JS
output=$(node parent.cjs)
echo "Node.js $(node --version): $output"
[ "$output" = 'forked: heard; cluster: lost' ] || { echo 'This has changed.'; exit 1; }
