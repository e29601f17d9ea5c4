/**
 * One look at an image. A network in use takes both and averages its votes: an expression stays what it is when the face is
 * mirrored from left to right, and the mistakes of the two looks are partly different ones.
 *
 * What happens to pixels first (input.ts) is done once for both, for it gives the mirrored image mirrored.
 */
export type View = 'as-it-is' | 'mirrored';

export const VIEWS: readonly View[] = ['as-it-is', 'mirrored'];
