/** A worker process that trains candidates in Azure ML, to be killed: `worker.ts <settings as JSON> <home> <candidate>…`. */
import type { AzureMlSettings } from '../../../config/azure-ml.ts';
import { openCompute, toTrainingSpec } from './training-site.ts';

const [settings = '', home = '', ...candidates] = process.argv.slice(2);
const compute = openCompute(JSON.parse(settings) as AzureMlSettings, home);
const options = { onEvent: () => undefined, signal: new AbortController().signal, isWanted: () => true };
await Promise.all(candidates.map((candidate) => compute.run(toTrainingSpec(candidate), options)));
