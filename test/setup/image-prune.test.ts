import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pruneModules } from '../../setup/image-prune.js';
import { useTemporaryDir } from './separate-process.ts';

const ONNX = 'onnxruntime-node/bin/napi-v6';
const BRIDGE = '@temporalio/core-bridge';

describe('pruning for an image', () => {
  const dir = useTemporaryDir();
  const write = (...paths: string[]) => {
    for (const path of paths) {
      mkdirSync(dirname(join(dir(), path)), { recursive: true });
      writeFileSync(join(dir(), path), '');
    }
  };

  it("keeps the libraries of the image's processor, and no other's", () => {
    for (const platform of ['linux/x64', 'linux/arm64', 'darwin/arm64', 'win32/x64']) write(`${ONNX}/${platform}/onnxruntime_binding.node`);
    for (const triple of ['aarch64-unknown-linux-gnu', 'x86_64-unknown-linux-gnu', 'aarch64-apple-darwin']) write(`${BRIDGE}/releases/${triple}/index.node`);
    pruneModules(dir(), 'arm64');
    assert.deepEqual(readdirSync(join(dir(), ONNX)), ['linux']);
    assert.deepEqual(readdirSync(join(dir(), ONNX, 'linux')), ['arm64']);
    assert.deepEqual(readdirSync(join(dir(), BRIDGE, 'releases')), ['aarch64-unknown-linux-gnu']);
  });

  it('keeps everything of a package that is laid out otherwise', () => {
    write(`${BRIDGE}/releases/linux/index.node`, `${ONNX}/any/onnxruntime_binding.node`);
    pruneModules(dir(), 'x64');
    assert.deepEqual(readdirSync(join(dir(), BRIDGE, 'releases')), ['linux']);
    assert.deepEqual(readdirSync(join(dir(), ONNX)), ['any']);
  });

  it('keeps the weights of the networks that are read and their licence, and nothing else of the package that brings them', () => {
    const kept = ['face_landmark_68_tiny_model-weights_manifest.json', 'face_landmark_68_tiny_model.bin', 'ssd_mobilenetv1_model-weights_manifest.json', 'ssd_mobilenetv1_model.bin'];
    const model = [...kept, 'face_landmark_68_model.bin', 'face_recognition_model.bin'];
    write(...['LICENSE', 'package.json', 'dist/face-api.js', ...model.map((name) => `model/${name}`)].map((path) => `@vladmandic/face-api/${path}`));
    pruneModules(dir(), 'x64');
    const files = readdirSync(join(dir(), '@vladmandic', 'face-api'), { recursive: true });
    assert.deepEqual(files.sort(), ['LICENSE', 'model', ...kept.map((name) => `model/${name}`), 'package.json']);
  });

  it('takes out what is never loaded, and leaves programs and data', () => {
    const kept = ['koa/lib/koa.js', 'koa/package.json', 'sharp/lib/map', 'zod/index.mjs', 'proto/messages.proto'];
    const gone = ['koa/lib/koa.d.ts', 'koa/lib/koa.js.map', 'zod/index.d.mts', 'zod/src/index.ts', `${BRIDGE}/sdk-core/lib.rs`];
    write(...kept, ...gone);
    pruneModules(dir(), 'x64');
    for (const path of kept) assert.ok(existsSync(join(dir(), path)), path);
    for (const path of gone) assert.ok(!existsSync(join(dir(), path)), path);
  });
});
