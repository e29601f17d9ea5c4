import assert from 'node:assert/strict';
import { IMAGE_PIXELS, IMAGE_TRANSFORM, imageLimitsSchema, imageTransformSchema, isSameDatasetTransform, isSameLimits, isSameTransform, toDatasetTransform } from '../../domain/image-transform.ts';

describe('the transform of images', () => {
  it('makes 48x48 pixels, and can be written into a manifest', () => {
    assert.equal(IMAGE_PIXELS, 2304);
    assert.deepEqual(imageTransformSchema.parse(IMAGE_TRANSFORM), IMAGE_TRANSFORM);
  });

  it('is another one with another name or version', () => {
    assert.equal(isSameTransform(IMAGE_TRANSFORM, { ...IMAGE_TRANSFORM }), true);
    assert.equal(isSameTransform(IMAGE_TRANSFORM, { ...IMAGE_TRANSFORM, version: IMAGE_TRANSFORM.version + 1 }), false);
    assert.equal(isSameTransform(IMAGE_TRANSFORM, { ...IMAGE_TRANSFORM, name: 'colour' }), false);
  });
});

describe('the transform of a data set', () => {
  const whole = toDatasetTransform({ cropFaces: false });
  const cropped = imageTransformSchema.parse(toDatasetTransform({ cropFaces: true }));

  it('keeps whole images and cut-out faces apart, and ways of cutting them out', () => {
    assert.equal(isSameDatasetTransform(whole, IMAGE_TRANSFORM), true);
    assert.equal(isSameDatasetTransform(whole, cropped), false);
    assert.equal(isSameDatasetTransform(cropped, { ...cropped }), true);
    assert.equal(isSameDatasetTransform(cropped, { ...cropped, faceCrop: cropped.faceCrop! + 1 }), false);
  });

  it('is the same to a network, which is asked about cut-out faces anyway', () => {
    assert.equal(isSameTransform(cropped, IMAGE_TRANSFORM), true);
  });
});

describe('the limits of images', () => {
  const limits = { maxBytes: 10, maxPixels: 20 };

  it('are the same when both are', () => {
    assert.equal(isSameLimits(limits, { ...limits }), true);
    assert.equal(isSameLimits(limits, { ...limits, maxBytes: 11 }), false);
    assert.equal(isSameLimits(limits, { ...limits, maxPixels: 21 }), false);
  });

  it('let at least something through', () => {
    assert.ok(imageLimitsSchema.safeParse(limits).success);
    assert.equal(imageLimitsSchema.safeParse({ ...limits, maxBytes: 0 }).success, false);
  });
});
