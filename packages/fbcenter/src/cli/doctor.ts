import { findingLines } from '../doctor/finding.js';
import { lookHere } from '../doctor/here.js';
import { lookThere } from '../doctor/there.js';
import { type ConfigProblem, InvalidConfigError } from '../errors.js';
import { resolveOptions } from '../options.js';
import type { CommandContext } from './commands.js';
import { type Origins, problemLines } from './given.js';
import { type Given, SETTINGS } from './settings.js';
import { readStart } from './start-options.js';
import { readTarget } from './target.js';

export interface DoctorCommand {
  readonly given: Given;
  /** What could not be read of the settings. */
  readonly problems: readonly ConfigProblem[];
  readonly isJson: boolean;
}

/** @returns 1 when something is wrong that keeps a center from its work. */
export async function runDoctor(
  { given, problems, isJson }: DoctorCommand,
  { out }: CommandContext,
  origins: Origins,
): Promise<0 | 1> {
  const inTarget: ConfigProblem[] = [];
  const { url, token, folder, database, localUrl } = readTarget(given, inTarget);
  // Without the token of a center that runs there is little to see of it.
  if (url !== undefined && inTarget.length > 0) throw new InvalidConfigError(inTarget);
  const findings =
    url === undefined
      ? await lookHere({
          folder,
          database,
          host: given.host ?? SETTINGS.host.fallback,
          port: portOf(given),
          url: localUrl,
          token,
          settingProblems: settingProblems(given, problems, origins),
        })
      : await lookThere({ url, token: token ?? '' });
  out(isJson ? `${JSON.stringify(findings)}\n` : findingLines(findings));
  return findings.some(({ state }) => state === 'fail') ? 1 : 0;
}

/** What a start would refuse. */
function settingProblems(given: Given, problems: readonly ConfigProblem[], origins: Origins): readonly string[] {
  try {
    resolveOptions(readStart(given, [...problems]).options);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    return problemLines(error, SETTINGS, origins);
  }
}

/** One that is no port is among the problems. */
function portOf({ port = SETTINGS.port.fallback }: Given): number {
  const number = Number(port);
  return Number.isInteger(number) && number >= 0 && number <= 65_535 ? number : 0;
}
