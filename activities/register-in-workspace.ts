import type { ModelManifest } from '../domain/model.ts';
import { withHeartbeat } from './heartbeat.ts';

export interface RegisterInWorkspaceDependencies {
  readonly registry: {
    /** @throws Failure `not-found` */
    read(version: number, files: readonly string[]): Promise<{ readonly manifest: ModelManifest }>;
  };
  /** @throws Failure `configuration-invalid` where there is no workspace, and for whatever it answers */
  readonly registerInWorkspace: (model: { readonly manifest: ModelManifest }) => Promise<string>;
}

export type RegisterInWorkspaceActivities = ReturnType<typeof createRegisterInWorkspaceActivities>;

export function createRegisterInWorkspaceActivities({ registry, registerInWorkspace }: RegisterInWorkspaceDependencies) {
  return {
    /** Shows a registered version in the Azure ML workspace, too, pointing at the files of our own registry. */
    async registerInWorkspace({ version }: { version: number }): Promise<void> {
      const { manifest } = await registry.read(version, []);
      await withHeartbeat(() => registerInWorkspace({ manifest }));
    },
  };
}
