import { z } from 'zod';

/** What befalls pictures from a bar's camera, in the order in which it is shown. */
export const DISTURBANCES = ['low-light', 'gamma', 'motion-blur', 'noise', 'jpeg', 'tilt', 'glasses', 'hand'] as const;
export type Disturbance = (typeof DISTURBANCES)[number];

/** How badly. */
export const STRENGTHS = ['mild', 'medium', 'strong'] as const;
export type Strength = (typeof STRENGTHS)[number];

/** Sides in pixels of faces that are far away: seen so small, and scaled up. */
export const SMALL_SIDES = [32, 24, 16, 12] as const;

/** One way in which a picture of a face is made worse. */
export type Condition = { readonly disturbance: Disturbance; readonly strength: Strength } | { readonly side: number };

const share = z.number().min(0).max(1);

/** How many faces are still answered rightly when their pictures are made worse; the same test images each time. */
export const robustnessSchema = z.object({
  images: z.int().nonnegative(),
  /** Of the pictures as they are. */
  accuracy: share,
  disturbances: z.array(z.object({ name: z.enum(DISTURBANCES), mild: share, medium: share, strong: share })),
  smallFaces: z.array(z.object({ side: z.int().positive(), accuracy: share })),
});
export type Robustness = z.infer<typeof robustnessSchema>;
