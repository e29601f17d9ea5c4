import { createProgram } from './program.ts';
import { isInterruption, toErrorText } from './output/error-text.ts';

try {
  await createProgram().parseAsync();
} catch (error) {
  console.error(toErrorText(error));
  // What failed half way may hold handles that would keep this process alive.
  process.exit(isInterruption(error) ? 130 : 1);
}
// So would a parent's channel.
if (process.connected) process.disconnect();
