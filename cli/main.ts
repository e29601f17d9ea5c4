import { createProgram } from './program.ts';
import { toErrorText } from './output/error-text.ts';

try {
  await createProgram().parseAsync();
} catch (error) {
  console.error(toErrorText(error));
  process.exitCode = 1;
} finally {
  // A parent's channel would keep this process alive.
  if (process.connected) process.disconnect();
}
