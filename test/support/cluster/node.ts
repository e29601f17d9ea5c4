import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onExit } from '../../../setup/on-exit.js';
import { withLock } from '../../../setup/lock.js';
import { findFreePort } from '../free-port.ts';
import { ensureDebianPackages } from '../debian-packages.ts';
import { until } from '../until.ts';
import { runKubectl } from './kubectl.ts';
import type { KubernetesPrograms } from './kubernetes-programs.ts';
import { clearNodeRemains, hasOtherKubelet, NODE_TRACES, noteMachine, toCgroupPaths } from './node-remains.ts';
import { toContainerdConfig, toKubeletConfig, toNetwork } from './node-settings.ts';
import { ensurePauseProgram, toPauseArchive } from './pause-image.ts';
import { startProgram } from './program.ts';
import type { UndoList } from './undo.ts';

/** The names on the machine are fixed, and so is the place: one node at a time, and a killed one is found by the next. */
const DIRECTORY = '/var/lib/barometer-test-node';
const NAME = 'localhost';
const START_LIMIT_MS = 120_000;

/** @throws when this machine can't be a node, with what it lacks */
export function ensureNodePossible(): void {
  if (process.platform !== 'linux') throw new Error('A node runs on Linux only.');
  if (process.getuid?.() !== 0) throw new Error('Only root can run containers and give them a network.');
  if (hasOtherKubelet(DIRECTORY)) throw new Error('This machine is a node of a cluster already: a kubelet runs on it.');
  if (!ensureDebianPackages(['containerd', 'runc', 'containernetworking-plugins', 'iproute2', 'openssl'])) throw new Error('containerd and its parts are missing.');
}

/** Holds this machine's only place for a node; waits until it is free. */
export async function takeNodePlace(undo: UndoList): Promise<void> {
  const taken = Promise.withResolvers<undefined>();
  const release = Promise.withResolvers<undefined>();
  const held = withLock(`${DIRECTORY}.lock`, async () => {
    taken.resolve(undefined);
    await release.promise;
  }, 'the tests of another clone have their node on this machine; waiting for it');
  held.catch(taken.reject);
  undo.add(async () => {
    release.resolve(undefined);
    await held;
  });
  await taken.promise;
}

/** A certificate by which the kubelet knows the API server. */
export function createKubeletClient(directory: string) {
  const client = { certificate: join(directory, 'kubelet-client.crt'), key: join(directory, 'kubelet-client.key') };
  const subject = ['-subj', '/CN=kube-apiserver', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, '-keyout', client.key, '-out', client.certificate], { stdio: 'ignore' });
  return client;
}

export interface NodeOptions {
  readonly programs: KubernetesPrograms;
  readonly kubeconfig: string;
  readonly kubeletClient: { readonly certificate: string };
  readonly undo: UndoList;
}

/**
 * Makes this machine a node of the cluster: containerd, a bridge for the pods (reachable from this machine, no packet filter
 * touched) and a kubelet. Images are pulled from registries on 127.0.0.1 over plain HTTP. There is no kube-proxy, hence no
 * Service addresses; the API server's proxy to pods and services works.
 */
export async function startNode({ programs, kubeconfig, kubeletClient, undo }: NodeOptions): Promise<void> {
  const pause = await ensurePauseProgram();
  clearNodeRemains(DIRECTORY);
  const clear = () => clearNodeRemains(DIRECTORY);
  const forget = onExit(clear);
  undo.add(() => {
    forget();
    clear();
  });
  mkdirSync(join(DIRECTORY, 'cni'), { recursive: true, mode: 0o700 });
  noteMachine(DIRECTORY);
  execFileSync('ip', ['address', 'replace', `${NODE_TRACES.address}/32`, 'dev', 'lo']);
  for (const path of toCgroupPaths()) mkdirSync(path, { recursive: true });

  const socket = join(DIRECTORY, 'containerd.sock');
  writeFileSync(join(DIRECTORY, 'cni', 'pods.conflist'), JSON.stringify(toNetwork(DIRECTORY)));
  writeFileSync(join(DIRECTORY, 'containerd.toml'), toContainerdConfig(DIRECTORY, socket));
  const containerd = startProgram('containerd', 'containerd', ['--config', join(DIRECTORY, 'containerd.toml')], DIRECTORY);
  undo.add(() => containerd.stop());
  const archive = join(DIRECTORY, 'pause.tar');
  writeFileSync(archive, await toPauseArchive(readFileSync(pause)));
  await until(() => {
    containerd.assertRunning();
    return succeeds('ctr', '--address', socket, '--namespace', 'k8s.io', 'images', 'import', archive);
  }, START_LIMIT_MS);

  writeFileSync(join(DIRECTORY, 'kubelet.yaml'), JSON.stringify(toKubeletConfig(DIRECTORY, { socket, port: await findFreePort(), clientCertificate: kubeletClient.certificate })));
  const kubelet = startProgram('kubelet', programs.kubelet, [
    ...[`--config=${join(DIRECTORY, 'kubelet.yaml')}`, `--kubeconfig=${kubeconfig}`, `--root-dir=${join(DIRECTORY, 'kubelet')}`],
    ...[`--cert-dir=${join(DIRECTORY, 'pki')}`, `--hostname-override=${NAME}`, `--node-ip=${NODE_TRACES.address}`],
  ], DIRECTORY);
  undo.add(() => kubelet.stop());
  // While the kubelet runs it takes pods down in good order, network and all.
  undo.add(() => removePods(programs.kubectl, kubeconfig));
  await until(async () => {
    kubelet.assertRunning();
    const answer = await runKubectl(programs.kubectl, ['--kubeconfig', kubeconfig, 'get', 'nodes', '--output', 'json']);
    const { items } = JSON.parse(answer.stdout) as { items: { status: { conditions: { type: string; status: string }[] } }[] };
    return items.some(({ status }) => status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'));
  }, START_LIMIT_MS);
}

async function removePods(kubectl: string, kubeconfig: string): Promise<void> {
  // Without an API server they are killed with the rest of the node.
  const tryKubectl = (...args: string[]) => runKubectl(kubectl, ['--kubeconfig', kubeconfig, '--request-timeout=15s', ...args], { limitMs: 20_000 }).catch(() => null);
  await tryKubectl('cordon', NAME);
  await tryKubectl('delete', 'pods', '--all-namespaces', '--all', '--grace-period=1', '--timeout=15s');
}

function succeeds(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
