import { type CommandContext, runCommand } from '../../src/cli/commands.js';

/** What a command has written. */
interface Written {
  out: string;
  err: string;
}

interface Surroundings extends Partial<Omit<CommandContext, 'stopRequested'>> {
  /** The command is stopped when this is over. @param out what it has written so far. */
  readonly whileRunning?: (out: string) => Promise<void>;
}

/** A stop that waits for nobody: tests have asked what they had to ask. */
const AT_ONCE = { FBCENTER_DRAIN_TIME: '0', FBRELAY_DRAIN_TIME: '0' };

/** The surroundings of a command: without others no terminal, no variables, empty files, and it is stopped at once. */
export function commandContext({ whileRunning, ...given }: Surroundings = {}) {
  const written: Written = { out: '', err: '' };
  const context: CommandContext = {
    ...{ args: [], variables: {}, readFile: () => '', isTerminal: false, onHangUp: () => {} },
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    stopRequested: async () => whileRunning?.(written.out),
    ...given,
    variables: { ...(whileRunning && AT_ONCE), ...given.variables },
  };
  return { context, written };
}

/** Runs a line. @returns its exit code and what it has written. */
export async function runLine(given: Surroundings): Promise<Written & { readonly code: number }> {
  const { context, written } = commandContext(given);
  return { code: await runCommand(context), ...written };
}
