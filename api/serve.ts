/**
 * The API as a program of its own, `node api/serve.ts`; the image runs it as JavaScript. Unlike `barometer api` it needs none of the
 * packages of the command line.
 */
import { loadConfig } from '../config/config.ts';
import { isFailure } from '../domain/failure.ts';
import { runApi } from './main.ts';

try {
  await runApi(loadConfig());
} catch (error) {
  console.error(isFailure(error) ? error.message : error);
  // What failed half way may hold handles that would keep this process alive.
  process.exit(1);
}
