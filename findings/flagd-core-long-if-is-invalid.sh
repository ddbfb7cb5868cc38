#!/usr/bin/env bash
# @openfeature/flagd-core 4.0.1 (npm): a targeting `if` may have any number of branches (flagd's schema sets no limit), but one with some
# thousands makes the whole flag invalid. It is compiled to one nested expression, which becomes too deep, and what is reported for it is
# "Invalid targeting configuration", as for a misspelt operator: every evaluation gives the application's default with PARSE_ERROR, those that
# an early branch would decide too. So a list of customers that grows by a line a day works until one day nobody is targeted any more.
#
# Seen: with 1,000 branches the first and the last decide; with 10,000 neither does.
# Ends with 1 when that is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund @openfeature/flagd-core@4.0.1 @openfeature/core@1.12.0 > /dev/null
cat > branches.mjs <<'JS'
import { FlagdCore } from '@openfeature/flagd-core';

const quiet = { error() {}, warn() {}, info() {}, debug() {} };
for (const count of [1_000, 10_000]) {
  const branches = Array.from({ length: count }, (_, at) => [{ '==': [{ var: 'customer' }, `c${at}`] }, 'on']).flat();
  const flag = { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'off', targeting: { if: [...branches, 'off'] } };
  const core = new FlagdCore(undefined, quiet);
  core.setConfigurations(JSON.stringify({ flags: { flag } }));
  for (const customer of ['c0', `c${count - 1}`]) {
    const { value, reason, errorCode } = core.resolveBooleanEvaluation('flag', false, { customer }, quiet);
    console.log(`${count} branches, ${customer}: ${value} ${errorCode ?? reason}`);
  }
}
JS
output=$(node branches.mjs 2> /dev/null)
echo "$output"
[ "$output" = $'1000 branches, c0: true TARGETING_MATCH
1000 branches, c999: true TARGETING_MATCH
10000 branches, c0: false PARSE_ERROR
10000 branches, c9999: false PARSE_ERROR' ] || { echo 'This has changed.'; exit 1; }
