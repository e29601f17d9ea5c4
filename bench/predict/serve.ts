import { loadClassifier } from '../../adapters/onnx/classifier.ts';
import { loadFaceDetector } from '../../adapters/onnx/face-detector.ts';
import { createApiMetrics } from '../../adapters/telemetry/api-metrics.ts';
import { createLogger } from '../../adapters/telemetry/logger.ts';
import { exportOnnx } from '../../adapters/tensorflow/onnx-export.ts';
import { createRandom } from '../../adapters/tensorflow/random.ts';
import { createWeights } from '../../adapters/tensorflow/weights.ts';
import { OPEN_ACCESS } from '../../api/access.ts';
import { createApp } from '../../api/app.ts';
import type { ServedModel } from '../../api/load-model.ts';
import type { ModelSource } from '../../api/model-source.ts';
import { listen } from '../../api/server.ts';
import { EMOTIONS } from '../../domain/emotion.ts';

/**
 * The API with an untrained network of the real shape, so that its speed can be measured without a storage account or a
 * training. Sends its address to the process that started it.
 */
const classifier = await loadClassifier(exportOnnx(createWeights(createRandom(1))), { labels: EMOTIONS });
const manifest = { name: 'untrained', version: 1, gitSha: '0'.repeat(40), accuracy: 0.25 };
const model = { manifest, classifier } as unknown as ServedModel;
const models: ModelSource = {
  current: () => model,
  use: (work) => work(model),
  refresh: () => Promise.resolve(),
  close: () => classifier.close(),
};
const app = createApp({
  access: OPEN_ACCESS,
  models,
  detector: await loadFaceDetector(),
  imageLimits: { maxBytes: 10 * 1024 * 1024, maxPixels: 50_000_000 },
  metrics: createApiMetrics({ withProcess: true }),
  logger: createLogger({ level: 'info', name: 'api' }),
});
const handle = app.callback();
const { port } = await listen((req, res) => void handle(req, res), { host: '127.0.0.1', port: 0 });
process.send?.(`http://127.0.0.1:${port}`);
process.once('disconnect', () => process.exit());
