/** Environments that have a label of their own: of more, the later ones are counted together. */
export const MOST_ENVIRONMENTS = 100;

/** What environments are called together that have no label of their own. */
export const OTHERS = '(others)';

/** The labels of environments. Each label is a time series for ever, and environments are made by the API: so there is a bound. */
export class EnvironmentLabels {
  readonly #known = new Set<string>();

  of(key: string): string {
    if (this.#known.has(key)) return key;
    if (this.#known.size >= MOST_ENVIRONMENTS) return OTHERS;
    this.#known.add(key);
    return key;
  }
}
