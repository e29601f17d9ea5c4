import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { findFreePort } from '../free-port.ts';
import { until } from '../until.ts';
import type { KubernetesPrograms } from './kubernetes-programs.ts';
import type { Program } from './program.ts';
import { startProgram } from './program.ts';
import type { UndoList } from './undo.ts';

export interface ControlPlane {
  /** A kubeconfig file whose user may do everything. */
  readonly kubeconfig: string;
  /** Ends the API server at once; clients lose their connections and find its port closed. */
  stopApiServer(): Promise<void>;
  /** Starts it again, if it does not run, where it was, and waits until it answers. */
  startApiServer(): Promise<void>;
}

export interface ControlPlaneOptions {
  readonly programs: KubernetesPrograms;
  /** Where its state lies. */
  readonly directory: string;
  readonly undo: UndoList;
  /** By which the API server is known to kubelets. */
  readonly kubeletClient?: { readonly certificate: string; readonly key: string };
}

const START_LIMIT_MS = 120_000;

/**
 * Starts etcd, the API server (RBAC, tokens, admission as by default), the controllers and the scheduler on free ports of
 * 127.0.0.1, and waits until namespaces get their ServiceAccount: until then the API server refuses pods.
 */
export async function startControlPlane({ programs, directory, undo, kubeletClient }: ControlPlaneOptions): Promise<ControlPlane> {
  const [etcdPort, peerPort, port] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const token = randomBytes(16).toString('hex');
  const kubeconfig = join(directory, 'kubeconfig');
  const certificates = join(directory, 'certificates');
  const authority = join(certificates, 'apiserver.crt');
  const signingKey = join(directory, 'service-accounts.key');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(signingKey, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  writeFileSync(join(directory, 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  writeFileSync(kubeconfig, toKubeconfig({ server: `https://127.0.0.1:${port}`, authority, token }), { mode: 0o600 });

  function start(name: keyof KubernetesPrograms, args: readonly string[]): Program {
    const program = startProgram(name, programs[name], args, directory);
    // What it holds is thrown away, so that there is nothing to wait for.
    undo.add(() => program.kill());
    return program;
  }

  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const etcd = start('etcd', [
    ...[`--data-dir=${join(directory, 'etcd')}`, `--listen-client-urls=${etcdUrl}`, `--advertise-client-urls=${etcdUrl}`],
    ...[`--listen-peer-urls=${peerUrl}`, `--initial-advertise-peer-urls=${peerUrl}`, `--initial-cluster=default=${peerUrl}`],
    // Nobody needs this data after a power cut.
    '--unsafe-no-fsync',
  ]);

  let apiServer: Program | undefined;
  async function startApiServer(): Promise<void> {
    if (apiServer?.isRunning()) return;
    const starting = start('kube-apiserver', [
      ...[`--etcd-servers=${etcdUrl}`, '--bind-address=127.0.0.1', '--advertise-address=127.0.0.1', `--secure-port=${port}`, `--cert-dir=${certificates}`],
      ...['--service-account-issuer=https://kubernetes.default.svc', `--service-account-key-file=${signingKey}`, `--service-account-signing-key-file=${signingKey}`],
      ...[`--token-auth-file=${join(directory, 'tokens.csv')}`, '--authorization-mode=Node,RBAC', '--service-cluster-ip-range=10.96.0.0/16'],
      // The node, if there is one, is called localhost and has no address that others can use.
      ...['--endpoint-reconciler-type=none', '--kubelet-preferred-address-types=Hostname'],
      ...(kubeletClient ? [`--kubelet-client-certificate=${kubeletClient.certificate}`, `--kubelet-client-key=${kubeletClient.key}`] : []),
    ]);
    apiServer = starting;
    await until(() => {
      etcd.assertRunning();
      starting.assertRunning();
      return answers(port, '/readyz', token, authority);
    }, START_LIMIT_MS);
  }

  await startApiServer();
  const controllers = start('kube-controller-manager', [
    ...[`--kubeconfig=${kubeconfig}`, '--secure-port=0', '--leader-elect=false', '--use-service-account-credentials=false'],
    ...[`--service-account-private-key-file=${signingKey}`, `--root-ca-file=${authority}`],
  ]);
  const scheduler = start('kube-scheduler', [`--kubeconfig=${kubeconfig}`, '--secure-port=0', '--leader-elect=false']);
  await until(() => {
    controllers.assertRunning();
    scheduler.assertRunning();
    return answers(port, '/api/v1/namespaces/default/serviceaccounts/default', token, authority);
  }, START_LIMIT_MS);

  return { kubeconfig, startApiServer, stopApiServer: async () => apiServer?.kill() };
}

/** Whether the API server answers that all is well. */
function answers(port: number, path: string, token: string, authority: string): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const request = get({ host: '127.0.0.1', port, path, ca: readFileSync(authority), headers: { authorization: `Bearer ${token}` }, timeout: 5_000, agent: false });
      request.once('response', (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      request.once('timeout', () => request.destroy());
      request.once('error', () => { resolve(false); });
    } catch {
      // It has not written its certificate yet.
      resolve(false);
    }
  });
}

/** YAML, of which JSON is a part. */
function toKubeconfig({ server, authority, token }: { server: string; authority: string; token: string }): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': authority } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  });
}
