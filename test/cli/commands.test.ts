import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'mocha';
import sharp from 'sharp';
import { z } from 'zod';
import { createStores } from '../../adapters/blob-storage/stores.ts';
import type { Stores } from '../../adapters/blob-storage/stores.ts';
import { greyPngCodec } from '../../adapters/vision/grey-png.ts';
import { datasetManifestSchema } from '../../domain/dataset.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import { IMAGE_PIXELS } from '../../domain/image-transform.ts';
import { modelCardSchema, modelManifestSchema } from '../../domain/model.ts';
import { MODEL_ALIASES } from '../../domain/names.ts';
import { useAzurite } from '../support/azurite.ts';
import type { TestApi } from '../support/api.ts';
import { NO_FACES, startTestApi } from '../support/api.ts';
import type { Finished } from '../support/barometer.ts';
import { runBarometer } from '../support/barometer.ts';
import { findFreePort } from '../support/free-port.ts';
import { createDataActivities } from '../support/data-activities.ts';
import { toModelCard, toRegistration } from '../support/models.ts';
import { drawImage, uploadImages } from '../support/raw-images.ts';

const COLUMNS = 80;

describe('the barometer command as people use it', () => {
  const azurite = useAzurite();
  let directory: string;
  let environment: Record<string, string>;
  let stores: Stores;

  beforeEach('open an account that nobody has used, with nothing else running', async () => {
    const { connectionString } = azurite.newAccount();
    stores = createStores({ connectionString }, greyPngCodec);
    directory = await mkdtemp(join(tmpdir(), 'barometer-commands-'));
    environment = {
      BAROMETER_STORAGE_CONNECTION_STRING: connectionString,
      BAROMETER_TEMPORAL_ADDRESS: `127.0.0.1:${await findFreePort()}`,
      BAROMETER_API_URL: `http://127.0.0.1:${await findFreePort()}`,
      // A repository around the directory for what is temporary would not count as one.
      GIT_CEILING_DIRECTORIES: tmpdir(),
    };
  });

  afterEach('remove what is temporary', () => rm(directory, { recursive: true }));

  function barometer(...args: string[]): Promise<Finished> {
    return runBarometer(args, environment);
  }

  /** The standard output of a command that succeeds. */
  async function outputOf(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await barometer(...args);
    assert.equal(exitCode, 0, stderr);
    return stdout;
  }

  /** What a person reads of a command that fails, and no trace of where. */
  async function complaintOf(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await barometer(...args);
    assert.equal(exitCode, 1, stdout);
    assert.equal(stdout, '');
    assert.doesNotMatch(stderr, /defect|^ +at /m);
    return stderr;
  }

  async function writeFiles(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), content);
    }
    return directory;
  }

  const importResultSchema = z.strictObject({
    uploaded: z.record(z.enum(EMOTIONS), z.int()),
    skipped: z.int(),
    renamed: z.array(z.unknown()),
    refused: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
    otherLabels: z.record(z.string(), z.int()),
  });

  describe('import', () => {
    it('uploads a folder once, and skips all of it the second time', async () => {
      const faces = await writeFiles({ 'happy/1.png': await drawImage(1), 'happy/2.png': await drawImage(2), 'angry/3.png': await drawImage(3), 'neutral/4.png': await drawImage(4) });
      const first = await outputOf('import', faces);
      assert.match(first, /^Uploaded 3 images: 2 happy, 0 sad, 1 angry, 0 fearful\.\n/);
      assert.match(first, /Left out.*: 1 neutral\.\n$/);
      const second = importResultSchema.parse(JSON.parse(await outputOf('import', faces, '--json')));
      assert.deepEqual([second.uploaded, second.skipped, second.otherLabels], [{ happy: 0, sad: 0, angry: 0, fearful: 0 }, 3, { neutral: 1 }]);
      const names = await Array.fromAsync(stores.blobs.list('emotions'), ({ name }) => name);
      assert.deepEqual(names, ['angry/3.png', 'happy/1.png', 'happy/2.png']);
    });

    it('counts and names what can\'t be used, and uploads the rest', async () => {
      const faces = await writeFiles({ 'sad/good.png': await drawImage(1), 'sad/notes.txt': 'not an image', 'sad/empty.jpg': '', 'sad/cut.png': (await drawImage(2)).subarray(0, 200) });
      const text = await outputOf('import', faces);
      assert.match(text, /^Uploaded 1 images/);
      assert.match(text, /Refused 3:\n {2}sad\/cut\.png: \S+\n {2}sad\/empty\.jpg: \S+\n {2}sad\/notes\.txt: image-unsupported\n/);
      const { refused, skipped } = importResultSchema.parse(JSON.parse(await outputOf('import', faces, '--json')));
      assert.equal(refused.length, 3);
      assert.equal(skipped, 1);
    });

    it('reads FER2013\'s CSV', async () => {
      const rows = [3, 4, 0, 2, 6].map((emotion, row) => `${emotion},${Array.from({ length: IMAGE_PIXELS }, (_, index) => (index * (row + 1)) % 256).join(' ')},Training`);
      await writeFiles({ 'fer2013.csv': `emotion,pixels,Usage\n${rows.join('\n')}\n` });
      const { uploaded, otherLabels } = importResultSchema.parse(JSON.parse(await outputOf('import', join(directory, 'fer2013.csv'), '--json')));
      assert.deepEqual(uploaded, { happy: 1, sad: 1, angry: 1, fearful: 1 });
      assert.deepEqual(otherLabels, { neutral: 1 });
    });

    it('says what is wrong with what it was given', async () => {
      assert.match(await complaintOf('import', join(directory, 'nothing')), /There is no .*nothing/);
      assert.match(await complaintOf('import', directory), /no folders.*happy, sad, angry, fearful/);
    });

    it('says what to do when no storage account answers', async () => {
      environment['BAROMETER_STORAGE_CONNECTION_STRING'] = '';
      environment['BAROMETER_AZURITE_PORT'] = String(await findFreePort());
      const faces = await writeFiles({ 'happy/1.png': await drawImage(1) });
      assert.match(await complaintOf('import', faces), /storage account can't be reached.*npm start.*BAROMETER_STORAGE_CONNECTION_STRING/);
    });
  });

  describe('models', () => {
    const listSchema = z.array(modelManifestSchema.extend({ aliases: z.array(z.enum(MODEL_ALIASES)) }));

    async function register(...runNames: string[]): Promise<void> {
      await stores.blobs.ensureContainers();
      for (const runName of runNames) await stores.registry.register(toRegistration({ runName }));
    }

    it('says what to do when there is none, be the account used or not', async () => {
      assert.match(await outputOf('models'), /No model is registered yet.*barometer run/);
      assert.deepEqual(JSON.parse(await outputOf('models', 'list', '--json')), []);
      await stores.blobs.ensureContainers();
      assert.match(await outputOf('models'), /No model is registered yet.*barometer run/);
      assert.match(await complaintOf('models', 'show', 'latest'), /No model is registered yet/);
    });

    it('lists versions, the newest first, with their aliases', async () => {
      await register('20261124T015500Z-1a2b3c4', '20261124T025500Z-1a2b3c4');
      const lines = (await outputOf('models')).trimEnd().split('\n');
      for (const line of lines) assert.ok(line.length <= COLUMNS, line);
      assert.match(lines[0]!, /^version +alias +accuracy/);
      assert.match(lines[2]!, /^ +2 +latest +75\.0 %.* 1a2b3c4 /);
      assert.match(lines[3]!, /^ +1 +previous +75\.0 %/);
      const models = listSchema.parse(JSON.parse(await outputOf('models', '--json')));
      assert.deepEqual(models.map(({ version, aliases }) => [version, aliases]), [[1, ['previous']], [2, ['latest']]]);
    });

    it('shows the card of a version', async () => {
      await register('20261124T015500Z-1a2b3c4');
      const text = await outputOf('models', 'show', 'latest');
      assert.match(text, /^emotions-cnn version 1\n/);
      assert.match(text, /accuracy +75\.0 % \(95 %: 50\.5 % – 89\.8 %\)\n? +of 16\s+unseen images/);
      assert.match(text, /precision +recall +F1 +images/);
      assert.match(text, /is happy +3 +1 +0 +0/);
      for (const line of text.split('\n')) assert.ok(line.length <= COLUMNS, `${line.length} columns: ${line}`);
      const shown = modelManifestSchema.extend({ card: modelCardSchema }).parse(JSON.parse(await outputOf('models', 'show', '1', '--json')));
      assert.equal(shown.version, 1);
    });

    it('tells which run trained a version where that was another one, and only there', async () => {
      const own = '20261124T015500Z-1a2b3c4';
      const { spec } = toModelCard().training;
      await register(own);
      assert.doesNotMatch(await outputOf('models', 'show', '1'), /trained by/);
      const training = { ...toModelCard().training, spec: { ...spec, runName: own, gitSha: 'fe'.repeat(20) } };
      await stores.registry.register(toRegistration({ runName: '20261125T015500Z-1a2b3c4', card: { training } }));
      const text = await outputOf('models', 'show', '2');
      assert.match(text, /trained by +run 20261124T015500Z-1a2b3c4 of commit\s+(fe){20}/);
      for (const line of text.split('\n')) assert.ok(line.length <= COLUMNS, line);
    });

    it('says that there is no such version', async () => {
      await register('20261124T015500Z-1a2b3c4');
      assert.match(await complaintOf('models', 'show', '9'), /no version 9/);
      assert.match(await complaintOf('models', 'show', 'newest'), /"newest" is no version number/);
    });

    it('rolls back, and back again', async () => {
      await register('20261124T015500Z-1a2b3c4', '20261124T025500Z-1a2b3c4');
      assert.match(await outputOf('models', 'rollback'), /^Version 1 is the latest now; it was version 2\./);
      assert.deepEqual(JSON.parse(await outputOf('models', 'rollback', '--json')), { from: 1, to: 2 });
    });

    it('does not roll back to nothing', async () => {
      await register('20261124T015500Z-1a2b3c4');
      assert.match(await complaintOf('models', 'rollback'), /no version .* to go back to/);
      assert.equal((await stores.registry.resolveAlias('latest'))!.version, 1);
    });
  });

  describe('datasets', () => {
    const listSchema = z.array(datasetManifestSchema.extend({ shards: z.int() }));

    async function makeDataset(runName: string): Promise<void> {
      await stores.blobs.ensureContainers();
      await uploadImages(stores.blobs, 3);
      await stores.blobs.write('emotions', 'happy/bad.png', 'no image');
      await createDataActivities(stores.blobs).process(runName);
    }

    it('says what to do when there is none, be the account used or not', async () => {
      assert.match(await outputOf('datasets'), /no data set yet.*barometer import/);
      assert.deepEqual(JSON.parse(await outputOf('datasets', '--json')), []);
      await stores.blobs.ensureContainers();
      assert.match(await outputOf('datasets'), /no data set yet.*barometer import/);
      assert.match(await complaintOf('datasets', 'sheet', 'latest', '--out', join(directory, 'sheet.png')), /no data set yet/);
    });

    it('lists versions with their counts, and what was refused and why', async () => {
      await makeDataset('20261124T015500Z-1a2b3c4');
      const text = await outputOf('datasets');
      assert.match(text, /^version +happy +sad +angry +fearful +refused/);
      assert.match(text, /20261124T015500Z-1a2b3c4 +3 +3 +3 +3 +1/);
      assert.match(text, /Refused in 20261124T015500Z-1a2b3c4:[^]*happy\/bad\.png +unsupported/);
      const [dataset] = listSchema.parse(JSON.parse(await outputOf('datasets', 'list', '--json')));
      assert.deepEqual(dataset!.refused.map(({ name }) => name), ['happy/bad.png']);
    });

    it('draws a contact sheet as PNG', async () => {
      await makeDataset('20261124T015500Z-1a2b3c4');
      const out = join(directory, 'sheet.png');
      assert.match(await outputOf('datasets', 'sheet', 'latest', '--out', out), /^12 samples of 20261124T015500Z-1a2b3c4 drawn to .*sheet\.png\n$/);
      const { format, width } = await sharp(await readFile(out)).metadata();
      assert.equal(format, 'png');
      assert.ok(width > 48);
    });

    it('says that there is no such version, and that a file can\'t be written', async () => {
      await makeDataset('20261124T015500Z-1a2b3c4');
      assert.match(await complaintOf('datasets', 'sheet', 'older', '--out', join(directory, 'sheet.png')), /older.* does not exist/);
      assert.match(await complaintOf('datasets', 'sheet', 'latest', '--out', join(directory, 'nowhere', 'sheet.png')), /sheet\.png can't be written \(ENOENT\)/);
    });
  });

  describe('predict', () => {
    it('says what to do when there is no API', async () => {
      await writeFiles({ 'photo.png': await drawImage(1) });
      assert.match(await complaintOf('predict', join(directory, 'photo.png')), /API at http:\/\/127\.0\.0\.1:\d+ does not answer.*npm start.*BAROMETER_API_URL/);
    });

    describe('with an API', () => {
      let api: TestApi;

      beforeEach('start one', async () => {
        api = await startTestApi({ answer: 'angry' });
        environment['BAROMETER_API_URL'] = `${api.url}/`;
        await writeFiles({ 'photo.png': await drawImage(1), 'notes.txt': 'no image' });
      });

      afterEach('end it', () => api.close());

      it('prints a line for each image', async () => {
        const lines = (await outputOf('predict', join(directory, 'photo.png'), join(directory, 'photo.png'))).trimEnd().split('\n');
        assert.equal(lines.length, 4);
        assert.match(lines[2]!, /photo\.png +angry +10\.0 % +10\.0 % +70\.0 % +10\.0 % +the whole image$/);
      });

      it('prints a line for each face, with its place and what to be careful about, and looks at what it is told to', async () => {
        const seen = [{ box: { x: -8, y: 0, width: 30, height: 40 }, score: 0.8 }];
        const withFaces = await startTestApi({ answer: 'sad', detector: { ...NO_FACES, detect: () => Promise.resolve(seen) } });
        try {
          environment['BAROMETER_API_URL'] = withFaces.url;
          const lines = (await outputOf('predict', '--faces', 'always', '--tiles', 'never', join(directory, 'photo.png'))).trimEnd().split('\n');
          assert.equal(lines.length, 4);
          assert.match(lines[2]!, /photo\.png +sad +10\.0 % +70\.0 % +10\.0 % +10\.0 % +1 face$/);
          assert.match(lines[3]!, /^ {2}22 x 40 at 0, 0 +sad +10\.0 % +70\.0 % .*cut-off$/);
          const whole = (await outputOf('predict', '--faces', 'never', join(directory, 'photo.png'))).trimEnd().split('\n');
          assert.match(whole[2]!, /the whole image$/);
          assert.match(await complaintOf('predict', '--faces', 'some', join(directory, 'photo.png')), /auto, always, never/);
        } finally {
          await withFaces.close();
        }
      });

      it('answers the good ones, complains of the others, and does not call that success', async () => {
        const { exitCode, stdout, stderr } = await barometer('predict', join(directory, 'notes.txt'), join(directory, 'photo.png'), join(directory, 'nothing.png'));
        assert.equal(exitCode, 1);
        assert.equal(stdout.trimEnd().split('\n').length, 3);
        assert.match(stderr, /^✘ .*notes\.txt: .+\n✘ .*nothing\.png: The file can't be read \(ENOENT\)\.\n$/);
      });

      it('prints JSON alone when asked to', async () => {
        const answers = z.array(z.object({ file: z.string(), prediction: z.object({ emotion: z.enum(EMOTIONS) }).optional(), error: z.string().optional() }));
        const { stdout } = await barometer('predict', '--json', join(directory, 'photo.png'), join(directory, 'notes.txt'));
        const [good, bad] = answers.parse(JSON.parse(stdout));
        assert.equal(good!.prediction!.emotion, 'angry');
        assert.ok(bad!.error);
      });
    });
  });

  describe('doctor', () => {
    const findings = z.array(z.strictObject({ what: z.string(), neededFor: z.string(), ok: z.boolean(), found: z.string(), advice: z.string().optional() }));

    it('lists what is there and what is missing, with advice, as JSON', async () => {
      const { exitCode, stdout } = await barometer('doctor', '--json');
      assert.equal(exitCode, 1);
      const found = new Map(findings.parse(JSON.parse(stdout)).map((finding) => [finding.what, finding]));
      for (const there of ['Node.js', 'ONNX Runtime', 'TensorFlow', 'Storage account']) assert.equal(found.get(there)?.ok, true, there);
      for (const missing of ['Temporal server', 'API']) {
        assert.equal(found.get(missing)?.ok, false, missing);
        assert.match(found.get(missing)!.advice!, /npm start/);
      }
    });

    it('asks for no engine and no cluster where none is configured, and says what is wrong with one that is', async () => {
      const toFindings = async (more: Record<string, string>) => {
        const { stdout } = await runBarometer(['doctor', '--json'], { ...environment, ...more });
        return new Map(findings.parse(JSON.parse(stdout)).map((finding) => [finding.what, finding]));
      };
      const bare = await toFindings({});
      for (const what of ['Container engine', 'Kubernetes cluster']) assert.match(bare.get(what)!.found, /^not asked for/);
      const asked = await toFindings({ BAROMETER_IMAGE_REPOSITORY: 'acme/barometer', BAROMETER_CONTAINER_ENGINE: 'podman', PATH: '/nowhere', BAROMETER_KUBECONFIG: '/nowhere/config' });
      assert.match(asked.get('Container engine')!.advice!, /podman is not installed/);
      assert.match(asked.get('Kubernetes cluster')!.advice!, /BAROMETER_KUBECONFIG names \/nowhere\/config/);
    });

    it('prints a line for each thing, and the advice below what is missing', async () => {
      const { stdout } = await barometer('doctor');
      assert.match(stdout, /^✔ Node\.js +v\d/);
      assert.match(stdout, /\n✘ API +no answer at http:\S+\n {4}needed for predictions: /);
    });
  });

  describe('run', () => {
    it('says what to do when there is no Temporal server', async () => {
      assert.match(await complaintOf('run', '--git-sha', 'a'.repeat(40)), /no Temporal server at 127\.0\.0\.1:\d+.*npm start.*BAROMETER_TEMPORAL_ADDRESS/);
    });

    it('says what to do outside a git repository', async () => {
      const { exitCode, stderr } = await runBarometer(['run'], environment, directory);
      assert.equal(exitCode, 1);
      assert.match(stderr, /^✘ There is no git commit to name this run by in .*--git-sha/);
    });

    it('refuses a commit that nobody knows', async () => {
      assert.match(await complaintOf('run', '--git-sha', 'no-such-branch'), /"no-such-branch" names no commit here/);
    });
  });

  it('tells of a mistyped directory before anything is started', async () => {
    const complaint = await complaintOf('up', '--data', join(directory, 'nothing'));
    assert.match(complaint, /^✘ There is no directory or file \S+nothing\.\n$/);
  });

  it('names the variable that is set wrongly, whatever the command', async () => {
    environment['BAROMETER_API_PORT'] = 'eighty';
    assert.match(await complaintOf('models'), /BAROMETER_API_PORT/);
  });
});
