import { z } from 'zod';
import { Failure } from '../../domain/failure.ts';
import { gitShaSchema } from '../../domain/git-sha.ts';
import type { ModelCard, ModelManifest } from '../../domain/model.ts';
import { modelCardSchema, modelManifestSchema } from '../../domain/model.ts';
import type { ModelAlias } from '../../domain/names.ts';
import { CONTAINERS, MODEL_FILES, modelKeys } from '../../domain/names.ts';
import type { BlobStore } from './blob-store.ts';
import { findStored } from './find-stored.ts';
import type { AliasTarget } from './model-aliases.ts';
import { createModelAliases } from './model-aliases.ts';
import { toSha256 } from './sha256.ts';
import { parseStored, toJson } from './stored-json.ts';

/** A candidate as it is handed in: everything of its manifest that the registry does not decide itself. */
export interface Registration {
  readonly manifest: Omit<ModelManifest, 'name' | 'version' | 'registeredAt' | 'files'>;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Aborting takes back what is not yet visible; a version that is visible stays. */
  readonly signal?: AbortSignal;
}

export interface StoredModel {
  readonly manifest: ModelManifest;
  readonly card: ModelCard;
  /** By name, their digests checked. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * The models of one name. A version is immutable and exists from the moment when its manifest is written, whole, and not
 * before. All methods also fail as the BlobStore beneath them does.
 */
export interface ModelRegistry {
  /**
   * Files the candidate under the next free version and points `latest` at it. A run registers once: asked again, also
   * after a crash half way, it finishes and returns the version that it took the first time.
   *
   * @throws the signal's reason when aborted in time
   */
  register(registration: Registration): Promise<ModelManifest>;
  /** All versions, the oldest first. */
  list(): Promise<ModelManifest[]>;
  find(version: number): Promise<ModelManifest | null>;
  /**
   * The version with its card and, of its files, those named, or all.
   *
   * @throws Failure `not-found`, or `data-corrupt` when anything stored is not what the manifest says
   */
  read(version: number, fileNames?: readonly string[]): Promise<StoredModel>;
  resolveAlias(alias: ModelAlias): Promise<AliasTarget | null>;
  /** Where `latest` points if that has changed since this ETag was seen; null when nothing is registered. */
  readLatestIfChanged(etag: string): Promise<AliasTarget | 'unchanged' | null>;
  /**
   * Swaps `latest` and `previous`, once the version to go back to has been read whole. Whatever it throws, both stay.
   *
   * @throws Failure `not-found` when there is no previous version, `data-corrupt` when it is not what it was,
   *   `write-conflict` when another version becomes the latest meanwhile
   */
  rollback(): Promise<{ readonly from: number; readonly to: number }>;
}

const claimSchema = z.object({ runName: z.string(), gitSha: gitShaSchema });
type Claim = z.infer<typeof claimSchema>;

/** Each lost race means that another writer won one; so many in a row don't happen. */
const MAX_RACES = 100;

const container = CONTAINERS.models;

export function createModelRegistry(blobs: BlobStore, name: string): ModelRegistry {
  const aliases = createModelAliases(blobs, name);

  async function register(registration: Registration): Promise<ModelManifest> {
    const { manifest, signal } = registration;
    signal?.throwIfAborted();
    const version = await claimVersion({ runName: manifest.runName, gitSha: manifest.gitSha });
    const earlier = await find(version);
    const registered = earlier ?? (await upload(version, registration));
    await aliases.promote(version);
    return registered;
  }

  async function upload(version: number, { manifest, files, signal }: Registration): Promise<ModelManifest> {
    try {
      for (const [fileName, bytes] of files) {
        signal?.throwIfAborted();
        await blobs.write(container, modelKeys.file(name, version, fileName), bytes);
      }
      signal?.throwIfAborted();
    } catch (error) {
      if (signal?.aborted) await removeUnfinished(version);
      throw error;
    }
    return createManifest({
      ...manifest,
      name,
      version,
      registeredAt: new Date().toISOString(),
      files: [...files].map(([fileName, bytes]) => ({ name: fileName, digest: toSha256(bytes), bytes: bytes.byteLength })),
    });
  }

  /** Finds the version that the run took before, or takes the next one. */
  async function claimVersion(claim: Claim): Promise<number> {
    const taken = await listVersions('claim.json');
    const claims = await Promise.all(taken.map(readClaim));
    const own = taken.find((_, index) => claims[index]?.runName === claim.runName);
    if (own !== undefined) return own;

    const highest = Math.max(0, ...taken);
    for (let version = highest + 1; version <= highest + MAX_RACES; version += 1) {
      if (await blobs.create(container, modelKeys.claim(name, version), toJson(claim))) return version;
      // The write may have been ours, its answer lost on the way.
      if ((await readClaim(version))?.runName === claim.runName) return version;
    }
    throw new Failure('write-conflict', `${MAX_RACES} versions of ${name} were taken by others meanwhile.`);
  }

  async function readClaim(version: number): Promise<Claim | null> {
    return findStored(blobs, container, modelKeys.claim(name, version), claimSchema);
  }

  /** The claim goes last: as long as it is there, nobody else writes under this version. */
  async function removeUnfinished(version: number): Promise<void> {
    if ((await find(version)) !== null) return;
    const claim = modelKeys.claim(name, version);
    for await (const blob of blobs.list(container, modelKeys.file(name, version, ''))) {
      if (blob.name !== claim) await blobs.remove(container, blob.name);
    }
    await blobs.remove(container, claim);
  }

  async function createManifest(manifest: ModelManifest): Promise<ModelManifest> {
    const key = modelKeys.manifest(name, manifest.version);
    if (await blobs.create(container, key, toJson(manifest))) return manifest;
    return readManifest(manifest.version);
  }

  async function list(): Promise<ModelManifest[]> {
    return Promise.all((await listVersions('manifest.json')).map(readManifest));
  }

  /** Versions that have this file, in ascending order. */
  async function listVersions(fileName: string): Promise<number[]> {
    const prefix = modelKeys.versionPrefix(name);
    const versions: number[] = [];
    for await (const blob of blobs.list(container, prefix)) {
      const [version, file] = blob.name.slice(prefix.length).split('/');
      if (file === fileName) versions.push(Number(version));
    }
    return versions.toSorted((a, b) => a - b);
  }

  async function find(version: number): Promise<ModelManifest | null> {
    const key = modelKeys.manifest(name, version);
    const blob = await blobs.find(container, key);
    if (blob === null) return null;
    const manifest = parseStored(modelManifestSchema, key, blob.bytes);
    if (manifest.name === name && manifest.version === version) return manifest;
    throw new Failure('data-corrupt', `${key} is the manifest of ${manifest.name} version ${manifest.version}.`);
  }

  async function readManifest(version: number): Promise<ModelManifest> {
    const manifest = await find(version);
    if (manifest === null) throw new Failure('not-found', `There is no version ${version} of ${name}.`);
    return manifest;
  }

  async function read(version: number, fileNames?: readonly string[]): Promise<StoredModel> {
    const manifest = await readManifest(version);
    const wanted = manifest.files.filter((file) => fileNames?.includes(file.name) ?? true);
    const files = new Map(await Promise.all(wanted.map(async (file) => [file.name, await readFile(version, file)] as const)));
    const card = files.get(MODEL_FILES.card) ?? (await readCardFile(manifest));
    return { manifest, card: parseStored(modelCardSchema, modelKeys.file(name, version, MODEL_FILES.card), card), files };
  }

  async function readCardFile(manifest: ModelManifest): Promise<Uint8Array> {
    const card = manifest.files.find((file) => file.name === MODEL_FILES.card);
    if (card === undefined) throw new Failure('data-corrupt', `Version ${manifest.version} of ${name} has no card.`);
    return readFile(manifest.version, card);
  }

  async function readFile(version: number, file: ModelManifest['files'][number]): Promise<Uint8Array> {
    const key = modelKeys.file(name, version, file.name);
    const blob = await blobs.find(container, key);
    if (blob === null) throw new Failure('data-corrupt', `${key} is missing, though the manifest lists it.`);
    if (toSha256(blob.bytes) === file.digest) return blob.bytes;
    throw new Failure('data-corrupt', `${key} does not have the digest that the manifest lists.`);
  }

  return {
    register,
    list,
    find,
    read,
    resolveAlias: aliases.resolve,
    readLatestIfChanged: aliases.readLatestIfChanged,
    rollback: () => aliases.swap(read),
  };
}
