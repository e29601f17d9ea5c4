import { join } from 'node:path';
import { ensureGoPrograms } from '../go-programs.ts';
import { toArchive, toImage, toLayer } from './oci-image.ts';

/** The image of the process that holds a pod's network while its containers come and go. */
export const PAUSE_IMAGE = 'barometer.test/pause:1';

const SOURCE = `package main

import (
\t"os"
\t"os/signal"
\t"syscall"
)

func main() {
\tend := make(chan os.Signal, 1)
\tsignal.Notify(end, syscall.SIGINT, syscall.SIGTERM)
\t<-end
}
`;

/** The path of its program: no registry need be asked for one. */
export async function ensurePauseProgram(): Promise<string> {
  const packages = { pause: '.' };
  const directory = await ensureGoPrograms({ name: 'pause-1', duration: 'seconds', packages, goMod: 'module pause\ngo 1.26\n', source: SOURCE });
  return join(directory, 'pause');
}

/** The image as an archive that containerd imports. */
export async function toPauseArchive(program: Uint8Array): Promise<Buffer> {
  const layer = await toLayer([{ path: 'pause', content: program, mode: 0o755 }]);
  return toArchive(toImage([layer], ['/pause']), PAUSE_IMAGE);
}
