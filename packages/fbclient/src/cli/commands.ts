import { VERSION } from '../version.js';
import { readCommand } from './arguments.js';
import { HELP } from './help.js';
import { CommandProblem } from './problem.js';
import { scanCommand } from './scan-command.js';
import { typesCommand } from './types-command.js';

/** What a command sees of the process it runs in. */
export interface CommandContext {
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string | undefined>>;
  readFile(path: string): string;
  out(text: string): void;
  err(text: string): void;
  /** Waits. @returns `false`, at once, when the process is to end. */
  pause(milliseconds: number): Promise<boolean>;
}

/** @returns the exit code: 0 when all is well, 1 when something was found, 2 when it could not be done. */
export async function runCommand(context: CommandContext): Promise<0 | 1 | 2> {
  try {
    const command = readCommand(context.args, context.variables, (path) => context.readFile(path));
    switch (command.kind) {
      case 'help':
        context.out(HELP);
        return 0;
      case 'version':
        context.out(`${VERSION}\n`);
        return 0;
      case 'types':
        return await typesCommand(command, context);
      case 'scan':
        return await scanCommand(command, context);
    }
  } catch (error) {
    if (!(error instanceof CommandProblem)) throw error;
    context.err(`fbclient: ${error.message}\nfbclient --help says more.\n`);
    return 2;
  }
}
