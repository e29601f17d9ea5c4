import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a node changes on its machine outside its directory. The names are its own, so that no other one is met. */
export const NODE_TRACES = {
  bridge: 'barometer0',
  network: 'barometer-test',
  /** Of the pods. */
  subnet: '10.213.7.0/24',
  podAddresses: '10.213.7.',
  /** Of the node: it refuses 127.0.0.1, and an address on the loopback interface is reachable from nowhere else. */
  address: '10.213.6.1',
  cgroup: 'barometer-test',
} as const;

/** The kubelet and the bridge set these, and don't put them back. */
const SYSCTLS = ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops', 'kernel/keys/root_maxkeys', 'kernel/keys/root_maxbytes', 'net/ipv4/ip_forward'];
const CGROUPS = '/sys/fs/cgroup';
const PROGRAMS = ['kubelet', 'containerd', 'containerd-shim', 'containerd-shim-runc-v2'];
/** Made by the kubelet, containerd and CNI, whatever their settings say; what is inside before what it is in. */
const FIXED_PLACES = [
  ...['/var/lib/kubelet/device-plugins/kubelet.sock', '/var/lib/kubelet/device-plugins', '/var/lib/kubelet', '/var/log/containers', '/var/log/pods'],
  ...['/run/containerd/s', '/run/containerd/runc/k8s.io', '/run/containerd/runc', '/run/containerd', '/var/lib/cni/results', '/var/lib/cni', '/run/netns'],
];

/** Notes in the node's directory how the machine was before it, for {@link clearNodeRemains}. */
export function noteMachine(directory: string): void {
  const sysctls = Object.fromEntries(SYSCTLS.filter((name) => existsSync(join('/proc/sys', name))).map((name) => [name, readSysctl(name)]));
  const absent = FIXED_PLACES.filter((path) => !existsSync(path));
  writeFileSync(join(directory, 'before.json'), JSON.stringify({ sysctls, absent }));
}

/**
 * Ends what a node left running and puts the machine back to how it was noted; does nothing where nothing is left. So it
 * also clears up after a test run that was killed. It is synchronous, for the end of a process.
 */
export function clearNodeRemains(directory: string): void {
  if (!existsSync(directory)) return;
  const cgroups = findCgroups();
  for (const pid of [...findPrograms(directory), ...cgroups.flatMap(listProcesses)]) endProcess(pid);
  // What has just been killed needs its moment to be gone.
  for (let attempt = 0; attempt < 50 && cgroups.some((path) => listProcesses(path).length > 0); attempt += 1) pause(100);
  for (const path of listMounts(directory)) attempt('umount', '--lazy', path);
  for (const name of listOwnNetworkNamespaces()) attempt('ip', 'netns', 'delete', name);
  if (existsSync(`/sys/class/net/${NODE_TRACES.bridge}`)) attempt('ip', 'link', 'delete', NODE_TRACES.bridge);
  if (run('ip', '-o', 'address', 'show', 'dev', 'lo').includes(` ${NODE_TRACES.address}/32 `)) attempt('ip', 'address', 'delete', `${NODE_TRACES.address}/32`, 'dev', 'lo');
  for (const path of cgroups) removeCgroup(path);
  removeLinks('/var/log/containers', directory);
  const results = '/var/lib/cni/results';
  for (const name of list(results)) if (name.startsWith(`${NODE_TRACES.network}-`)) rmSync(join(results, name), { force: true });
  restoreMachine(directory);
  rmSync(directory, { recursive: true, force: true });
}

function restoreMachine(directory: string): void {
  const path = join(directory, 'before.json');
  if (!existsSync(path)) return;
  const { sysctls, absent } = JSON.parse(readFileSync(path, 'utf8')) as { sysctls: Record<string, string>; absent: string[] };
  for (const [name, value] of Object.entries(sysctls)) if (readSysctl(name) !== value) writeFileSync(join('/proc/sys', name), value);
  for (const path of absent.filter((each) => existsSync(each))) {
    if (!lstatSync(path).isDirectory()) rmSync(path);
    else if (list(path).length === 0) rmdirSync(path);
  }
}

function readSysctl(name: string): string {
  return readFileSync(join('/proc/sys', name), 'utf8').trim();
}

/** One in every hierarchy of version 1, or one. */
export function toCgroupPaths(): string[] {
  const isVersion2 = existsSync(join(CGROUPS, 'cgroup.controllers'));
  const hierarchies = isVersion2 ? [CGROUPS] : list(CGROUPS).map((name) => join(CGROUPS, name)).filter((path) => lstatSync(path).isDirectory());
  return hierarchies.map((path) => join(path, NODE_TRACES.cgroup));
}

function findCgroups(): string[] {
  return toCgroupPaths().filter((path) => existsSync(path));
}

function listProcesses(cgroup: string): number[] {
  const below = list(cgroup).map((name) => join(cgroup, name)).filter((path) => lstatSync(path).isDirectory());
  return [...readIfThere(join(cgroup, 'cgroup.procs')).split('\n').filter(Boolean).map(Number), ...below.flatMap(listProcesses)];
}

function removeCgroup(path: string): void {
  for (const name of list(path)) if (lstatSync(join(path, name)).isDirectory()) removeCgroup(join(path, name));
  rmdirSync(path);
}

/** Whether a kubelet runs on this machine that is not the one of that directory: two would fight over fixed places. */
export function hasOtherKubelet(directory: string): boolean {
  return listPrograms().some(({ name, args }) => ['kubelet', 'k3s'].includes(name) && !mentions(args, directory));
}

function findPrograms(directory: string): number[] {
  return listPrograms().filter(({ name, args }) => PROGRAMS.includes(name) && mentions(args, directory)).map(({ pid }) => pid);
}

function mentions(args: readonly string[], directory: string): boolean {
  return args.some((arg) => arg.includes(`${directory}/`));
}

function listPrograms() {
  return list('/proc').map(Number).filter(Number.isInteger).map((pid) => {
    const [path = '', ...args] = readIfThere(`/proc/${pid}/cmdline`).split('\0');
    return { pid, name: path.replace(/.*\//, ''), args };
  });
}

function listMounts(directory: string): string[] {
  const paths = readFileSync('/proc/mounts', 'utf8').split('\n').map((line) => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '));
  return paths.filter((path) => path.startsWith(`${directory}/`)).reverse();
}

function listOwnNetworkNamespaces(): string[] {
  return list('/run/netns').filter((name) => name.startsWith('cni-')).filter((name) => run('ip', '-n', name, '-o', 'address').includes(` ${NODE_TRACES.podAddresses}`));
}

function removeLinks(directory: string, target: string): void {
  for (const name of list(directory)) {
    const path = join(directory, name);
    if (lstatSync(path).isSymbolicLink() && readlinkSync(path).startsWith(`${target}/`)) rmSync(path);
  }
}

function list(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It went in the meantime.
    return '';
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}

function run(command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}

/** Tries; what it could not do may have been done by the kernel already. */
function attempt(command: string, ...args: string[]): void {
  run(command, ...args);
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
