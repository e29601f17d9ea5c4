import assert from 'node:assert/strict';
import { createRegisterInWorkspaceActivities } from '../../activities/register-in-workspace.ts';
import { modelManifestSchema } from '../../domain/model.ts';
import { GIT_SHA, toModelCard } from '../support/models.ts';
import { runActivity } from '../support/run-activity.ts';

describe('registerInWorkspace', () => {
  it('hands the manifest of the registered version on, and none of its files', async () => {
    const { labels, transform } = toModelCard();
    const manifest = modelManifestSchema.parse({
      ...{ name: 'emotions-cnn', version: 7, runName: 'run', gitSha: GIT_SHA, registeredAt: '2026-11-25T13:00:00.000Z' },
      ...{ labels, transform, accuracy: 0.6, accuracyInterval: { lower: 0.5, upper: 0.7 }, uncertainBelow: 0, datasetVersion: 'data', files: [] },
    });
    const asked: unknown[] = [];
    const { registerInWorkspace } = createRegisterInWorkspaceActivities({
      registry: {
        read: async (...request) => {
          asked.push(request);
          return { manifest };
        },
      },
      registerInWorkspace: async (model) => {
        asked.push(model);
        return 'id';
      },
    });
    await runActivity(() => registerInWorkspace({ version: 7 }));
    assert.deepEqual(asked, [[7, []], { manifest }]);
  });
});
