import { Command, Option } from 'commander';
import { loadConfig } from '../../config/config.ts';
import type { PerEmotion } from '../../domain/emotion.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import { isFailure } from '../../domain/failure.ts';
import { toNumberOf, toPercent } from '../../domain/wording.ts';
import type { Looking, Prediction, PredictionServer } from '../api-client.ts';
import { predictFile } from '../api-client.ts';
import { toJson } from '../output/format.ts';
import { toTable } from '../output/table.ts';

export function createPredictCommand(): Command {
  return new Command('predict')
    .summary('ask the API which emotions images show')
    .description('Asks the API about images, one after the other, and prints a line for each, and one for each face that is found in it. The API is asked at BAROMETER_API_URL, or on this machine, with the key in BAROMETER_API_KEY if there is one. An image that is refused is named with the reason, and the exit code is then 1.')
    .argument('<file...>', 'images: JPEG, PNG, WebP, GIF or AVIF')
    .addOption(new Option('--faces <which>', 'what to look at: the faces or, without any, the whole image; the faces alone; the whole image').choices(['auto', 'always', 'never']))
    .addOption(new Option('--tiles <when>', 'whether to look closer, part by part, for small faces in large images').choices(['auto', 'always', 'never']))
    .option('--json', 'print JSON')
    .action(async (files: string[], { json, ...looking }: Looking & { json?: true }) => {
      const { api, access } = loadConfig();
      const answers = [];
      for (const file of files) answers.push(await ask({ url: api.url, key: access.key }, file, looking));
      const refused = answers.filter(({ error }) => error !== undefined);
      if (json) console.log(toJson(answers));
      else if (refused.length < answers.length) console.log(toText(answers));
      for (const { file, error } of refused) console.error(`✘ ${file}: ${error}`);
      if (refused.length > 0) process.exitCode = 1;
    });
}

interface Answer {
  readonly file: string;
  readonly prediction?: Prediction;
  readonly error?: string;
}

/** One bad file does not keep the others from being answered; an API that is away does. */
async function ask(server: PredictionServer, file: string, looking: Looking): Promise<Answer> {
  try {
    return { file, prediction: await predictFile(server, file, looking) };
  } catch (error) {
    if (!isFailure(error, 'input-invalid')) throw error;
    return { file, error: error.message };
  }
}

function toText(answers: readonly Answer[]): string {
  const rows = answers.flatMap(({ file, prediction }) => (prediction === undefined ? [] : toRows(file, prediction)));
  return toTable(['file', 'emotion', ...EMOTIONS, 'by'], rows);
}

function toRows(file: string, { emotion, probabilities, source, faces }: Prediction): string[][] {
  const by = source === 'faces' ? toNumberOf(faces.length, 'face') : 'the whole image';
  const whole = [file, emotion ?? '–', ...toCells(probabilities), by];
  const each = faces.map(({ box, emotion, probabilities, quality }) => [
    `  ${box.width} x ${box.height} at ${box.x}, ${box.y}`,
    emotion,
    ...toCells(probabilities),
    quality.join(', '),
  ]);
  return [whole, ...each];
}

function toCells(probabilities: PerEmotion | null): string[] {
  return EMOTIONS.map((emotion) => (probabilities === null ? '–' : toPercent(probabilities[emotion])));
}
