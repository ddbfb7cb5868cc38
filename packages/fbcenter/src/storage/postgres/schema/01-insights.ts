/** What SDKs report, added up. */
export const INSIGHTS = `
  CREATE TABLE evaluations (
    environment_id   text COLLATE "C" NOT NULL REFERENCES environments (id),
    flag_key         text COLLATE "C" NOT NULL,
    variation_id     text COLLATE "C" NOT NULL,
    count            bigint NOT NULL,
    experiment_count bigint NOT NULL,
    last_at          bigint NOT NULL,
    minute           bigint NOT NULL,
    minute_count     bigint NOT NULL,
    hour             bigint NOT NULL,
    hour_count       bigint NOT NULL,
    day              bigint NOT NULL,
    day_count        bigint NOT NULL,
    PRIMARY KEY (environment_id, flag_key, variation_id)
  ) WITH (fillfactor = 70);

  CREATE TABLE evaluation_history (
    environment_id text COLLATE "C" NOT NULL REFERENCES environments (id),
    unit           text COLLATE "C" NOT NULL CHECK (unit IN ('minute', 'hour', 'day')),
    block          bigint NOT NULL,
    flag_key       text COLLATE "C" NOT NULL,
    variation_id   text COLLATE "C" NOT NULL,
    counts         text NOT NULL,
    PRIMARY KEY (environment_id, unit, block, flag_key, variation_id)
  );

  CREATE TABLE metrics (
    environment_id text COLLATE "C" NOT NULL REFERENCES environments (id),
    event_name     text COLLATE "C" NOT NULL,
    count          bigint NOT NULL,
    sum            double precision NOT NULL,
    min            double precision NOT NULL,
    max            double precision NOT NULL,
    last_at        bigint NOT NULL,
    PRIMARY KEY (environment_id, event_name)
  ) WITH (fillfactor = 70);

  CREATE TABLE insight_totals (
    environment_id       text COLLATE "C" PRIMARY KEY REFERENCES environments (id),
    identifications      bigint NOT NULL,
    rejected             bigint NOT NULL,
    evaluations_overflow bigint NOT NULL,
    metrics_overflow     bigint NOT NULL
  );
`;
