#!/usr/bin/env bash
# libsql 0.5.29 (the SQLite binding with better-sqlite3's API): a row from `statement.get()` has a column that the query
# did not ask for, `_metadata` with the query's duration; rows of `all()` and `iterate()` do not. So a row that is spread, compared or
# written as JSON says more, and something else each time, when it was read by `get()`.
#
# Seen: get ["a","b","_metadata"] / all ["a","b"] / iterate ["a","b"]
# Ends with 1 when that is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund libsql@0.5.29
cat > rows.cjs <<'JS'
const Database = require('libsql');
const database = new Database(':memory:');
database.exec("CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'x')");
const statement = database.prepare('SELECT a, b FROM t');
const columns = (row) => JSON.stringify(Object.keys(row));
const seen = [`get ${columns(statement.get())}`, `all ${columns(statement.all()[0])}`];
for (const row of statement.iterate()) seen.push(`iterate ${columns(row)}`);
console.log(seen.join(' / '));
JS
output=$(node rows.cjs)
echo "libsql 0.5.29: $output"
[ "$output" = 'get ["a","b","_metadata"] / all ["a","b"] / iterate ["a","b"]' ] || { echo 'This has changed.'; exit 1; }
