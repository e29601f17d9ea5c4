import { chmodSync, createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;

/** @typedef {{ name: string, method: number, compressedBytes: number, offset: number, executable: boolean }} Entry */

/**
 * Extracts those files of a zip archive (a Python wheel is one) for which `toPath` gives a path, relative to `dir`. Plain
 * zip only, up to 4 GB, executable files stay so; neither Python nor an `unzip` is needed.
 *
 * @param {string} archive
 * @param {string} dir
 * @param {(name: string) => string | undefined} toPath
 * @returns {Promise<number>} how many files were written
 */
export async function unzip(archive, dir, toPath) {
  const file = await open(archive, 'r');
  let written = 0;
  try {
    for (const entry of await readEntries(file)) {
      const path = entry.name.endsWith('/') ? undefined : toPath(entry.name);
      if (path === undefined) continue;
      if (normalize(path).startsWith('..')) throw new Error(`${archive} has an entry outside itself: ${entry.name}`);
      const header = await read(file, entry.offset, 30);
      const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
      await extract(archive, entry, start, join(dir, path));
      if (entry.executable) chmodSync(join(dir, path), 0o755);
      written += 1;
    }
  } finally {
    await file.close();
  }
  return written;
}

/**
 * @param {string} archive
 * @param {Entry} entry
 * @param {number} start
 * @param {string} target
 */
async function extract(archive, entry, start, target) {
  mkdirSync(dirname(target), { recursive: true });
  const sink = createWriteStream(target);
  // A range can't say "no bytes".
  if (entry.compressedBytes === 0) return void (await pipeline([], sink));
  const source = createReadStream(archive, { start, end: start + entry.compressedBytes - 1 });
  if (entry.method === 0) await pipeline(source, sink);
  else await pipeline(source, createInflateRaw(), sink);
}

/**
 * @param {import('node:fs/promises').FileHandle} file
 * @returns {Promise<Entry[]>}
 */
async function readEntries(file) {
  const { size } = await file.stat();
  const tail = await read(file, Math.max(0, size - END_BYTES - MAX_COMMENT_BYTES), Math.min(size, END_BYTES + MAX_COMMENT_BYTES));
  let end = tail.length - END_BYTES;
  while (end >= 0 && tail.readUInt32LE(end) !== END_SIGNATURE) end -= 1;
  if (end < 0) throw new Error('not a zip archive, or cut off');
  const directory = await read(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  const entries = [];
  for (let at = 0; at < directory.length && directory.readUInt32LE(at) === ENTRY_SIGNATURE; ) {
    const nameBytes = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
      method: directory.readUInt16LE(at + 10),
      compressedBytes: directory.readUInt32LE(at + 20),
      offset: directory.readUInt32LE(at + 42),
      // The upper half holds the Unix mode.
      executable: (directory.readUInt16LE(at + 40) & 0o111) !== 0,
    });
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/**
 * @param {import('node:fs/promises').FileHandle} file
 * @param {number} position
 * @param {number} length
 */
async function read(file, position, length) {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
