/** What can be asked for. It imports nothing, so that the help is there before the peers are installed and built for. */

/** What can be measured, in the order of the page. */
export const SECTIONS = ['evaluation', 'growth', 'hooks', 'events', 'start-up', 'sync', 'commit', 'push'] as const;

export type Section = (typeof SECTIONS)[number];

/** The workloads with events off, in the order of the table. */
export const EVALUATION_WORKLOADS = {
  target: 'individual target, 1,000 keys',
  rules: 'five rules of two conditions',
  rollout: 'percentage rollout',
  segment: 'segment, 10,000 keys',
  regex: 'regex rule, 1,000 users',
  regexOnce: 'regex rule, 50,000 users',
  bulk: 'all of 200 flags',
  mixed: 'mixed day',
} as const;

export type EvaluationWorkload = keyof typeof EVALUATION_WORKLOADS;

export const HELP = `Measures fbclient beside its peers and writes the tables to docs/performance.md.

npm run bench -- [options]
  --section NAMES    ${SECTIONS.join(', ')}; all of them unless given
  --workload NAMES   of the evaluation: ${Object.keys(EVALUATION_WORKLOADS).join(', ')}
  --sdk NAMES        parts of package names, such as fbclient,featbit; the page is not written then
  --rounds N         fresh processes in which each SDK does the same thing, and of a push the changes
  --before DIR       an earlier build of fbclient beside this one: the folder of its package. To make one:
                       git worktree add ../before main && cd ../before
                       npm ci && npm run build -w packages/fbclient
                     and then --before ../before/packages/fbclient
  --no-write         leaves docs/performance.md as it is
  --check            the quick form with the bars of a release (npm run bench:check); exits with 1 when one is missed
  --help

Each SDK does each thing in a process of its own, in which nothing has run before, and the processes of all SDKs take
turns. Figures are medians of the rounds, and ratios are medians of the rounds' ratios. Two builds are compared best by
themselves: --section growth,evaluation --sdk fbclient --before DIR --rounds 15.

Times are CPU time of the process, but wall clock for starts and pushes. Names are separated by commas.`;
