import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { REPOSITORY } from './barometer.ts';

/**
 * Where real test images lie, or null where they don't. They are not part of the project: their terms don't allow it.
 * BAROMETER_TEST_DATA names the directory.
 */
export function findTestData(name: string): string | null {
  const directory = join(resolve(REPOSITORY, process.env['BAROMETER_TEST_DATA'] ?? '../shared/data'), name);
  return existsSync(directory) ? directory : null;
}
