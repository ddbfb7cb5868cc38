#!/usr/bin/env bash
# openfeature-provider-ofrep 0.3.0 (PyPI, the newest on 2026-11-28) with openfeature-sdk 0.10.0: a number flag whose value happens to be whole
# is not a float. JSON has one kind of number, and servers in JavaScript, Go or .NET write 1.0 as 1, so that `get_float_value` gives the
# application's default with TYPE_MISMATCH for 0, 1 or 20 and the value for 0.5: a share that is moved from 0.5 to 1 falls back to the default.
#
# Seen: 0.5 served as 0.5; 1 served as the default 9.9 (TYPE_MISMATCH); 1.0, which only servers with floats of their own write, as 1.0.
# Ends with 1 when that is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet openfeature-provider-ofrep==0.3.0 openfeature-sdk==0.10.0
cat > evaluate.py <<'PY'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext


class Server(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers['content-length']))
        key = self.path.rsplit('/', 1)[1]
        number = key.removeprefix('share-')
        body = f'{{"key":"{key}","value":{number},"reason":"STATIC","variant":"v"}}'.encode()
        self.send_response(200)
        self.send_header('content-type', 'application/json')
        self.send_header('content-length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = HTTPServer(('127.0.0.1', 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
api.set_provider(OFREPProvider(f'http://127.0.0.1:{server.server_port}'))
client = api.get_client()
for number in ['0.5', '1', '1.0']:
    details = client.get_float_details(f'share-{number}', 9.9, EvaluationContext('ada'))
    code = details.error_code.value if details.error_code else ''
    print(f'{number} is {details.value} {code}'.strip())
server.shutdown()
PY
output=$(python/bin/python evaluate.py)
echo "$output"
[ "$output" = $'0.5 is 0.5\n1 is 9.9 TYPE_MISMATCH\n1.0 is 1.0' ] || { echo 'This has changed.'; exit 1; }
