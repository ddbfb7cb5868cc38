#!/usr/bin/env bash
# fb-python-sdk 1.2.0 (PyPI): only the status 200 means to it that events were taken. A gateway or collector that answers 202 Accepted or
# 204 No Content, as many do for what needs no body, is sent every batch a second time, without a line in the log: each evaluation and metric
# counts twice. FeatBit's own server answers 200, so that it shows only behind something else.
#
# Seen: a batch is posted once when it is answered with 200, twice with 201, 202 or 204.
# Ends with 1 when that is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet fb-python-sdk==1.2.0
cat > send.py <<'PY'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from fbclient.config import Config
from fbclient.utils.http_client import DefaultSender

posts = 0


class Collector(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        global posts
        posts += 1
        self.rfile.read(int(self.headers['content-length']))
        self.send_response(int(self.path[1:]))
        if self.path != '/204':
            self.send_header('content-length', '0')
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(('127.0.0.1', 0), Collector)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f'http://127.0.0.1:{server.server_port}'
sender = DefaultSender('events', Config('env-secret', event_url=url, streaming_url='ws://127.0.0.1:1'))
for status in [200, 201, 202, 204]:
    posts = 0
    sender.postJson(f'{url}/{status}', '[]', fetch_response=False)
    print(f'{status}: {posts}')
sender.stop()
server.shutdown()
PY
output=$(python/bin/python send.py)
echo "$output"
[ "$output" = $'200: 1\n201: 2\n202: 2\n204: 2' ] || { echo 'This has changed.'; exit 1; }
