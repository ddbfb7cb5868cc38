#!/usr/bin/env bash
# @openfeature/flagd-core 4.0.1 (npm) and openfeature-flagd-core 2.0.0 (PyPI), both the newest on 2026-11-28: the same flag file puts
# the same users on different sides of a `fractional` rollout. The one hashes the text of the bucketing value, the other its CBOR encoding,
# so that plain ASCII keys differ as well. A service in Node.js and one in Python that read one file disagree about half of their users.
#
# Seen: 1,000 users u0 to u999, two variants of equal weight: 499 get the same in both languages, which is what chance gives.
# Ends with 1 when they agree, or when a language's own split is no longer about even.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @openfeature/flagd-core@4.0.1 @openfeature/core@1.12.0
python3 -m venv python
python/bin/pip install --quiet openfeature-flagd-core==2.0.0 openfeature-sdk==0.10.0
cat > flags.json <<'JSON'
{ "flags": { "checkout": { "state": "ENABLED", "variants": { "old": "old", "new": "new" }, "defaultVariant": "old",
  "targeting": { "fractional": [{ "cat": [{ "var": "$flagd.flagKey" }, { "var": "targetingKey" }] }, ["old", 50], ["new", 50]] } } } }
JSON
cat > evaluate.cjs <<'JS'
const { readFileSync } = require('node:fs');
const { FlagdCore } = require('@openfeature/flagd-core');
const core = new FlagdCore();
core.setConfigurations(readFileSync('flags.json', 'utf8'));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
for (let user = 0; user < 1000; user++) {
  console.log(core.resolveStringEvaluation('checkout', 'none', { targetingKey: `u${user}` }, quiet).value);
}
JS
cat > evaluate.py <<'PY'
from openfeature.contrib.tools.flagd.core import FlagdCore
from openfeature.evaluation_context import EvaluationContext
core = FlagdCore()
core.set_flags(open('flags.json').read())
for user in range(1000):
    print(core.resolve_string_value('checkout', 'none', EvaluationContext(targeting_key=f'u{user}')).value)
PY
node evaluate.cjs > node.txt
python/bin/python evaluate.py > python.txt
same=$(paste node.txt python.txt | awk '$1 == $2' | wc -l)
echo "new: Node.js $(grep -c new node.txt), Python $(grep -c new python.txt) of 1000; the same in both: $same"
[ "$same" -gt 400 ] && [ "$same" -lt 600 ] || { echo 'This has changed.'; exit 1; }
