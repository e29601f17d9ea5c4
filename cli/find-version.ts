import type { ModelRegistry } from '../adapters/blob-storage/model-registry.ts';
import { Failure } from '../domain/failure.ts';

/**
 * The number of a registered version that somebody has named, or of the latest one.
 *
 * @throws Failure `not-found` when it is no number, or when nothing is registered; whether a number is taken is not asked
 */
export async function findVersion(registry: Pick<ModelRegistry, 'resolveAlias'>, which: string): Promise<number> {
  const version = which === 'latest' ? (await registry.resolveAlias('latest'))?.version : Number(which);
  if (version !== undefined && Number.isInteger(version) && version >= 1) return version;
  throw new Failure('not-found', which === 'latest' ? 'No model is registered yet.' : `"${which}" is no version number.`);
}
