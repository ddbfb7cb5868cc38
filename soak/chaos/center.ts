/** A center of the run, in a process of its own, so that it can be killed. */
import { type CenterOptions, lineLogger, startCenter } from 'fbcenter';

const options: CenterOptions = JSON.parse(process.argv[2] ?? '{}');
try {
  const center = await startCenter({
    ...options,
    logger: lineLogger('warn', (line) => void process.stderr.write(line)),
  });
  process.once('SIGTERM', () => void center.close().then(() => process.exit()));
  // Whoever has started it may be gone.
  process.once('disconnect', () => process.exit());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
