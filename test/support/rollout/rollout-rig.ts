import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeEach } from 'mocha';
import type { MockActivityEnvironment } from '@temporalio/testing';
import type { RollOutRequest } from '../../../activities/roll-out.ts';
import { createAzureBlobStore } from '../../../adapters/blob-storage/azure-blob-store.ts';
import type { RolloutResult } from '../../../domain/rollout.ts';
import { useAzurite } from '../azurite.ts';
import type { Cluster as TestCluster } from '../cluster/use-cluster.ts';
import { createActivityEnvironment } from '../run-activity.ts';
import type { OverlayOptions } from './api-overlay.ts';
import { OVERLAY, useOverlay } from './api-overlay.ts';
import type { RollOutOptions, RolloutPlace } from './roll-out-activities.ts';
import { createTestRollOut } from './roll-out-activities.ts';
import { useNamespace } from './use-namespace.ts';

export interface RolledOut {
  readonly result: RolloutResult;
  readonly notes: readonly string[];
}

export interface RollOutCall extends RollOutOptions {
  readonly environment?: MockActivityEnvironment;
  readonly onNote?: (note: string) => void;
}

/** Everything that a rollout needs, in a namespace of its own for each test. */
export function useRolloutRig(testCluster: TestCluster) {
  const azurite = useAzurite();
  const overlay = useOverlay();
  const its = useNamespace(testCluster);
  let place: RolloutPlace | undefined;

  function current(): RolloutPlace {
    if (place === undefined) throw new Error('The place is not there yet');
    return place;
  }

  beforeEach('take a storage account', async () => {
    const { namespace } = its;
    const { kubeconfig, kubectlPath } = testCluster;
    const { connectionString } = azurite.newAccount();
    const blobs = createAzureBlobStore({ connectionString });
    await blobs.ensureContainers();
    overlay.write({ namespace });
    place = { kubeconfig, namespace, connectionString, tree: overlay.tree(), overlay: OVERLAY, path: `${dirname(kubectlPath)}:${process.env['PATH'] ?? ''}` };
  });

  return {
    get cluster() { return its.cluster; },
    kubectl: its.kubectl,
    get: its.get,
    writeOverlay(options: Omit<OverlayOptions, 'namespace'>): void {
      overlay.write({ namespace: its.namespace, ...options });
    },
    async rollOut(request: RollOutRequest, { environment = createActivityEnvironment(), onNote, ...options }: RollOutCall = {}): Promise<RolledOut> {
      const notes: string[] = [];
      environment.on('heartbeat', (details: { note?: string } | undefined) => {
        if (details?.note === undefined) return;
        if (details.note !== notes.at(-1)) notes.push(details.note);
        onNote?.(details.note);
      });
      return { result: await environment.run(createTestRollOut(current(), options).rollOut, request), notes };
    },
    /** Rolls out in a process of its own, which is killed as soon as it notes something that fits. */
    async rollOutUntilKilled(request: RollOutRequest, note: RegExp): Promise<void> {
      const program = fileURLToPath(new URL('roll-out-process.ts', import.meta.url));
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, JSON.stringify({ place: current(), request })], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'close');
      let fits = false;
      for await (const line of createInterface({ input: child.stdout })) {
        if (!note.test(line)) continue;
        fits = true;
        child.kill('SIGKILL');
      }
      await ended;
      if (!fits) throw new Error(`The rollout ended before it noted ${String(note)}`);
    },
  };
}
