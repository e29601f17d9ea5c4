import type { Inventory, RawImage } from '../domain/dataset.ts';
import { countByLabel } from '../domain/dataset.ts';
import type { Emotion } from '../domain/emotion.ts';
import { EMOTIONS } from '../domain/emotion.ts';
import { Failure } from '../domain/failure.ts';
import type { Container } from '../domain/names.ts';
import { CONTAINERS } from '../domain/names.ts';
import { toRawLabel } from '../domain/raw-label.ts';
import { withHeartbeat } from './heartbeat.ts';

export interface IngestDependencies {
  readonly blobs: {
    list(container: Container): AsyncIterable<{ readonly name: string; readonly etag: string; readonly bytes: number }>;
  };
  readonly datasets: {
    /** Files the inventory of a run, unless it has one. Returns the one that stands, and where. */
    keepInventory(inventory: Inventory): Promise<{ readonly key: string; readonly inventory: Inventory }>;
  };
}

export interface IngestRequest {
  readonly runName: string;
  readonly gitSha: string;
}

export interface IngestSummary {
  /** Where the inventory lies in the `processed` container. */
  readonly inventory: string;
  readonly counts: Record<Emotion, number>;
  /** Blobs outside the label folders. */
  readonly ignored: number;
}

export type IngestActivities = ReturnType<typeof createIngestActivities>;

const LISTED_BETWEEN_REPORTS = 5_000;

export function createIngestActivities({ blobs, datasets }: IngestDependencies) {
  return {
    /** Writes down what lies in the raw container now: the run goes by this list, whatever is uploaded meanwhile. */
    async takeInventory({ runName, gitSha }: IngestRequest): Promise<IngestSummary> {
      const { images, ignored } = await withHeartbeat(listImages);
      if (images.length === 0) throw new Failure('nothing-to-use', toAdvice(ignored.length));
      const taken: Inventory = { runName, gitSha, createdAt: new Date().toISOString(), images, ignored };
      const { key, inventory } = await datasets.keepInventory(taken);
      return { inventory: key, counts: countByLabel(inventory.images), ignored: inventory.ignored.length };
    },
  };

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
