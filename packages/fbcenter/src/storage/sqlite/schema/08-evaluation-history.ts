/** Evaluations over time: the current buckets in the row, the ones before them in blocks. */
export const EVALUATION_HISTORY = `
  ALTER TABLE evaluations ADD COLUMN minute INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evaluations ADD COLUMN minute_count INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evaluations ADD COLUMN hour INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evaluations ADD COLUMN hour_count INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evaluations ADD COLUMN day INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evaluations ADD COLUMN day_count INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE evaluation_history (
    environment_id TEXT NOT NULL REFERENCES environments (id),
    unit           TEXT NOT NULL CHECK (unit IN ('minute', 'hour', 'day')),
    block          INTEGER NOT NULL,
    flag_key       TEXT NOT NULL,
    variation_id   TEXT NOT NULL,
    counts         TEXT NOT NULL,
    PRIMARY KEY (environment_id, unit, block, flag_key, variation_id)
  ) STRICT, WITHOUT ROWID;
  `;
