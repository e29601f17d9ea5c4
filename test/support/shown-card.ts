import type { Page } from 'playwright-core';
import type { ModelAnswer } from '../../api/answers.ts';
import type { ModelCard } from '../../domain/model.ts';
import type { Robustness } from '../../domain/robustness.ts';
import { DISTURBANCES, SMALL_SIDES } from '../../domain/robustness.ts';

/** Has the page see a card that says something else, with every picture that there can be. */
export async function changeCard(page: Page, changes: Partial<ModelCard>): Promise<void> {
  await page.route('**/model', async (route) => {
    const model = (await (await route.fetch()).json()) as ModelAnswer;
    const pictures = { ...model.pictures, reliability: '/model/confusion.svg' };
    await route.fulfill({ json: { ...model, card: { ...model.card, ...changes }, pictures } satisfies ModelAnswer });
  });
}

/** Of each row other shares, so that none can be taken for another. */
export const ROBUSTNESS: Robustness = {
  images: 1500,
  accuracy: 0.75,
  disturbances: DISTURBANCES.map((name, index) => ({ name, mild: 0.7 - index / 100, medium: 0.55 - index / 100, strong: 0.3 - index / 100 })),
  smallFaces: SMALL_SIDES.map((side, index) => ({ side, accuracy: 0.74 - index / 10 })),
};
