import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { toChunk, toNoise, toPhoto, toPngBomb } from './images.ts';

/** A file that somebody sends who means no good, or whose camera is broken. */
export interface HostileFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The same numbers from 0 to 1 for the same seed. */
export function createDice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Good images of every kind that is read, small, and with what is odd about some. */
export async function drawGoodImages(): Promise<HostileFile[]> {
  const noise = toNoise(64);
  const frames = Buffer.concat(await Promise.all([1, 2, 3].map(() => toNoise(32).raw().toBuffer())));
  const animation = () => sharp(frames, { raw: { width: 32, height: 96, channels: 3, pageHeight: 32 } });
  const images = {
    jpeg: noise.clone().jpeg(),
    'progressive jpeg': noise.clone().jpeg({ progressive: true }),
    'cmyk jpeg': noise.clone().toColourspace('cmyk').jpeg(),
    'jpeg with icc': toPhoto().withIccProfile('p3').jpeg(),
    'jpeg turned by exif': toPhoto().withMetadata({ orientation: 6 }).jpeg(),
    png: noise.clone().png(),
    'interlaced png': noise.clone().png({ progressive: true }),
    'palette png': noise.clone().png({ palette: true }),
    '16-bit png': noise.clone().toColourspace('rgb16').png(),
    'transparent png': noise.clone().ensureAlpha(0.3).png(),
    webp: noise.clone().webp(),
    'lossless webp': noise.clone().webp({ lossless: true }),
    'animated webp': animation().webp(),
    'animated gif': animation().gif(),
    avif: noise.clone().avif(),
  };
  return Promise.all(Object.entries(images).map(async ([name, image]) => ({ name, bytes: await image.toBuffer() })));
}

/** Cut at every tenth, and before the last byte. */
export function cutShort({ name, bytes }: HostileFile): HostileFile[] {
  const lengths = [...Array.from({ length: 9 }, (_, tenth) => Math.floor((bytes.length * (tenth + 1)) / 10)), bytes.length - 1];
  return lengths.map((length) => ({ name: `${name}, ${length} of ${bytes.length} bytes`, bytes: bytes.subarray(0, length) }));
}

const NASTY = [0x00, 0x01, 0x7f, 0x80, 0xff];

/** Flips bits, overwrites, inserts, takes out and doubles pieces, as the dice fall. */
export function mutate({ name, bytes }: HostileFile, dice: () => number): HostileFile {
  const pick = (below: number) => Math.floor(dice() * below);
  // Half of the time near the beginning, where sizes and counts are.
  const place = (length: number) => pick(dice() < 0.5 ? Math.min(length, 200) : length);
  let mutant = Buffer.from(bytes);
  const times = 1 + pick(4);
  for (let time = 0; time < times; time += 1) {
    const at = place(mutant.length);
    const length = 1 + pick(16);
    const kind = pick(5);
    if (kind === 0) mutant[at]! ^= 1 << pick(8);
    else if (kind === 1) mutant.fill(NASTY[pick(NASTY.length)]!, at, Math.min(mutant.length, at + 1 + pick(4)));
    else if (kind === 2) mutant = Buffer.concat([mutant.subarray(0, at), Buffer.from(Array.from({ length }, () => pick(256))), mutant.subarray(at)]);
    else if (kind === 3) mutant = Buffer.concat([mutant.subarray(0, at), mutant.subarray(at + length)]);
    else mutant = Buffer.concat([mutant.subarray(0, at + length * 8), mutant.subarray(at)]);
  }
  return { name: `${name}, changed`, bytes: mutant };
}

/** Small files that unpack to something enormous, or keep a decoder busy. */
export async function drawBombs(): Promise<HostileFile[]> {
  const jpeg = await toNoise(64).jpeg().toBuffer();
  const webp = await toPhoto().webp().toBuffer();
  const zeros = deflateSync(Buffer.alloc(200_000_000), { level: 9 });
  const flat = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: 'grey' } });
  return [
    { name: 'png of 30000 x 30000', bytes: toPngBomb(30_000, 30_000) },
    { name: 'png of 2^31-1 x 2^31-1', bytes: withPngSize(toPngBomb(8, 8), 0x7fffffff, 0x7fffffff) },
    { name: 'png as large as allowed', bytes: toPngBomb(10_000, 5_000) },
    { name: 'png of one row', bytes: toPngBomb(500_000, 1) },
    { name: 'png whose pixels are 200 MB more than it says', bytes: withPngData(toPngBomb(8, 8), zeros) },
    { name: 'png with a text of 200 MB', bytes: withPngChunk(toPngBomb(64, 64), toChunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), zeros]))) },
    { name: 'png with a profile of 200 MB', bytes: withPngChunk(toPngBomb(64, 64), toChunk('iCCP', Buffer.concat([Buffer.from('icc\0\0', 'latin1'), zeros]))) },
    { name: 'png with 50000 chunks', bytes: withPngChunk(toPngBomb(64, 64), Buffer.concat(Array.from({ length: 50_000 }, () => toChunk('tEXt', Buffer.from('a\0b'))))) },
    { name: 'jpeg that says 65500 x 65500', bytes: withJpegSize(jpeg, 65_500, 65_500) },
    { name: 'jpeg that says 7000 x 7000', bytes: withJpegSize(jpeg, 7_000, 7_000) },
    { name: 'jpeg that says 0 x 0', bytes: withJpegSize(jpeg, 0, 0) },
    { name: 'progressive jpeg of 5000 scans', bytes: await withScans(5_000, 2_000) },
    { name: 'webp of 8000 x 8000', bytes: await flat(8_000, 8_000).webp({ lossless: true, effort: 0 }).toBuffer() },
    { name: 'webp that says 2^24 x 2^24', bytes: withWebpCanvas(webp) },
    { name: 'gif that says 65535 x 65535', bytes: withGifSize(await flat(8, 8).gif().toBuffer(), 0xffff, 0xffff) },
    { name: 'gif of 20000 frames', bytes: await withFrames(20_000) },
    { name: 'tiff of 4000 x 4000', bytes: await flat(4_000, 4_000).tiff({ compression: 'deflate' }).toBuffer() },
    { name: 'avif of 8000 x 8000', bytes: withAvifSize(await flat(64, 64).avif().toBuffer(), 8_000, 8_000) },
    { name: 'avif that says 2^31 x 2^31', bytes: withAvifSize(await flat(64, 64).avif().toBuffer(), 0x80000000, 0x80000000) },
  ];
}

const LAUGHS = `<!DOCTYPE s [<!ENTITY a "ha">${Array.from({ length: 9 }, (_, level) => `<!ENTITY ${'bcdefghij'[level]} "${`&${'abcdefghi'[level]};`.repeat(10)}">`).join('')}]>`;
const EXTERNAL = '<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>';
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64">';

/** What is two things at once, or none that it says it is. */
export async function drawPretenders(): Promise<HostileFile[]> {
  const png = await toNoise(64).png().toBuffer();
  const jpeg = await toNoise(64).jpeg().toBuffer();
  const gif = await toNoise(32).gif().toBuffer();
  const texts = {
    'svg with an external entity': `${EXTERNAL}${SVG}<text>&x;</text></svg>`,
    'svg behind a declaration, with an external entity': `<?xml version="1.0" encoding="UTF-8"?>\n${EXTERNAL}${SVG}<text>&x;</text></svg>`,
    'svg that fetches a file': `${SVG}<image xlink:href="file:///etc/passwd" width="64" height="64"/></svg>`,
    'svg of a billion laughs': `${LAUGHS}${SVG}<text>&j;</text></svg>`,
    'svg of 10^9 pixels': '<svg xmlns="http://www.w3.org/2000/svg" width="100000" height="100000"/>',
    'svg behind blanks and a byte order mark': `\u{feff}   \n<!-- x -->${SVG}</svg>`,
    'html with a script': '<!doctype html><script>alert(1)</script>',
    'a picture of vips': 'vips\n64 64\n',
    'a picture of pgm': 'P5 60000 60000 255\n',
    'a picture of ImageMagick': 'push graphic-context\nviewbox 0 0 640 480\nfill \'url(https://evil.example/x.jpg"|ls "-la)\'\npop graphic-context',
    'postscript': '%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n(%pipe%id) (w) file',
    'a script with a name of gif': 'GIF89a/*<svg onload=alert(1)>*/=1;alert(1)',
  };
  const signatures = { jpeg: jpeg.subarray(0, 4), png: png.subarray(0, 8), gif: gif.subarray(0, 6), webp: Buffer.from('RIFF\xff\xff\xff\xffWEBPVP8 ', 'latin1'), avif: Buffer.from('\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf', 'latin1') };
  return [
    ...Object.entries(texts).map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
    ...Object.entries(signatures).flatMap(([name, begin]) => [
      { name: `${name} signature alone`, bytes: begin },
      { name: `${name} signature before nothing but zeros`, bytes: Buffer.concat([begin, Buffer.alloc(50_000)]) },
      { name: `${name} signature before an svg`, bytes: Buffer.concat([begin, Buffer.from(texts['svg with an external entity'])]) },
    ]),
    { name: 'jpeg before a zip', bytes: Buffer.concat([jpeg, Buffer.from('PK\x03\x04'.repeat(50), 'latin1')]) },
    { name: 'png before html', bytes: Buffer.concat([png, Buffer.from(texts['html with a script'])]) },
    { name: 'png behind pdf', bytes: Buffer.concat([Buffer.from('%PDF-1.7\n'), png]) },
    { name: 'png behind a jpeg', bytes: Buffer.concat([jpeg, png]) },
    { name: 'gzip of a png', bytes: Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), deflateSync(png).subarray(2)]) },
    { name: 'nothing', bytes: Buffer.alloc(0) },
    { name: 'one byte', bytes: Buffer.from([0xff]) },
    { name: 'zeros', bytes: Buffer.alloc(100_000) },
    ...[1, 4, 16, 300].map((channels) => ({ name: `tiff, again ${channels}`, bytes: Buffer.concat([Buffer.from('II*\0'), Buffer.alloc(channels, channels)]) })),
  ];
}

/** Odd EXIF and colour profiles in images that are good otherwise. */
export async function drawOddMetadata(): Promise<HostileFile[]> {
  const jpeg = await toPhoto().jpeg().toBuffer();
  const orientations = [0, 9, 255, 0xffff].map((orientation) => ({ name: `jpeg of orientation ${orientation}`, bytes: withExif(jpeg, toExif([[0x0112, 3, 1, orientation]])) }));
  const profile = Buffer.alloc(3_000, 0x20);
  profile.writeUInt32BE(3_000, 0);
  profile.write('acsp', 36, 'latin1');
  return [
    ...orientations,
    { name: 'jpeg whose exif counts to 2^32', bytes: withExif(jpeg, toExif([[0x0112, 3, 0xffffffff, 6]])) },
    { name: 'jpeg whose exif has 65535 entries', bytes: withExif(jpeg, toExif([[0x0112, 3, 1, 6]], 0xffff)) },
    { name: 'jpeg whose exif goes round in circles', bytes: drawCircularExif(jpeg) },
    { name: 'jpeg whose exif is cut short', bytes: withExif(jpeg, Buffer.from('Exif\0\0II*\0\x08', 'latin1')) },
    { name: 'jpeg whose exif is 60 KB of noise', bytes: withExif(jpeg, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), await toNoise(140).raw().toBuffer()]).subarray(0, 60_000)) },
    { name: 'jpeg with a profile of nonsense', bytes: withSegment(jpeg, 0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), profile])) },
    { name: 'jpeg with part 2 of 255 of a profile', bytes: withSegment(jpeg, 0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0\x02\xff', 'latin1'), profile])) },
    { name: 'grey jpeg with a profile for cmyk', bytes: await toPhoto().greyscale().withIccProfile('cmyk').jpeg().toBuffer().catch(() => jpeg) },
    { name: 'jpeg with 5000 comments', bytes: withSegment(jpeg, 0xfe, Buffer.alloc(100), 5_000) },
    { name: 'jpeg with an xmp bomb', bytes: withSegment(jpeg, 0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${LAUGHS}<x>&j;</x>`)) },
  ];
}

/** Directories that name each other: whoever follows them does so for most of a minute. */
export function drawCircularExif(jpeg: Buffer): Buffer {
  return withExif(jpeg, toExif(Array.from({ length: 100 }, (_, index) => [[0x8769, 0x8825, 0xa005][index % 3]!, 4, 1, 8] as const), 100, 8));
}

function withPngSize(png: Buffer, width: number, height: number): Buffer {
  const header = Buffer.from(png.subarray(16, 29));
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([png.subarray(0, 8), toChunk('IHDR', header), png.subarray(33)]);
}

function withPngData(png: Buffer, data: Buffer): Buffer {
  return Buffer.concat([png.subarray(0, 33), toChunk('IDAT', data), toChunk('IEND', Buffer.alloc(0))]);
}

function withPngChunk(png: Buffer, chunk: Buffer): Buffer {
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}

/** In its SOF segment. */
function withJpegSize(jpeg: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(jpeg);
  const at = findMarker(changed, [0xc0, 0xc2]);
  changed.writeUInt16BE(height, at + 5);
  changed.writeUInt16BE(width, at + 7);
  return changed;
}

function findMarker(jpeg: Buffer, kinds: readonly number[]): number {
  for (let at = 2; at < jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2)) {
    if (kinds.includes(jpeg[at + 1]!)) return at;
  }
  throw new Error('there is no such segment');
}

/** The last scan of a progressive JPEG, over and over: each makes a decoder go over every pixel again. */
async function withScans(scans: number, side: number): Promise<Buffer> {
  const jpeg = await sharp({ create: { width: side, height: side, channels: 3, background: 'grey' } }).greyscale().jpeg({ progressive: true }).toBuffer();
  const last = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
  return Buffer.concat([jpeg.subarray(0, -2), ...Array.from({ length: scans }, () => jpeg.subarray(last, -2)), jpeg.subarray(-2)]);
}

function withWebpCanvas(webp: Buffer): Buffer {
  const canvas = Buffer.concat([Buffer.from('VP8X\x0a\0\0\0\0\0\0\0', 'latin1'), Buffer.alloc(6, 0xff)]);
  const body = Buffer.concat([Buffer.from('WEBP'), canvas, webp.subarray(12)]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from('RIFF'), length, body]);
}

function withGifSize(gif: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(gif);
  changed.writeUInt16LE(width, 6);
  changed.writeUInt16LE(height, 8);
  return changed;
}

async function withFrames(frames: number): Promise<Buffer> {
  const gif = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'grey' } }).gif().toBuffer();
  const image = gif.indexOf(Buffer.from([0x2c, 0, 0, 0, 0]));
  const control = Buffer.from([0x21, 0xf9, 4, 0, 1, 0, 0, 0]);
  const frame = Buffer.concat([control, gif.subarray(image, -1)]);
  return Buffer.concat([gif.subarray(0, image), ...Array.from({ length: frames }, () => frame), gif.subarray(-1)]);
}

/** In its `ispe` boxes. */
function withAvifSize(avif: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(avif);
  for (let at = changed.indexOf('ispe'); at !== -1; at = changed.indexOf('ispe', at + 4)) {
    changed.writeUInt32BE(width, at + 8);
    changed.writeUInt32BE(height, at + 12);
  }
  return changed;
}

function withSegment(jpeg: Buffer, marker: number, content: Buffer, times = 1): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  const segment = Buffer.concat([head, content]);
  return Buffer.concat([jpeg.subarray(0, 2), ...Array.from({ length: times }, () => segment), jpeg.subarray(2)]);
}

function withExif(jpeg: Buffer, exif: Buffer): Buffer {
  return withSegment(jpeg, 0xe1, exif);
}

/** A directory of entries: tag, type, count, value. */
function toExif(entries: readonly (readonly [number, number, number, number])[], says = entries.length, next = 0): Buffer {
  const exif = Buffer.alloc(6 + 8 + 2 + entries.length * 12 + 4);
  exif.write('Exif\0\0II*\0\x08\0\0\0', 'latin1');
  exif.writeUInt16LE(says, 14);
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const at = 16 + index * 12;
    exif.writeUInt16LE(tag, at);
    exif.writeUInt16LE(type, at + 2);
    exif.writeUInt32LE(count, at + 4);
    exif.writeUInt32LE(value, at + 8);
  }
  exif.writeUInt32LE(next, exif.length - 4);
  return exif;
}
