import type { GoldenPrediction } from '../../../domain/golden.ts';

/** What a pod that plays the API does: what it should, or what goes wrong with real ones. */
export type ApiBehaviour = 'good' | 'never-ready' | 'wrong-answers' | 'crash';

const PROBABILITIES = { happy: 0.7, sad: 0.1, angry: 0.1, fearful: 0.1 };
const WRONG_PROBABILITIES = { happy: 0.6, sad: 0.2, angry: 0.1, fearful: 0.1 };

/** The smallest PNG: what it shows does not matter to a pod that plays the API. */
const IMAGE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==';

/** What the good ones answer. */
export const GOLDEN: readonly GoldenPrediction[] = [{ image: IMAGE, probabilities: PROBABILITIES }];

/** The program of such a pod. It serves on port 8080, ends as the API does, and writes a line to its log. */
export function toApiScript(behaviour: ApiBehaviour): string {
  if (behaviour === 'crash') return `console.log('reads the model');\nconsole.log('the model has no weights');\nprocess.exit(3);\n`;
  const probabilities = behaviour === 'wrong-answers' ? WRONG_PROBABILITIES : PROBABILITIES;
  return `
import { createServer } from 'node:http';
const answer = { emotion: 'happy', probabilities: ${JSON.stringify(probabilities)}, model: { version: Number(process.env.BAROMETER_MODEL_VERSION) } };
const server = createServer((request, response) => {
  if (request.url === '/readyz') {
    response.statusCode = ${behaviour === 'never-ready' ? 503 : 200};
    response.end('no model is loaded');
    return;
  }
  if (request.method !== 'POST' || request.url.split('?')[0] !== '/predict') {
    response.statusCode = 404;
    response.end();
    return;
  }
  request.resume().on('end', () => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });
});
server.listen(8080, () => console.log('listens, with model ' + process.env.BAROMETER_MODEL_VERSION));
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
`;
}
