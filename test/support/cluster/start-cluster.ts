import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onExit } from '../../../setup/on-exit.js';
import { exitOnSignals } from '../../../setup/child.js';
import { findOnPath } from '../../../setup/command.js';
import { startControlPlane } from './control-plane.ts';
import { ensureKubernetes } from './kubernetes-programs.ts';
import { createKubeletClient, ensureNodePossible, startNode, takeNodePlace } from './node.ts';
import { createUndoList } from './undo.ts';

export interface StartedCluster {
  readonly kubeconfig: string;
  readonly kubectlPath: string;
  readonly apiServer: { stop(): Promise<void>; start(): Promise<void> } | null;
  /** Ends all of it and puts back what was changed on the machine. */
  stop(): Promise<void>;
}

/** The cluster that BAROMETER_TEST_KUBECONFIG names, or null. */
export function findGivenCluster(): Promise<StartedCluster> | null {
  const kubeconfig = process.env['BAROMETER_TEST_KUBECONFIG'];
  if (!kubeconfig) return null;
  const kubectlPath = findOnPath('kubectl');
  if (kubectlPath === undefined) return Promise.reject(new Error('BAROMETER_TEST_KUBECONFIG needs kubectl on the PATH.'));
  return Promise.resolve({ kubeconfig, kubectlPath, apiServer: null, stop: () => Promise.resolve() });
}

/** Starts a cluster of our own. @throws when it can't be had; nothing is left behind then */
export async function startCluster({ node }: { readonly node: boolean }): Promise<StartedCluster> {
  if (node) ensureNodePossible();
  const programs = await ensureKubernetes();
  const undo = createUndoList();
  try {
    undo.add(exitOnSignals());
    if (node) await takeNodePlace(undo);
    const directory = mkdtempSync(join(tmpdir(), 'barometer-cluster-'));
    const removeDirectory = () => rmSync(directory, { recursive: true, force: true });
    const forget = onExit(removeDirectory);
    undo.add(() => {
      forget();
      removeDirectory();
    });
    const kubeletClient = node ? createKubeletClient(directory) : undefined;
    const { kubeconfig, startApiServer, stopApiServer } = await startControlPlane({ programs, directory, undo, ...(kubeletClient && { kubeletClient }) });
    if (kubeletClient) await startNode({ programs, kubeconfig, kubeletClient, undo });
    return { kubeconfig, kubectlPath: programs.kubectl, apiServer: { stop: stopApiServer, start: startApiServer }, stop: () => undo.run() };
  } catch (error) {
    await undo.run();
    throw error;
  }
}
