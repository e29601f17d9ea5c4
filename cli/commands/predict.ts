import { Command } from 'commander';
import { loadConfig } from '../../config/config.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import { isFailure } from '../../domain/failure.ts';
import { toPercent } from '../../domain/wording.ts';
import type { Prediction } from '../api-client.ts';
import { predictFile } from '../api-client.ts';
import { toJson } from '../output/format.ts';
import { toTable } from '../output/table.ts';

export function createPredictCommand(): Command {
  return new Command('predict')
    .summary('ask the API which emotion images show')
    .description('Asks the API about images, one after the other, and prints a line for each. The API is asked at BAROMETER_API_URL, or on this machine. An image that is refused is named with the reason, and the exit code is then 1.')
    .argument('<file...>', 'images: JPEG, PNG, WebP, GIF or AVIF')
    .option('--json', 'print JSON')
    .action(async (files: string[], { json }: { json?: true }) => {
      const { api } = loadConfig();
      const answers = [];
      for (const file of files) answers.push(await ask(api.url, file));
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
async function ask(apiUrl: string, file: string): Promise<Answer> {
  try {
    return { file, prediction: await predictFile(apiUrl, file) };
  } catch (error) {
    if (!isFailure(error, 'input-invalid')) throw error;
    return { file, error: error.message };
  }
}

function toText(answers: readonly Answer[]): string {
  const rows = answers.flatMap(({ file, prediction }) =>
    prediction === undefined ? [] : [[file, prediction.emotion, ...EMOTIONS.map((emotion) => toPercent(prediction.probabilities[emotion]))]],
  );
  return toTable(['file', 'emotion', ...EMOTIONS], rows);
}
