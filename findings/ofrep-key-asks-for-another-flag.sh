#!/usr/bin/env bash
# OFREP providers of OpenFeature, @openfeature/ofrep-provider 0.1.3 (npm) and openfeature-provider-ofrep 0.3.0 (PyPI): the key of a flag is put into the
# address as it is. OpenFeature takes any text for a key, and the protocol asks for one that is escaped. A key with # or ? is cut there, so that
# the flag whose key is the rest is evaluated: without an error, and with its value, for whoever asked for the other one.
#
# Seen: a server that answers each key with a variant of the same name, and what it is asked for, is
#   for "checkout"     checkout           for "checkout#eu"  checkout
#   for "checkout?eu"  checkout           for "50%25 off"    50% off (in both), which is another key, too
# Ends with 1 when that is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "${server:-}" 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --silent @openfeature/ofrep-provider@0.1.3 @openfeature/ofrep-core@0.1.4 @openfeature/server-sdk@1.23.0 @openfeature/core@1.12.0
python3 -m venv python
python/bin/pip install --quiet openfeature-provider-ofrep==0.3.0 openfeature-sdk==0.10.0

cat > server.mjs <<'JS'
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://server');
  const key = decodeURIComponent(pathname.split('/').at(-1));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ key, value: key, reason: 'STATIC', variant: key }));
});
server.listen(0, '127.0.0.1', () => writeFileSync('port', String(server.address().port)));
JS
cat > keys.json <<'JSON'
["checkout", "checkout#eu", "checkout?eu", "50%25 off"]
JSON
cat > ask.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { OpenFeature } from '@openfeature/server-sdk';
import { OFREPProvider } from '@openfeature/ofrep-provider';

await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl: `http://127.0.0.1:${readFileSync('port', 'utf8')}` }));
for (const key of JSON.parse(readFileSync('keys.json', 'utf8'))) {
  const { value, errorCode } = await OpenFeature.getClient().getStringDetails(key, 'the default');
  console.log(`JavaScript: ${key} is ${errorCode ?? value}`);
}
await OpenFeature.close();
JS
cat > ask.py <<'PY'
import json
from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider

api.set_provider(OFREPProvider(f"http://127.0.0.1:{open('port').read()}"))
for key in json.load(open("keys.json")):
    details = api.get_client().get_string_details(key, "the default")
    print(f"Python: {key} is {details.error_code or details.value}")
PY
node server.mjs &
server=$!
until [ -s port ]; do sleep 0.1; done
{ node ask.mjs; python/bin/python ask.py; } | tee seen
cat > expected <<'TEXT'
JavaScript: checkout is checkout
JavaScript: checkout#eu is checkout
JavaScript: checkout?eu is checkout
JavaScript: 50%25 off is 50% off
Python: checkout is checkout
Python: checkout#eu is checkout
Python: checkout?eu is checkout
Python: 50%25 off is 50% off
TEXT
diff expected seen > /dev/null || { echo 'This is no longer so.'; exit 1; }
