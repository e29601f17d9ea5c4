import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import type { ICruiseResult } from 'dependency-cruiser';
import { CONTAINER_IMAGES } from '../../domain/container-image.ts';
import type { ContainerImage } from '../../domain/container-image.ts';
import { REPOSITORY } from '../support/barometer.ts';

/** What the image's entry, and the programs that it starts, are; the worker bundles the workflows by itself. */
const PROGRAMS: Readonly<Record<ContainerImage, readonly string[]>> = {
  api: ['api/serve.ts', 'adapters/onnx/inference-thread.ts'],
  worker: ['workers/serve.ts', 'workflows/index.ts', 'adapters/onnx/inference-thread.ts'],
  trainer: ['workers/serve.ts', 'workflows/index.ts', 'adapters/onnx/inference-thread.ts', 'workers/train.ts'],
};

const REQUIRED = /\brequire(?:\.resolve)?\(['`]([^'`.][^'`]*)['`]\)/g;

describe('the packages of an image', () => {
  for (const image of CONTAINER_IMAGES) {
    it(`are those that the programs of the ${image} import, and no others`, async () => {
      const { files, packages } = await follow(PROGRAMS[image]);
      const required = files.flatMap((file) => [...readFileSync(join(REPOSITORY, file), 'utf8').matchAll(REQUIRED)].map(([, name]) => toPackage(name!)));
      assert.deepEqual(readList(image), [...new Set([...packages, ...required])].sort());
    });

    it(`come with every folder that the programs of the ${image} are in`, async () => {
      const { files } = await follow(PROGRAMS[image]);
      const dockerfile = readFileSync(join(REPOSITORY, 'docker', image, 'Dockerfile'), 'utf8');
      const copied = [...dockerfile.matchAll(/^COPY ([a-z]+) \1$/gm)].map(([, folder]) => folder);
      const needed = new Set(files.map((file) => file.split('/')[0]));
      // "setup" is in the stage that builds.
      assert.deepEqual(copied.filter((folder) => folder !== 'setup').sort(), [...needed].sort());
    });
  }

  it('are listed for every image that has a Dockerfile', () => {
    assert.deepEqual(readdirSync(join(REPOSITORY, 'docker')).sort(), [...CONTAINER_IMAGES].sort());
  });
});

function readList(image: ContainerImage): string[] {
  return JSON.parse(readFileSync(join(REPOSITORY, 'docker', image, 'packages.json'), 'utf8')) as string[];
}

/** Walks the imports at run time, from the programs on. */
async function follow(programs: readonly string[]): Promise<{ files: string[]; packages: string[] }> {
  const { output } = await cruise([...programs], {
    baseDir: REPOSITORY,
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: false,
  }, { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], extensions: ['.ts', '.js', '.json'] });
  const { modules } = output as ICruiseResult;
  const own = modules.filter(({ source }) => source.endsWith('.ts') && !source.includes('node_modules'));
  const imported = own.flatMap(({ dependencies }) => dependencies).filter(({ dependencyTypes }) => dependencyTypes.some((type) => type.startsWith('npm')));
  return { files: own.map(({ source }) => source), packages: imported.map(({ module }) => toPackage(module)) };
}

/** `@scope/name/file` is a file of `@scope/name`. */
function toPackage(specifier: string): string {
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
