import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toTiles, toWholeView } from '../../domain/tiles.ts';

const PLAN = { largestSide: 512, overlap: 64, scale: 1, mostPixels: 2_100_000 };

describe('the whole view', () => {
  it('is scaled down to the largest side, and small images stay as they are', () => {
    assert.deepEqual(toWholeView({ width: 1280, height: 720 }, 512).size, { width: 512, height: 288 });
    assert.deepEqual(toWholeView({ width: 30, height: 20 }, 512).size, { width: 30, height: 20 });
  });

  it('has at least one pixel, however long and thin the image is', () => {
    assert.deepEqual(toWholeView({ width: 1, height: 65_000 }, 512).size, { width: 1, height: 512 });
  });
});

describe('tiles', () => {
  it('are none for an image that fits into one view', () => {
    assert.deepEqual(toTiles({ width: 512, height: 300 }, PLAN), []);
  });

  it('of Full HD are fifteen, pixel by pixel', () => {
    const tiles = toTiles({ width: 1920, height: 1080 }, PLAN);
    assert.equal(tiles.length, 15);
    for (const { area, size } of tiles) assert.deepEqual({ width: area.width, height: area.height }, size);
  });

  it('are enlarged as far as their pixels allow', () => {
    const [tile] = toTiles({ width: 1000, height: 500 }, { ...PLAN, scale: 1.5 });
    assert.ok(Math.abs(tile!.size.width / tile!.area.width - 1.5) < 1e-9);
    const [larger] = toTiles({ width: 4000, height: 2100 }, { ...PLAN, scale: 1.5 });
    assert.ok(Math.abs(larger!.size.width / larger!.area.width - 0.5) < 1e-9);
  });

  const sides = fc.integer({ min: 1, max: 9_000 });

  it('cover every image, are all of one size that the detector takes, and lie inside it', () => {
    fc.assert(
      fc.property(sides, sides, (width, height) => {
        const tiles = toTiles({ width, height }, PLAN);
        if (tiles.length === 0) return;
        const { size } = tiles[0]!;
        assert.ok(Math.max(size.width, size.height) <= 512);
        for (const tile of tiles) assert.deepEqual(tile.size, size);
        for (const { area } of tiles) {
          assert.ok(area.x >= 0 && area.y >= 0);
          assert.ok(area.x + area.width <= width * 1.01 + 2 && area.y + area.height <= height * 1.01 + 2);
        }
        for (const part of [0, 0.13, 0.5, 0.77, 1]) {
          const x = part * (width - 1);
          const y = (1 - part) * (height - 1);
          assert.ok(tiles.some(({ area }) => x >= area.x && x <= area.x + area.width + 2 && y >= area.y && y <= area.y + area.height + 2), `${x}, ${y}`);
        }
      }),
    );
  });

  it('hold every face of the size of their overlap whole in one of them', () => {
    const image = { width: 1920, height: 1080 };
    const tiles = toTiles(image, PLAN);
    for (let x = 0; x <= image.width - 64; x += 31) {
      for (let y = 0; y <= image.height - 64; y += 29) {
        assert.ok(tiles.some(({ area }) => x >= area.x && y >= area.y && x + 64 <= area.x + area.width && y + 64 <= area.y + area.height), `${x}, ${y}`);
      }
    }
  });

  it('are bounded in number, however large the image is', () => {
    fc.assert(fc.property(sides, sides, (width, height) => toTiles({ width, height }, PLAN).length <= 64));
  });
});
