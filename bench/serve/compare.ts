/**
 * Measures POST /predict next to FastAPI with onnxruntime and FastAPI with Keras, all with the same network, on this machine in one run:
 *
 *     node bench/serve/compare.ts [--seconds 3] [--rounds 3] [--connections 1,8,32,128]
 *
 * The API is started as its image starts it, with a registered model in an emulated storage account; the others by uvicorn, from Python
 * packages that are fetched once into the cache. All three must answer alike. autocannon then sends a 48x48 PNG as the body, to each
 * service in turn, round after round: what else the machine does meets all of them, and figures are medians over the rounds. Requests/s,
 * p50 and p99 are of answers with 200; everything else is counted as refused. Load and services share the machine.
 *
 * Then the API alone is sent faces again, and pictures of 1280x720 with four, while its event loop is watched.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import sharp from 'sharp';
import { createAzureBlobStore } from '../../adapters/blob-storage/azure-blob-store.ts';
import { createModelRegistry } from '../../adapters/blob-storage/model-registry.ts';
import { exportOnnx } from '../../adapters/tensorflow/onnx-export.ts';
import { createWeights } from '../../adapters/tensorflow/weights.ts';
import { encodeGreyPng } from '../../adapters/vision/grey-png.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import type { PerEmotion } from '../../domain/emotion.ts';
import { MODEL_FILES, MODEL_NAME } from '../../domain/names.ts';
import { createRandom } from '../../domain/random.ts';
import { startAzurite } from '../../test/support/azurite.ts';
import { toRegistration } from '../../test/support/models.ts';
import { ensurePythonPackages } from '../../test/support/python-packages.ts';
import { drawScene } from '../../test/support/scenes.ts';
import { toNetworkJson } from './network.ts';
import type { BarometerService, Service } from './services.ts';
import { startBarometer, startFastApi } from './services.ts';

const PACKAGES = ['fastapi==0.165.0', 'uvicorn[standard]==0.54.0', 'python-multipart==0.0.34', 'onnxruntime==1.32.0', 'tensorflow-cpu==2.21.0', 'pillow==13.0.0'];
const WARM_UP_CONNECTIONS = 8;
const WATCHED_CONNECTIONS = 32;
const SCENE_CONNECTIONS = [1, 8, 32];
/** Between the answers of two services; the runtimes add up in different orders. */
const TOLERANCE = 1e-3;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '1,8,32,128' },
  },
});

interface Figures {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly refused: number;
  /** Of the service's own time, for one answer: what else the machine does changes it little. */
  readonly processorMs: number;
}

interface Picture {
  readonly body: Buffer;
  readonly type: 'image/png' | 'image/jpeg';
}

const face: Picture = { type: 'image/png', body: Buffer.from(await encodeGreyPng(Uint8Array.from({ length: 48 * 48 }, (_, index) => (index * 7919) % 251))) };
const scene: Picture = { type: 'image/jpeg', body: await drawHdScene() };
const directory = mkdtempSync(join(tmpdir(), 'barometer-bench-'));
const azurite = await startAzurite();
const services: Service[] = [];
try {
  const barometer = await startAll();
  await checkThatTheyAgree();
  const idle = services.map((service) => service.residentMb());
  console.log('| connections | service | requests/s | p50 ms | p99 ms | refused | processor ms/request | Barometer : it, requests/s | it : Barometer, processor |\n|--:|---|--:|--:|--:|--:|--:|--:|--:|');
  // Nobody serves the first requests as fast as the later ones.
  for (const service of services) await load(service, service.url, face, WARM_UP_CONNECTIONS);
  for (const connections of values.connections.split(',').map(Number)) await compare(connections);
  const residentAfter = services.map((service) => service.residentMb());
  console.log('\n| service | start to ready, s | MB idle | MB after |\n|---|--:|--:|--:|');
  services.forEach((service, index) => {
    console.log(`| ${[service.name, service.startSeconds.toFixed(1), idle[index]!.toFixed(0), residentAfter[index]!.toFixed(0)].join(' | ')} |`);
  });
  await barometer.takeDelay();
  await load(barometer, barometer.url, face, WATCHED_CONNECTIONS);
  const ofFaces = await barometer.takeDelay();
  console.log('\n| connections | 720p with four faces, requests/s | p50 ms | p99 ms | refused | MB after |\n|--:|--:|--:|--:|--:|--:|');
  for (const connections of SCENE_CONNECTIONS) {
    const { perSecond, p50, p99, refused } = await load(barometer, barometer.sceneUrl, scene, connections);
    console.log(`| ${[connections, perSecond.toFixed(1), p50.toFixed(0), p99.toFixed(0), refused, barometer.residentMb().toFixed(0)].join(' | ')} |`);
  }
  const ofScenes = await barometer.takeDelay();
  console.log('\n| event loop under | p99 ms | most ms |\n|---|--:|--:|');
  for (const [what, { p99Ms, mostMs }] of [['faces', ofFaces], ['720p', ofScenes]] as const) console.log(`| ${[what, p99Ms.toFixed(1), mostMs.toFixed(1)].join(' | ')} |`);
  console.log(`\nload average of the machine: ${loadavg().map((load) => load.toFixed(1)).join(', ')}`);
} finally {
  await Promise.all(services.map((service) => service.end()));
  await azurite.stop();
  rmSync(directory, { recursive: true });
}

/** One after the other, so that each has the machine to itself while it starts. */
async function startAll(): Promise<BarometerService> {
  const weights = createWeights(createRandom(1));
  const onnx = exportOnnx(weights);
  const files = { NETWORK_ONNX: join(directory, 'network.onnx'), NETWORK_JSON: join(directory, 'network.json') };
  writeFileSync(files.NETWORK_ONNX, onnx);
  writeFileSync(files.NETWORK_JSON, toNetworkJson(weights));
  const account = azurite.newAccount();
  const blobs = createAzureBlobStore(account);
  await blobs.ensureContainers();
  await createModelRegistry(blobs, MODEL_NAME).register(toRegistration({ files: { [MODEL_FILES.onnx]: onnx } }));
  const packages = await ensurePythonPackages({ name: 'bench-serve-1', title: 'FastAPI, onnxruntime and Keras (900 MB, once)', packages: PACKAGES, oldestMinor: 11 });
  if (packages === null) throw new Error('there is nothing to compare with');
  const barometer = await startBarometer(account.connectionString, join(directory, 'program'));
  services.push(barometer);
  services.push(await startFastApi('FastAPI + onnxruntime', 'fastapi_onnxruntime', packages, files));
  services.push(await startFastApi('FastAPI + Keras', 'fastapi_keras', packages, files));
  return barometer;
}

async function checkThatTheyAgree(): Promise<void> {
  const [ours, ...others] = await Promise.all(services.map(ask));
  for (const theirs of others) {
    const difference = Math.max(...EMOTIONS.map((emotion) => Math.abs(theirs[emotion] - ours![emotion])));
    // Not a number is no agreement either.
    if (!(difference < TOLERANCE)) throw new Error(`the services answer differently: ${JSON.stringify([ours, ...others])}`);
  }
}

async function ask({ url }: Service): Promise<PerEmotion> {
  const answer = await fetch(url, { method: 'POST', body: new Uint8Array(face.body), headers: { 'content-type': face.type } });
  return ((await answer.json()) as { probabilities: PerEmotion }).probabilities;
}

async function compare(connections: number): Promise<void> {
  const rounds = new Map(services.map((service) => [service, [] as Figures[]]));
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const service of services) rounds.get(service)!.push(await load(service, service.url, face, connections));
  }
  const ours = rounds.get(services[0]!)!;
  for (const [{ name }, figures] of rounds) {
    const of = (figure: keyof Figures): number => median(figures.map((each) => each[figure]));
    const refused = figures.reduce((sum, each) => sum + each.refused, 0);
    // Of each round by itself: what disturbed one service in it disturbed the other, too.
    const ratio = median(figures.map(({ perSecond }, round) => ours[round]!.perSecond / perSecond));
    const processorRatio = median(figures.map(({ processorMs }, round) => processorMs / ours[round]!.processorMs));
    const cells = [of('perSecond').toFixed(0), of('p50').toFixed(1), of('p99').toFixed(1), refused, of('processorMs').toFixed(2), ratio.toFixed(2), processorRatio.toFixed(2)];
    console.log(`| ${[connections, name, ...cells].join(' | ')} |`);
  }
}

async function load(service: Service, url: string, { body, type }: Picture, connections: number): Promise<Figures> {
  const times: number[] = [];
  const before = service.processorMs();
  const run = autocannon({ url, method: 'POST', body, headers: { 'content-type': type }, connections, duration: Number(values.seconds) });
  run.on('response', (_client, status, _bytes, milliseconds) => {
    if (status === 200) times.push(milliseconds);
  });
  const { errors, non2xx, duration } = await run;
  times.sort((a, b) => a - b);
  const toQuantile = (share: number): number => times[Math.max(0, Math.ceil(share * times.length) - 1)] ?? NaN;
  return { perSecond: times.length / duration, p50: toQuantile(0.5), p99: toQuantile(0.99), refused: errors + non2xx, processorMs: (service.processorMs() - before) / times.length };
}

/** As a camera sends it. */
async function drawHdScene(): Promise<Buffer> {
  const png = await drawScene({ width: 1280, height: 720 }, [100, 400, 700, 1000].map((left, index) => ({ left, top: 150 + 80 * index, side: 180 })));
  return sharp(png).jpeg({ quality: 85 }).toBuffer();
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}
