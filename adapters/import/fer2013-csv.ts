import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import type { Emotion } from '../../domain/emotion.ts';
import { Failure } from '../../domain/failure.ts';
import type { GreyPixels } from '../../domain/image-transform.ts';
import { IMAGE_PIXELS } from '../../domain/image-transform.ts';
import type { ImageSource } from './image-source.ts';
import { toEmotion } from './label-name.ts';

/** What the numbers of FER2013's column `emotion` mean. */
const FER2013_LABELS = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'] as const;

/**
 * The images of a CSV file like FER2013's: columns `emotion` (0 to 6) and `pixels` (2304 numbers from 0 to 255 parted by
 * spaces), and perhaps `Usage`. Each becomes a PNG named by its row, counted from 1 without the heading.
 *
 * @param encodeGreyPng writes 48x48 grey pixels as PNG, the same pixels always as the same bytes
 * @throws Failure `input-invalid` naming the line that can't be read
 */
export async function* readFer2013Csv(file: string, encodeGreyPng: (pixels: GreyPixels) => Promise<Uint8Array>): ImageSource {
  const rows = createReadStream(file).on('error', (error) => rows.destroy(error)).pipe(parse({ columns: true, relax_column_count_less: true, trim: true, bom: true }));
  let row = 0;
  try {
    for await (const record of rows as AsyncIterable<Readonly<Record<string, string>>>) {
      row += 1;
      const labelName = toLabelName(record['emotion'], row);
      const label: Emotion | null = toEmotion(labelName);
      const pixelText = record['pixels'] ?? '';
      const fileName = `fer2013-${String(row).padStart(5, '0')}.png`;
      const line = row + 1;
      yield { label, labelName, fileName, read: async () => encodeGreyPng(toPixels(pixelText, line)) };
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('input-invalid', `${file} can't be read as CSV after row ${row}.`, { cause: error });
  }
  if (row === 0) throw new Failure('input-invalid', `${file} has no rows.`);
}

function toLabelName(emotion: string | undefined, row: number): string {
  const labelName = emotion === undefined || emotion === '' ? undefined : FER2013_LABELS[Number(emotion)];
  if (labelName !== undefined) return labelName;
  throw new Failure('input-invalid', `Line ${row + 1} has no emotion from 0 to ${FER2013_LABELS.length - 1}; the file needs the columns "emotion" and "pixels".`);
}

function toPixels(text: string, line: number): GreyPixels {
  const numbers = text.split(' ').map(Number);
  const isGrey = numbers.length === IMAGE_PIXELS && numbers.every((number) => Number.isInteger(number) && number >= 0 && number <= 255);
  if (isGrey) return Uint8Array.from(numbers);
  throw new Failure('image-unreadable', `Line ${line} does not have ${IMAGE_PIXELS} pixels from 0 to 255.`);
}
