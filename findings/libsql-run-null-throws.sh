#!/usr/bin/env bash
# libsql 0.5.29 (the SQLite binding with better-sqlite3's API): a statement of one parameter cannot be given NULL by position:
# `run(null)`, `get(null)` and `all(null)` throw, because a lone object is read as named parameters and null is taken for one. With two
# parameters null is fine, and so is `run([null])`. So a helper that spreads its parameters fails for the one row that has nothing to say.
#
# Seen: run(null) TypeError, run([null]) ok, run(1, null) ok.
# Ends with 1 when that is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund libsql@0.5.29
cat > nulls.cjs <<'JS'
const Database = require('libsql');
const database = new Database(':memory:');
database.exec('CREATE TABLE t (a INTEGER, b TEXT)');
const one = database.prepare('INSERT INTO t (b) VALUES (?)');
const two = database.prepare('INSERT INTO t VALUES (?, ?)');
const outcome = (work) => {
  try {
    work();
    return 'ok';
  } catch (error) {
    return error.name;
  }
};
console.log(
  `run(null) ${outcome(() => one.run(null))}, run([null]) ${outcome(() => one.run([null]))}, run(1, null) ${outcome(() => two.run(1, null))}`,
);
JS
output=$(node nulls.cjs)
echo "libsql 0.5.29: $output"
[ "$output" = 'run(null) TypeError, run([null]) ok, run(1, null) ok' ] || { echo 'This has changed.'; exit 1; }
