import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { CenterError } from '../errors.js';
import { type ApplyOptions, type ApplyPlan, apply } from '../manage/apply.js';
import { readWanted, type Wanted } from '../manage/apply-files.js';
import { compare, judged } from '../manage/comparison.js';
import { changeLines, countText, planJson, planText } from '../manage/display.js';
import { exported } from '../manage/environment-change.js';
import { inEnvironment, type Management } from '../manage/management.js';
import { promote } from '../manage/promote.js';
import type { WantedDocument } from '../manage/wanted.js';
import type { CommandContext } from './commands.js';
import { environmentOf, knownEnvironment } from './environment-choice.js';
import { showExperiment } from './experiment.js';
import type { ManageCommand, ManageVerb } from './manage.js';
import { manageTokens, manageUsers, usersDoneText } from './people.js';
import { readSources } from './source-files.js';
import { withManagement } from './target.js';

/** What a command has while it runs. */
export interface Managing {
  readonly command: ManageCommand;
  readonly context: CommandContext;
  readonly management: Management;
}

/** @returns 1 when there is a difference, where that is what was asked for. */
type Run = (managing: Managing) => Promise<0 | 1>;

const RUNS: Readonly<Record<ManageVerb, Run>> = {
  export: exportEnvironment,
  import: importFile,
  diff,
  promote: promoteFlags,
  apply: applyFiles,
  users: manageUsers,
  tokens: manageTokens,
  experiment: showExperiment,
};

/** Does what a command asks for, at the center that runs or on the data here. */
export async function runManage(command: ManageCommand, context: CommandContext): Promise<0 | 1> {
  const { verb, target, options } = command;
  const note = {
    comment: options.comment,
    group: ['apply', 'import', 'promote'].includes(verb) ? randomUUID() : undefined,
  };
  return withManagement(
    target,
    note,
    (line) => context.err(line),
    (management) => RUNS[verb]({ command, context, management }),
  );
}

async function exportEnvironment({ command, context, management }: Managing): Promise<0> {
  const { options, words } = command;
  const [file] = words;
  const path = file === undefined ? undefined : resolve(file);
  if (path !== undefined && existsSync(path) && !options.force) {
    throw new CenterError(
      'already-exists',
      `${path} is there already: choose another file, or add --force to replace it`,
    );
  }
  const key = await environmentOf(command.environment, management);
  // When it was made is no part of what there is: the same state is the same file.
  const text = (await management.text(inEnvironment(key, '/export'))).replace(/^(\{[^{]*?)"exportedAt":"[^"]*",/, '$1');
  const content = JSON.parse(text);
  const written = options.yaml ? stringify(content, { aliasDuplicateObjects: false }) : text;
  if (path === undefined) context.out(written);
  else {
    writeFileSync(path, written);
    context.err(`${path} holds ${content.flags.length} flags and ${content.segments.length} segments of ${key}\n`);
  }
  return 0;
}

async function importFile({ command, context, management }: Managing): Promise<0 | 1> {
  const [file = ''] = command.words;
  const key = await environmentOf(command.environment, management);
  return carryOut({ command, context, management }, wantedIn(file, key), false);
}

async function applyFiles(managing: Managing): Promise<0 | 1> {
  return carryOut(managing, wantedIn(managing.command.options.file ?? ''), true);
}

async function carryOut(
  { command, context, management }: Managing,
  wanted: Wanted,
  makesEnvironments: boolean,
): Promise<0 | 1> {
  const { dryRun, plan: expected, prune, withoutSwitch, json } = command.options;
  const options: ApplyOptions = {
    dryRun,
    expected,
    prune,
    withSwitch: !withoutSwitch,
    makesEnvironments,
    show: (plan) => show(plan, command, context),
    progress: (key) => (json ? undefined : context.err(`${key} is done\n`)),
  };
  const { isDifferent, users } = await apply(management, wanted, options);
  if (!dryRun && !json) context.err(usersDoneText(users?.changes ?? []));
  return dryRun && isDifferent ? 1 : 0;
}

async function promoteFlags({ command, context, management }: Managing): Promise<0 | 1> {
  const { words: flags, options } = command;
  const { from = '', to = '', withSwitch, withoutSegments, dryRun, plan: expected } = options;
  if (from === to) throw new CenterError('invalid-config', 'Give --from and --to two different environments');
  const { isDifferent } = await promote(management, {
    from,
    to,
    flags,
    withSwitch,
    withSegments: !withoutSegments,
    dryRun,
    expected,
    show: (plan) => show(plan, command, context),
  });
  if (isDifferent && !dryRun && !options.json) context.err(`${to} is done\n`);
  return dryRun && isDifferent ? 1 : 0;
}

async function diff({ command, context, management }: Managing): Promise<0 | 1> {
  const [first = '', second] = command.words;
  const other = second ?? (await environmentOf(command.environment, management));
  const before = await sideOf(first, management);
  const after = await sideOf(other, management);
  const there = await judged(before);
  const compared = await compare(after, there.stored, { withSwitch: true, withRemoved: true });
  const { changes, same } = compared;
  const faults = [...there.faults, ...compared.faults];
  if (command.options.json) {
    context.out(`${JSON.stringify({ isDifferent: changes.length > 0, same, changes, faults })}\n`);
  } else {
    const lines = [countText(changes, same), ...changeLines(changes)];
    context.out(`${[...lines, ...faults.map(({ place, message }) => `${place}: ${message}`)].join('\n')}\n`);
  }
  return changes.length > 0 || faults.length > 0 ? 1 : 0;
}

/** What exists as a file is a file, anything else the key of an environment. */
async function sideOf(side: string, management: Management): Promise<readonly WantedDocument[]> {
  if (existsSync(side)) return wantedIn(side, side).environments.flatMap(({ documents }) => documents);
  const { segments, flags } = await exported(management, await knownEnvironment(side, management));
  const place = () => `environment ${side}`;
  return [
    ...segments.map((input) => ({ kind: 'segment', input, place }) as const),
    ...flags.map((input) => ({ kind: 'flag', input, place }) as const),
  ];
}

function wantedIn(path: string, theEnvironment?: string): Wanted {
  const wanted = readWanted(readSources(path), theEnvironment);
  if ('environments' in wanted) {
    if (wanted.environments.length > 0 || wanted.users !== undefined) return wanted;
    throw new CenterError('invalid-config', `${path} has no environment in it: export one to see what it looks like`);
  }
  const lines = wanted.faults.map(({ place, message }) => `\n  ${place}: ${message}`);
  throw new CenterError('invalid-config', `Nothing was done, because the files cannot be read:${lines.join('')}`);
}

function show(plan: ApplyPlan, { options }: ManageCommand, context: CommandContext): void {
  const { dryRun, json } = options;
  context.out(json ? `${JSON.stringify(planJson(plan, dryRun))}\n` : planText(plan, dryRun));
}
