import { z } from 'zod';
import type { ContainerEngineName } from '../../config/images.ts';
import type { ImagePlatform } from '../../domain/container-image.ts';
import { buildah, podman } from './buildah.ts';
import { buildx } from './buildx.ts';
import type { Environment } from './credentials.ts';
import type { ContainerEngine } from './engine.ts';
import { askCommand } from './engine-command.ts';

/** An engine that can build, or what was looked for and what to do. */
export type FoundEngine = { readonly engine: ContainerEngine } | { readonly whyNot: string };

export interface FindEngineOptions {
  /** Null: the first that is found. */
  readonly choice: ContainerEngineName | null;
  readonly platforms: readonly ImagePlatform[];
  readonly environment: Environment;
}

const ENGINES: readonly ContainerEngine[] = [buildx, buildah, podman];

export async function findEngine({ choice, platforms, environment }: FindEngineOptions): Promise<FoundEngine> {
  const candidates = ENGINES.filter(({ name }) => choice === null || name === choice);
  const reasons: string[] = [];
  for (const engine of candidates) {
    const whyNot = engine.name === 'buildx' ? await whyNotBuildx(platforms, environment) : await whyNotBuildah(engine.name, environment);
    if (whyNot === null) return { engine };
    reasons.push(whyNot);
  }
  const advice = choice === null ? 'Install one of them where this worker runs, or name one in BAROMETER_CONTAINER_ENGINE.' : 'Mend that where this worker runs, or leave BAROMETER_CONTAINER_ENGINE empty to use what is there.';
  return { whyNot: `No container engine can build images here: ${reasons.join('; ')}. ${advice}` };
}

async function whyNotBuildah(name: ContainerEngineName, environment: Environment): Promise<string | null> {
  // Unlike its version, this also tells whether its storage can be used.
  if ((await askCommand([name, 'info'], environment)) !== null) return null;
  return (await askCommand([name, '--version'], environment)) === null ? `${name} is not installed` : `${name} is installed, but "${name} info" fails`;
}

const builderSchema = z.looseObject({
  Name: z.string(),
  Driver: z.string(),
  Current: z.boolean(),
  Err: z.string().optional(),
  Nodes: z.array(z.looseObject({ Status: z.string().optional() })).nullish(),
});

async function whyNotBuildx(platforms: readonly ImagePlatform[], environment: Environment): Promise<string | null> {
  if ((await askCommand(['docker', 'buildx', 'version'], environment)) === null) return 'docker buildx is not installed';
  const list = await askCommand(['docker', 'buildx', 'ls', '--format=json'], environment);
  if (list === null) return '"docker buildx ls" fails';
  const builder = list.split('\n').map(toBuilder).find((each) => each?.Current === true);
  if (builder == null) return 'docker buildx has no builder (see "docker buildx create --use")';
  if ((builder.Err ?? '') !== '') return `the builder "${builder.Name}" of docker buildx does not answer`;
  // A remote one is started by nobody; others start by themselves.
  if (builder.Driver === 'remote' && !builder.Nodes?.some(({ Status }) => Status === 'running')) return `the builder "${builder.Name}" of docker buildx does not answer`;
  if (builder.Driver === 'docker' && platforms.length > 1 && !(await keepsManyPlatforms(environment))) {
    return `the builder "${builder.Name}" of docker buildx can build for one platform only (see "docker buildx create --use", or Docker's containerd image store)`;
  }
  return null;
}

function toBuilder(line: string): z.output<typeof builderSchema> | null {
  try {
    return builderSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/** Docker's own builder can make an index only where Docker keeps images in containerd. */
async function keepsManyPlatforms(environment: Environment): Promise<boolean> {
  const status = await askCommand(['docker', 'info', '--format={{json .DriverStatus}}'], environment);
  return status !== null && status.includes('"io.containerd.snapshotter.v1"');
}
