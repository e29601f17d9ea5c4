import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { createAzureBlobStore } from '../../adapters/blob-storage/azure-blob-store.ts';
import { connectTemporal } from '../../adapters/temporal/connection.ts';
import { toChildEnvironment } from '../../config/child-environment.ts';
import { loadConfig } from '../../config/config.ts';
import type { Config } from '../../config/config.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import { readHead } from '../git.ts';
import { toJson } from '../output/format.ts';

/** One thing that a step needs. */
interface Finding {
  readonly what: string;
  /** Which part of Barometer needs it. */
  readonly neededFor: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do when it is missing. */
  readonly advice?: string;
}

const GIGABYTE = 1024 ** 3;

export function createDoctorCommand(): Command {
  return new Command('doctor')
    .summary('what this machine has and lacks for each step, and what to do')
    .description('Looks at what each step needs: programs, libraries, and the servers that the settings name. Says what to do about what is missing; the exit code is then 1.')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      const config = loadConfig();
      const findings = [
        checkNode(),
        checkMachine(),
        ...(await Promise.all([
          checkDisk(),
          checkGit(),
          checkTensorFlow(),
          checkOnnx(),
          checkTemporalCli(config),
          checkTemporal(config),
          checkStorage(config),
          checkApi(config),
          checkEngine(config),
          checkCluster(config),
        ])),
      ];
      console.log(json ? toJson(findings) : findings.map(toText).join('\n'));
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
    });
}

function toText({ what, neededFor, ok, found, advice }: Finding): string {
  const line = `${ok ? '✔' : '✘'} ${what.padEnd(22)} ${found}`;
  return ok || advice === undefined ? line : `${line}\n    needed for ${neededFor}: ${advice}`;
}

function checkNode(): Finding {
  return { what: 'Node.js', neededFor: 'everything', ok: true, found: process.version };
}

function checkMachine(): Finding {
  const gigabytes = totalmem() / GIGABYTE;
  const found = `${availableParallelism()} cores, ${gigabytes.toFixed(0)} GB of memory`;
  return { what: 'Machine', neededFor: 'training', ok: gigabytes >= 3.5, found, advice: 'training wants 4 GB of memory; give the train role a larger machine' };
}

async function checkDisk(): Promise<Finding> {
  const { bavail, bsize } = await statfs('.');
  const gigabytes = (bavail * bsize) / GIGABYTE;
  return { what: 'Free disk', neededFor: 'the embedded stack', ok: gigabytes >= 2, found: `${gigabytes.toFixed(0)} GB`, advice: 'free 2 GB' };
}

async function checkGit(): Promise<Finding> {
  const facts = { what: 'Git commit', neededFor: 'naming runs', advice: 'run inside a git repository, or give --git-sha' };
  return check(facts, `none in ${process.cwd()}`, () => readHead(process.cwd()));
}

async function checkTensorFlow(): Promise<Finding> {
  const advice = 'run `npm start`, which installs it; with a compiler (g++) and Python 3 it builds where the download is out of reach';
  return check({ what: 'TensorFlow', neededFor: 'training', advice }, 'not installed', async () => {
    const { tensorflowVersions } = await import('../../adapters/tensorflow/runtime.ts');
    return Object.entries(tensorflowVersions).map(([name, version]) => `${name} ${version}`).join(', ');
  });
}

async function checkOnnx(): Promise<Finding> {
  const advice = 'this platform has no build of onnxruntime-node; use linux or macOS on x64 or arm64, or Windows';
  return check({ what: 'ONNX Runtime', neededFor: 'evaluation and serving', advice }, 'not installed', async () => {
    const { onnxRuntimeVersion } = await import('../../adapters/onnx/version.ts');
    return onnxRuntimeVersion;
  });
}

async function checkTemporalCli({ embedded }: Config): Promise<Finding> {
  const advice = 'run `npm start`, which installs it, or point BAROMETER_TEMPORAL_CLI at it';
  return check({ what: 'Temporal CLI', neededFor: 'the embedded stack', advice }, `no ${embedded.temporalCli} to run`, async () => {
    const { stdout } = await promisify(execFile)(embedded.temporalCli, ['--version']);
    return stdout.trim();
  });
}

async function checkTemporal({ temporal }: Config): Promise<Finding> {
  const advice = 'start the embedded one with `npm start`, or set BAROMETER_TEMPORAL_ADDRESS';
  return check({ what: 'Temporal server', neededFor: 'running the pipeline', advice }, `no answer at ${temporal.address}`, async () => {
    const { connection, close } = await connectTemporal(temporal);
    const hasNamespace = await connection.workflowService.describeNamespace({ namespace: temporal.namespace }).then(() => true, () => false);
    await close();
    if (!hasNamespace) throw new Failure('configuration-invalid', `no namespace "${temporal.namespace}" at ${temporal.address} (BAROMETER_TEMPORAL_NAMESPACE)`);
    return toTemporalText(temporal);
  });
}

/** How it is spoken to, without the secrets. */
function toTemporalText({ address, namespace, tls, apiKey, payloadKeys }: Config['temporal']): string {
  const manner = [
    tls === null ? 'in plain text' : tls.client === null ? 'by TLS' : 'by TLS with a client certificate',
    ...(apiKey === null ? [] : ['with an API key']),
    payloadKeys.length === 0 ? 'payloads not encrypted' : `payloads encrypted with the key "${payloadKeys[0]!.id}"`,
  ];
  return `${address}, namespace ${namespace}, ${manner.join(', ')}`;
}

async function checkStorage({ storage }: Config): Promise<Finding> {
  const advice = 'start the embedded one with `npm start`, or set BAROMETER_STORAGE_CONNECTION_STRING or BAROMETER_STORAGE_ACCOUNT_URL';
  return check({ what: 'Storage account', neededFor: 'every step and the API', advice }, 'accountUrl' in storage ? `no answer at ${storage.accountUrl}` : 'no answer', async () => {
    await createAzureBlobStore(storage, { maxTries: 1 }).exists('emotions', 'is-anybody-there');
    return 'accountUrl' in storage ? storage.accountUrl : 'by connection string';
  });
}

async function checkApi({ api }: Config): Promise<Finding> {
  const advice = 'start everything with `npm start`, or the API alone with `barometer api`';
  return check({ what: 'API', neededFor: 'predictions', advice }, `no answer at ${api.url}`, async () => {
    const { status } = await fetch(`${api.url}/readyz`, { signal: AbortSignal.timeout(5_000) });
    return `${api.url}, ${status === 200 ? 'ready' : 'without a model yet'}`;
  });
}

/** Nothing is missing where no images are to be built. */
async function checkEngine({ images }: Config): Promise<Finding> {
  const facts = { what: 'Container engine', neededFor: 'building images' };
  if (images.repository === null) return { ...facts, ok: true, found: 'not asked for (BAROMETER_IMAGE_REPOSITORY is not set)' };
  const { findEngine } = await import('../../adapters/containers/find-engine.ts');
  const found = await findEngine({ choice: images.engine, platforms: images.platforms, environment: toChildEnvironment({}) });
  return 'engine' in found ? { ...facts, ok: true, found: found.engine.name } : { ...facts, ok: false, found: 'none', advice: found.whyNot };
}

async function checkCluster({ cluster }: Config): Promise<Finding> {
  const facts = { what: 'Kubernetes cluster', neededFor: 'rolling out' };
  if (cluster.kubeconfig === null) return { ...facts, ok: true, found: 'not asked for (BAROMETER_KUBECONFIG is not set)' };
  const { whyNotRollOut } = await import('../../adapters/kubernetes/why-not.ts');
  const whyNot = await whyNotRollOut(cluster, { environment: toChildEnvironment({}) });
  return whyNot === null ? { ...facts, ok: true, found: `namespace ${cluster.namespace}` } : { ...facts, ok: false, found: 'not usable', advice: whyNot };
}

/** @param missing what to say when it is not there; a failure of another kind says more by itself */
async function check(facts: Omit<Finding, 'ok' | 'found'>, missing: string, find: () => Promise<string>): Promise<Finding> {
  try {
    return { ...facts, ok: true, found: await find() };
  } catch (error) {
    const isTelling = isFailure(error, 'access-denied') || isFailure(error, 'configuration-invalid');
    return { ...facts, ok: false, found: isTelling ? error.message : missing };
  }
}
