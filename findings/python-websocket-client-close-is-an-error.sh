#!/usr/bin/env bash
# websocket-client (PyPI), `WebSocketApp`: up to 1.8.0 a close frame of the server is reported to `on_close`, with its code. From 1.9.0 on
# `on_error` gets it first, as the frame itself and not as an exception, also for an ordinary close with 1000, and `on_close` is called without a
# code. A program that takes errors for passing and some closes for final (as SDKs do that reconnect after an error and end at 4003) changes its
# mind with a minor version of a dependency: it is refused for good, and comes back, for ever.
#
# Seen: 1.8.0 calls on_close with the code; 1.9.0 calls on_error with a frame (ABNF), then on_close with None; both for 1000 and for 4003.
# Ends with 1 when that is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > closes.py <<'PY'
import base64
import hashlib
import socket
import struct
import threading

import websocket

KEY_END = b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'


def serve(listening, code):
    peer, _ = listening.accept()
    head = b''
    while b'\r\n\r\n' not in head:
        head += peer.recv(4096)
    key = next(line.split(b':')[1].strip() for line in head.split(b'\r\n') if line.lower().startswith(b'sec-websocket-key'))
    accept = base64.b64encode(hashlib.sha1(key + KEY_END).digest())
    peer.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ' + accept + b'\r\n\r\n')
    peer.sendall(b'\x88\x02' + struct.pack('!H', code))
    peer.recv(4096)
    peer.close()


for code in [1000, 4003]:
    listening = socket.create_server(('127.0.0.1', 0))
    threading.Thread(target=serve, args=(listening, code), daemon=True).start()
    seen = []
    app = websocket.WebSocketApp(
        f'ws://127.0.0.1:{listening.getsockname()[1]}/',
        on_error=lambda _, error: seen.append(f'error {type(error).__name__}'),
        on_close=lambda _, status, __: seen.append(f'close {status}'),
    )
    app.run_forever()
    print(f'{websocket.__version__}, {code}: {", ".join(seen)}')
PY
python3 -m venv python
output=''
for version in 1.8.0 1.9.0; do
  python/bin/pip install --quiet "websocket-client==$version"
  output+=$(python/bin/python closes.py 2> /dev/null)$'\n'
done
printf '%s' "$output"
[ "$output" = $'1.8.0, 1000: close 1000\n1.8.0, 4003: close 4003\n1.9.0, 1000: error ABNF, close None\n1.9.0, 4003: error ABNF, close None\n' ] ||
  { echo 'This has changed.'; exit 1; }
