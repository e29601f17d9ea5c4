import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createAzureBlobStore } from '../../adapters/blob-storage/azure-blob-store.ts';
import { createModelRegistry } from '../../adapters/blob-storage/model-registry.ts';
import { createVenueStore } from '../../adapters/blob-storage/venue-store.ts';
import type { PredictionAnswer } from '../../api/answers.ts';
import type { MoodAnswer } from '../../api/venue-answers.ts';
import { MODEL_FILES, MODEL_NAME } from '../../domain/names.ts';
import { venueSchema } from '../../domain/venue.ts';
import { toForm } from '../support/api.ts';
import { findFreePort } from '../support/free-port.ts';
import { useAzurite } from '../support/azurite.ts';
import { toRegistration } from '../support/models.ts';
import { toOnnxModel } from '../support/onnx-model.ts';
import { drawScene } from '../support/scenes.ts';
import { until } from '../support/until.ts';

const PROGRAM = fileURLToPath(new URL('../../api/serve.ts', import.meta.url));

/** Guests on the left, staff on the right. */
const SUN = venueSchema.parse({
  id: 'the-sun',
  name: 'The Sun',
  operator: { name: 'Sun Ltd', contact: 'privacy@sun.example' },
  minimumFaces: 2,
  cameras: { bar: { staffAreas: [{ points: [[0.5, 0], [1, 0], [1, 1], [0.5, 1]] }] }, door: {} },
});

describe('the mood of a venue, from two API processes', () => {
  const azurite = useAzurite();
  const children: ChildProcess[] = [];

  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
  });

  async function start(connectionString: string): Promise<{ child: ChildProcess; url: string }> {
    const port = await findFreePort();
    const child = spawn(process.execPath, [PROGRAM], {
      env: { BAROMETER_STORAGE_CONNECTION_STRING: connectionString, BAROMETER_API_PORT: String(port), BAROMETER_LOG_LEVEL: 'silent' },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    children.push(child);
    const url = `http://127.0.0.1:${port}`;
    await until(() => fetch(`${url}/readyz`).then(({ ok }) => ok, () => false));
    return { child, url };
  }

  async function send(url: string, camera: string, scene: Buffer): Promise<PredictionAnswer> {
    const form = toForm(scene);
    form.append('venue', SUN.id);
    form.append('camera', camera);
    return (await (await fetch(`${url}/predict`, { method: 'POST', body: form })).json()) as PredictionAnswer;
  }

  async function readMood(url: string): Promise<MoodAnswer> {
    return (await (await fetch(`${url}/venues/${SUN.id}/mood`)).json()) as MoodAnswer;
  }

  it('is the same, without the staff, and those who watch are let go when a process ends', async () => {
    const { connectionString } = azurite.newAccount();
    const blobs = createAzureBlobStore({ connectionString });
    await blobs.ensureContainers();
    await createVenueStore(blobs).save(SUN, null);
    await createModelRegistry(blobs, MODEL_NAME).register(toRegistration({ runName: 'run-a', files: { [MODEL_FILES.onnx]: toOnnxModel('angry') } }));
    const [one, two] = [await start(connectionString), await start(connectionString)];
    const scene = await drawScene({ width: 900, height: 500 }, [{ left: 40, top: 80, side: 180 }, { left: 550, top: 200, side: 200 }]);

    const atBar = await send(one.url, 'bar', scene);
    assert.deepEqual([atBar.faces.length, atBar.leftOut], [1, 1]);
    const atDoor = await send(two.url, 'door', scene);
    assert.deepEqual([atDoor.faces.length, atDoor.leftOut], [2, 0]);

    const isKnown = async ({ url }: { url: string }) => (await readMood(url)).series.some(({ reading }) => reading !== null);
    await until(async () => (await isKnown(one)) && (await isKnown(two)));
    const [series, same] = (await Promise.all([readMood(one.url), readMood(two.url)])).map((mood) => mood.series.flatMap(({ reading }) => reading ?? []));
    assert.deepEqual(series, same);

    const [screen] = (await once(get(`${one.url}/venues/${SUN.id}/mood/stream`), 'response')) as [IncomingMessage];
    screen.resume();
    const [exited, ended] = [once(one.child, 'exit'), once(screen, 'end')];
    one.child.kill('SIGTERM');
    await ended;
    assert.ok(screen.complete);
    assert.deepEqual(await exited, [0, null]);
  });
});
