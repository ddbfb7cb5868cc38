/** What a statement takes. Lists go as JSON text. */
export type Parameter = string | number | boolean | null;

/**
 * A way to PostgreSQL: the pool, where each statement stands alone, or one transaction. It turns what goes wrong into
 * `StorageError`. The row types that callers name are trusted: the tables are ours.
 */
export interface PostgresConnection {
  /** @returns how many rows were changed. */
  run(sql: string, ...parameters: readonly Parameter[]): Promise<number>;
  row<Row>(sql: string, ...parameters: readonly Parameter[]): Promise<Row | undefined>;
  rows<Row>(sql: string, ...parameters: readonly Parameter[]): Promise<readonly Row[]>;
}

/** What came of a statement. */
export interface StatementResult {
  readonly count: number;
  readonly rows: readonly object[];
}

/** Runs one statement; the only thing that a connection is made of. */
export type Execute = (sql: string, parameters: readonly Parameter[]) => Promise<StatementResult>;

export function connectionOf(execute: Execute): PostgresConnection {
  return {
    run: async (sql, ...parameters) => (await execute(sql, parameters.map(storable))).count,
    row: async <Row>(sql: string, ...parameters: readonly Parameter[]) =>
      (await execute(sql, parameters.map(storable))).rows[0] as Row | undefined,
    rows: async <Row>(sql: string, ...parameters: readonly Parameter[]) =>
      (await execute(sql, parameters.map(storable))).rows as readonly Row[],
  };
}

/** A parameter as PostgreSQL takes it: it knows neither the character 0 nor half a character. */
function storable(parameter: Parameter): Parameter {
  return typeof parameter === 'string' ? storableText(parameter) : parameter;
}

/** A text as it comes back from PostgreSQL. */
export function storableText(text: string): string {
  return text.replace(/\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}
