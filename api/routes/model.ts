import type Router from '@koa/router';
import { Failure } from '../../domain/failure.ts';
import { MODEL_FILES } from '../../domain/names.ts';
import type { ModelAnswer } from '../answers.ts';
import type { ServedModel } from '../load-model.ts';
import type { ModelSource } from '../model-source.ts';

const PICTURES = { curves: '/model/curves.svg', confusion: '/model/confusion.svg', reliability: '/model/reliability.svg' } as const;
type Picture = keyof typeof PICTURES;

/** Pictures come from storage: even opened by themselves they may draw, and nothing else. */
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

export function addModelRoutes(router: Router, models: ModelSource): void {
  function requireModel(): ServedModel {
    const model = models.current();
    if (model === null) throw new Failure('model-unavailable', 'No model is registered, or it is still being loaded.');
    return model;
  }

  router.get('/model', (ctx) => {
    const { manifest, card, pictures } = requireModel();
    function toPath(picture: Picture): string | null {
      return pictures.has(MODEL_FILES[picture]) ? PICTURES[picture] : null;
    }
    ctx.set('Cache-Control', 'no-cache');
    ctx.body = { manifest, card, pictures: { curves: toPath('curves'), confusion: toPath('confusion'), reliability: toPath('reliability') } } satisfies ModelAnswer;
  });

  for (const picture of Object.keys(PICTURES) as Picture[]) {
    router.get(PICTURES[picture], (ctx) => {
      const { manifest, pictures } = requireModel();
      const svg = pictures.get(MODEL_FILES[picture]);
      if (svg === undefined) throw new Failure('not-found', `Version ${manifest.version} holds no such picture.`);
      ctx.set({ 'Cache-Control': 'no-cache', 'Content-Security-Policy': PICTURE_POLICY });
      ctx.type = 'image/svg+xml';
      ctx.body = Buffer.from(svg);
    });
  }
}
