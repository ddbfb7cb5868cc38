#!/usr/bin/env bash
# libsql 0.5.29 (npm, the synchronous API that is made after better-sqlite3's): a statement with RETURNING, or an EXPLAIN of a change, stays open after
# `run()`, which takes none of its rows. Each COMMIT behind it fails on that connection ("cannot commit transaction - SQL statements in
# progress"), in `db.transaction()` too, where everything that was done is rolled back. `get()` and `all()` of the same statement with RETURNING are
# fine. In better-sqlite3 `run()` ends such a statement.
#
# Seen: as below: "commits", or the error.
# Ends with 1 when that is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --silent libsql@0.5.29
cat > try.cjs <<'JS'
const Database = require('libsql');

const statements = {
  plain: "INSERT INTO t (b) VALUES ('x')",
  returning: "INSERT INTO t (b) VALUES ('x') RETURNING a",
  explain: "EXPLAIN QUERY PLAN UPDATE t SET b = 'y'",
};
for (const [name, method] of [['plain', 'run'], ['returning', 'get'], ['returning', 'all'], ['returning', 'run'], ['explain', 'run']]) {
  const db = new Database(':memory:');
  db.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)');
  let outcome = 'commits';
  try {
    db.transaction(() => db.prepare(statements[name])[method]())();
  } catch (error) {
    outcome = error.message;
  }
  console.log(`${name}, ${method}(): ${outcome}; rows: ${db.prepare('SELECT count(*) AS n FROM t').get().n}`);
}
JS
output=$(node try.cjs)
echo "$output"
failure='cannot commit transaction - SQL statements in progress; rows: 0'
expected="plain, run(): commits; rows: 1
returning, get(): commits; rows: 1
returning, all(): commits; rows: 1
returning, run(): $failure
explain, run(): $failure"
[ "$output" = "$expected" ] || { echo 'This has changed.'; exit 1; }
