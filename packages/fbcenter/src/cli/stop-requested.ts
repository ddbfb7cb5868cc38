/** How often it is checked whether the parent is still there, in milliseconds. */
const PARENT_CHECK = 250;

/** What is needed of a process to know that it is to stop. */
export interface StoppableProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Changes when the parent ends. */
  readonly ppid: number;
  once(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/**
 * Fulfils when the process is to stop: at SIGINT, at SIGTERM, and when npm started it and is gone. npm and npx start a command through a shell,
 * pass SIGTERM on to the shell, and the shell ends without passing it on: the command would run on with nobody to stop it.
 *
 * A second signal of the same kind finds no listener and ends the process at once.
 *
 * @param parent the process id of the parent when the process began.
 */
export function stopRequested(process: StoppableProcess, parent: number): Promise<void> {
  return new Promise((resolve) => {
    let check: NodeJS.Timeout | undefined;
    const stop = () => {
      clearInterval(check);
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
    if (process.env.npm_command === undefined) return;
    // Unref'd: it is the server that keeps the process running.
    check = setInterval(() => {
      if (process.ppid !== parent) stop();
    }, PARENT_CHECK).unref();
  });
}
