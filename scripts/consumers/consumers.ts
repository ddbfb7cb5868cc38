import { BUNDLERS } from './bundlers.js';
import { COMPILERS } from './compilers.js';
import { EDGE } from './edge.js';
import { FRAMEWORKS } from './frameworks.js';
import { RUNTIMES } from './runtimes.js';
import { STACK } from './stack.js';
import type { Stage } from './stage.js';
import { TEST_RUNNERS } from './test-runners.js';

/** The packages that are for applications' processes. */
export type Ours = 'fbclient' | 'fbclient-openfeature' | 'fbclient-otel';

/** Something that uses our packages in a way of its own. */
export interface Consumer {
  /** Its name on the command line. */
  readonly name: string;
  readonly title: string;
  /** Exact versions, by package. The first one is its own. */
  readonly packages: Readonly<Record<string, string>>;
  /** What is installed of ours besides fbclient. */
  readonly ours?: readonly Ours[];
  /** Folders of scripts/consumers/apps; later ones win. */
  readonly apps: readonly string[];
  /** What is shown of it, by name. Each throws when something is not as it should be. */
  readonly scenes: Readonly<Record<string, (stage: Stage) => Promise<void>>>;
  /** What a user has to know. */
  readonly remark?: string;
}

export const CONSUMERS: readonly Consumer[] = [
  ...FRAMEWORKS,
  ...STACK,
  ...BUNDLERS,
  ...TEST_RUNNERS,
  ...RUNTIMES,
  ...EDGE,
  ...COMPILERS,
];
