/** What the center itself remembers, by name. */
export interface Settings {
  get(name: string): Promise<string | undefined>;
  save(name: string, value: string): Promise<void>;
}
