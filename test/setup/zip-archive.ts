import { deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content: string;
  readonly stored?: boolean;
  readonly mode?: number;
}

/** A zip archive of these files, as the archivers of wheels write it (checksums apart, which the reader leaves to digests). */
export function createZip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, stored = false, mode = 0o644 } of entries) {
    const body = stored ? Buffer.from(content) : deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(stored ? 0 : 8, 4);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(Buffer.byteLength(content), 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    // Local headers may carry an extra field that the directory lacks: the reader must take each one's own length.
    const local = Buffer.from(common);
    local.writeUInt16LE(4, 24);
    const file = Buffer.concat([signature(0x04034b50), local, Buffer.from(name), Buffer.alloc(4), body]);
    const attributes = Buffer.alloc(14);
    attributes.writeUInt16LE(0o100000 | mode, 8);
    attributes.writeUInt32LE(offset, 10);
    directory.push(signature(0x02014b50), Buffer.from([20, 3]), common, attributes, Buffer.from(name));
    files.push(file);
    offset += file.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, ...directory, signature(0x06054b50), end]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
