import { fileURLToPath } from 'node:url';
import type { WorkflowClient } from '@temporalio/client';
import type { DataConverter, Payload } from '@temporalio/common';
import type { PayloadKey } from '../../config/payload-keys.ts';
import { createPayloadEncryption } from './payload-encryption.ts';

/** How clients and workers turn values into what the server keeps, and back. */
export function toDataConverter(keys: readonly PayloadKey[] = []): DataConverter {
  return { ...toFailureConverter(keys), payloadCodecs: [createPayloadEncryption(keys)] };
}

/** The part of it that the bundle of the workflows must be told. */
export function toFailureConverter(keys: readonly PayloadKey[] = []): Pick<DataConverter, 'failureConverterPath'> {
  return keys.length === 0 ? {} : { failureConverterPath: fileURLToPath(new URL('encrypting-failure-converter.ts', import.meta.url)) };
}

/**
 * Reads payloads that the SDK hands out as they came, as those in raw descriptions.
 *
 * @throws Failure as `createPayloadEncryption` says
 */
export async function decodePayloads({ options }: Pick<WorkflowClient, 'options'>, payloads: readonly Payload[]): Promise<unknown[]> {
  const { payloadCodecs, payloadConverter } = options.loadedDataConverter;
  let decoded = [...payloads];
  for (const codec of payloadCodecs.toReversed()) decoded = await codec.decode(decoded);
  return decoded.map((payload) => payloadConverter.fromPayload<unknown>(payload));
}
