import { once } from 'node:events';
import { Command } from 'commander';
import { startCodecServer } from '../../adapters/temporal/codec-server.ts';
import { createPayloadEncryption } from '../../adapters/temporal/payload-encryption.ts';
import { loadConfig } from '../../config/config.ts';
import { Failure } from '../../domain/failure.ts';
import { createEndSignal } from '../end-signal.ts';
import { wholeNumber } from '../whole-number.ts';

interface CodecServerArguments {
  readonly port?: number;
  readonly host: string;
}

export function createCodecServerCommand(): Command {
  return new Command('codec-server')
    .summary('let the Temporal UI show what is encrypted, on this machine')
    .description('Decrypts for the Temporal UI and the Temporal CLI with the keys of BAROMETER_PAYLOAD_KEYS, until ctrl-C. Give its address to the UI as its remote codec endpoint. Whoever reaches it reads everything, so that it listens on this machine alone; of pages, those of BAROMETER_TEMPORAL_UI may ask.')
    .option('--port <port>', '0 takes a free one (default: BAROMETER_CODEC_PORT)', wholeNumber(0, 65_535))
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .action(async ({ port, host }: CodecServerArguments) => {
      const { temporal } = loadConfig();
      const { payloadKeys, codecPort, uiUrl } = temporal;
      if (payloadKeys.length === 0) throw new Failure('configuration-invalid', 'There is nothing to decrypt with: set BAROMETER_PAYLOAD_KEYS to the keys of the workers.');
      const signal = createEndSignal();
      const origins = toOrigins(uiUrl);
      const server = await startCodecServer({ codec: createPayloadEncryption(payloadKeys), origins, host, port: port ?? codecPort });
      console.error(`Codec server at ${server.url}, for pages of ${origins.join(' and ')}. Ctrl-C ends it.`);
      if (!signal.aborted) await once(signal, 'abort');
      await server.close();
    });
}

/** People type either name of this machine. */
function toOrigins(uiUrl: string): string[] {
  const url = new URL(uiUrl);
  const origins = [url.origin];
  if (url.hostname === '127.0.0.1') origins.push(`${url.protocol}//localhost:${url.port}`);
  return origins;
}
