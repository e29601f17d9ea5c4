import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import { useAzurite } from '../support/azurite.ts';
import { unpackImage } from '../support/container.ts';
import type { UnpackedImage } from '../support/container.ts';
import { LABELS, useProjectImage } from '../support/project-images.ts';
import { useTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

const START_LIMIT_MS = 300_000;

describe('the image of the worker', function () {
  this.timeout(START_LIMIT_MS + 60_000);

  const image = useProjectImage('worker');
  const azurite = useAzurite();
  const temporal = useTemporal();

  for (const architecture of ['amd64', 'arm64']) {
    describe(`for ${architecture}`, () => {
      let unpacked: UnpackedImage | undefined;

      before('unpack it', async () => {
        unpacked = await unpackImage(await image.pushed.forArchitecture(architecture));
      });

      after('remove its files', () => unpacked?.remove());

      it('says what it is, and runs as nobody in particular', async () => {
        const { config } = await image.pushed.forArchitecture(architecture);
        assert.equal(config.architecture, architecture);
        assert.equal(config.config.User, '65532:65532');
        for (const [name, value] of Object.entries(LABELS)) assert.equal(config.config.Labels?.[name], value, name);
      });

      it('bundles the workflows, polls, and ends well when it is told to', async () => {
        const container = unpacked!.start({
          environment: { BAROMETER_LOG_LEVEL: 'error', BAROMETER_TEMPORAL_ADDRESS: temporal.env.address, BAROMETER_STORAGE_CONNECTION_STRING: azurite.newAccount().connectionString },
        });
        await until(() => container.process.exitCode !== null || container.output().includes('Worker ready'), START_LIMIT_MS);
        container.process.kill('SIGTERM');
        const { exitCode, stderr } = await container.finished;
        assert.equal(exitCode, 0, stderr);
        // What the bundler had to complain about would be here too.
        assert.equal(toOwnWords(stderr), 'Worker ready: pipeline, data, deploy.');
      });

      it('names the roles when it is given another', async () => {
        const { exitCode, stderr } = await unpacked!.start({ args: ['--role', 'waiter'] }).finished;
        assert.equal(exitCode, 1);
        assert.equal(toOwnWords(stderr), 'Say what to do, separated by commas: --role pipeline,data,train,deploy');
      });

      it('says which Temporal it can not reach', async () => {
        const environment = { BAROMETER_TEMPORAL_ADDRESS: '127.0.0.1:1', BAROMETER_STORAGE_CONNECTION_STRING: azurite.newAccount().connectionString };
        const { exitCode, stderr } = await unpacked!.start({ environment }).finished;
        assert.equal(exitCode, 1);
        assert.match(stderr, /127\.0\.0\.1:1/);
        assert.doesNotMatch(stderr, /\n\s+at /);
      });
    });
  }
});

/** Without what ONNX Runtime says about an emulated processor that it can't recognise. */
function toOwnWords(stderr: string): string {
  return stderr.split('\n').filter((line) => !/\bcpuinfo\b|cpuid_info/.test(line)).join('\n').trim();
}
