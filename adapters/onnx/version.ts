import './no-telemetry.ts';
import { env } from 'onnxruntime-node';

/** Version of the run time that answers, as people know it. */
export const onnxRuntimeVersion = env.versions.node ?? env.versions.common;
