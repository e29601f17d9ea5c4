import type { Inventory, RawImage } from '../domain/dataset.ts';
import { countByLabel } from '../domain/dataset.ts';
import type { Emotion } from '../domain/emotion.ts';
import { EMOTIONS } from '../domain/emotion.ts';
import { Failure } from '../domain/failure.ts';
import type { Container } from '../domain/names.ts';
import { CONTAINERS } from '../domain/names.ts';
import { toRawLabel } from '../domain/raw-label.ts';
import { toInventoryDigest } from './content-digest.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { StepMemory } from './remembered.ts';
import { createRememberedWork } from './remembered.ts';

export interface IngestDependencies {
  readonly blobs: {
    list(container: Container): AsyncIterable<{ readonly name: string; readonly etag: string; readonly bytes: number }>;
  };
  readonly datasets: {
    /** Files the inventory of a run, unless it has one. Returns the one that stands, and where. */
    keepInventory(inventory: Inventory): Promise<{ readonly key: string; readonly inventory: Inventory }>;
  };
  readonly memory: StepMemory;
}

export interface IngestRequest {
  readonly runName: string;
  readonly gitSha: string;
  /** False: it is not asked whether an earlier run found the same. Missing in requests of before that was asked. */
  readonly useCache?: boolean;
}

export interface IngestSummary {
  /** Where the inventory lies in the `processed` container. */
  readonly inventory: string;
  readonly counts: Record<Emotion, number>;
  /** Blobs outside the label folders. */
  readonly ignored: number;
  /** Of the images' names and ETags. */
  readonly digest: string;
  /** An earlier run that found the very same images; null when there was none. */
  readonly cachedFrom: string | null;
}

export type IngestActivities = ReturnType<typeof createIngestActivities>;

const LISTED_BETWEEN_REPORTS = 5_000;

export function createIngestActivities({ blobs, datasets, memory }: IngestDependencies) {
  const work = createRememberedWork(memory, 'ingest');

  return {
    /** Writes down what lies in the raw container now: the run goes by this list, whatever is uploaded meanwhile. */
    async takeInventory({ runName, gitSha, useCache = true }: IngestRequest): Promise<IngestSummary> {
      const { images, ignored } = await withHeartbeat(listImages);
      if (images.length === 0) throw new Failure('nothing-to-use', toAdvice(ignored.length));
      const taken: Inventory = { runName, gitSha, createdAt: new Date().toISOString(), images, ignored };
      const { key, inventory } = await datasets.keepInventory(taken);
      const digest = toInventoryDigest(inventory.images);
      const cachedFrom = await findEarlier(digest, { runName, gitSha, useCache });
      return { inventory: key, counts: countByLabel(inventory.images), ignored: inventory.ignored.length, digest, cachedFrom };
    },
  };

  async function findEarlier(digest: string, { runName, gitSha, useCache }: Required<IngestRequest>): Promise<string | null> {
    const earlier = useCache ? await work.reuse({ images: digest }, async (former) => former.runName) : null;
    if (earlier === null) await work.remember({ images: digest }, { output: { name: runName, digest }, runName, gitSha });
    return earlier === runName ? null : earlier;
  }

  async function listImages(report: (details: unknown) => void, signal: AbortSignal) {
    const images: RawImage[] = [];
    const ignored: string[] = [];
    for await (const { name, etag, bytes } of blobs.list(CONTAINERS.raw)) {
      const label = toRawLabel(name);
      if (label === null) ignored.push(name);
      else images.push({ name, label, etag, bytes });
      if ((images.length + ignored.length) % LISTED_BETWEEN_REPORTS !== 0) continue;
      signal.throwIfAborted();
      report({ images: images.length, ignored: ignored.length });
    }
    return { images, ignored };
  }
}

function toAdvice(ignored: number): string {
  const found = ignored === 0 ? 'is empty' : `holds nothing in a label's folder (blobs elsewhere: ${ignored})`;
  const folders = EMOTIONS.map((label) => `${label}/`).join(', ');
  return `The container "${CONTAINERS.raw}" ${found}. Upload images to ${folders} in it, or run "barometer import DIR".`;
}
