import sharp from 'sharp';

/** Points for each inch; twice the usual, for the screens of today. */
const DENSITY = 144;

/** A chart, drawn as SVG, as PNG. The SVG is ours: it is decoded without limits. */
export async function toPng(svg: string): Promise<Uint8Array> {
  return sharp(Buffer.from(svg), { density: DENSITY }).png({ compressionLevel: 9, palette: true }).toBuffer();
}
