import { join } from 'node:path';
import { findOnPath } from '../../../setup/command.js';
import { ensureGoPrograms, readGoMod } from '../go-programs.ts';

/** The Kubernetes that tests run against. */
export const KUBERNETES_VERSION = '1.35.4';
const ETCD_VERSION = '3.6.16';

const PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'kubelet'] as const;
type Program = (typeof PROGRAMS)[number] | 'etcd';

/** Paths of the programs. */
export type KubernetesPrograms = Readonly<Record<Program, string>>;

/**
 * The programs that make a cluster: of this machine where it has them all (some alone may be of any version), else from the
 * cache, where they are built from source the first time.
 *
 * @throws SetupProblem when they can't be built
 */
export async function ensureKubernetes(): Promise<KubernetesPrograms> {
  const installed = Object.fromEntries(['etcd', ...PROGRAMS].map((program) => [program, findOnPath(program)]));
  if (Object.values(installed).every((path) => path !== undefined)) return installed as KubernetesPrograms;
  const etcd = await ensureGoPrograms({
    name: `etcd-${ETCD_VERSION}`,
    duration: 'half a minute',
    packages: { etcd: 'go.etcd.io/etcd/server/v3' },
    goMod: `module etcd\ngo 1.26\nrequire go.etcd.io/etcd/server/v3 v${ETCD_VERSION}\n`,
  });
  const kubernetes = await ensureGoPrograms({
    name: `kubernetes-${KUBERNETES_VERSION}`,
    duration: '4 to 12 minutes',
    packages: Object.fromEntries(PROGRAMS.map((program) => [program, `k8s.io/kubernetes/cmd/${program}`])),
    goMod: async (go) => toGoMod(await readGoMod(go, 'k8s.io/kubernetes', `v${KUBERNETES_VERSION}`)),
    ldflags: toLdflags(),
  });
  const built = Object.fromEntries(PROGRAMS.map((program) => [program, join(kubernetes, program)]));
  return { ...built, etcd: join(etcd, 'etcd') } as KubernetesPrograms;
}

/** Kubernetes takes its own modules from a folder beside it, which is not published; they are, each by itself, as v0.x. */
function toGoMod(published: string): string {
  const settings = published.match(/^(go|godebug) .*/gm) ?? [];
  const stagingVersion = `v0${KUBERNETES_VERSION.slice(1)}`;
  const staging = [...published.matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging/gm)].map(([, name]) => `replace ${name} => ${name} ${stagingVersion}`);
  return ['module kubernetes', ...settings, `require k8s.io/kubernetes v${KUBERNETES_VERSION}`, ...staging, ''].join('\n');
}

/** How a release says its version; without it every program says v0.0.0-master and refuses its elders. */
function toLdflags(): string {
  const [major, minor] = KUBERNETES_VERSION.split('.');
  const values = { gitVersion: `v${KUBERNETES_VERSION}`, gitMajor: major, gitMinor: minor };
  return ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']
    .flatMap((name) => Object.entries(values).map(([key, value]) => `-X ${name}.${key}=${value}`))
    .join(' ');
}
