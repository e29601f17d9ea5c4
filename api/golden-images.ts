import { createHash } from 'node:crypto';
import type { ModelCard } from '../domain/model.ts';
import type { ModelSource } from './model-source.ts';

/** The golden images of the model that is served: drawn faces whose answers are known to all who know them. */
export interface GoldenImages {
  /** Whether one of them has this many bytes. */
  hasLength(bytes: number): boolean;
  has(image: Uint8Array): boolean;
}

interface Known {
  readonly lengths: ReadonlySet<number>;
  readonly digests: ReadonlySet<string>;
}

const NONE: Known = { lengths: new Set(), digests: new Set() };

export function createGoldenImages(models: Pick<ModelSource, 'current'>): GoldenImages {
  const byCard = new WeakMap<ModelCard, Known>();

  function current(): Known {
    const card = models.current()?.card;
    if (card === undefined) return NONE;
    let known = byCard.get(card);
    if (known === undefined) {
      const images = card.golden.map(({ image }) => Buffer.from(image, 'base64'));
      known = { lengths: new Set(images.map(({ byteLength }) => byteLength)), digests: new Set(images.map(toDigest)) };
      byCard.set(card, known);
    }
    return known;
  }

  return {
    hasLength: (bytes) => current().lengths.has(bytes),
    has: (image) => current().digests.has(toDigest(image)),
  };
}

function toDigest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}
