import { find } from './dom.ts';

const SEEN_SIDE = 48;

const frame = find('preview', HTMLElement);
const invitation = find('invitation', HTMLElement);
const photo = find('photo', HTMLImageElement);
const pixels = find('pixels', HTMLCanvasElement);

/**
 * Shows a file in place of the invitation. Never rejects.
 *
 * @returns the picture, or null where the browser can't show it; the API may be able to read it all the same
 */
export async function showPreview(file: Blob): Promise<HTMLImageElement | null> {
  URL.revokeObjectURL(photo.src);
  const address = URL.createObjectURL(file);
  photo.src = address;
  const isReadable = await photo.decode().then(
    () => true,
    () => false,
  );
  // Meanwhile another one may have been chosen, whose turn it is.
  if (photo.src !== address) return null;
  if (!isReadable) {
    hidePreview();
    return null;
  }
  drawSquare();
  frame.hidden = false;
  invitation.hidden = true;
  return photo;
}

export function hidePreview(): void {
  URL.revokeObjectURL(photo.src);
  photo.removeAttribute('src');
  frame.hidden = true;
  invitation.hidden = false;
}

/** What little of it the network gets where there is no face: the middle, grey, 48 pixels wide. */
function drawSquare(): void {
  const { naturalWidth: width, naturalHeight: height } = photo;
  const side = Math.min(width, height);
  const context = pixels.getContext('2d');
  if (context === null) return;
  context.fillStyle = 'rgb(128 128 128)';
  context.fillRect(0, 0, SEEN_SIDE, SEEN_SIDE);
  context.filter = 'grayscale(1)';
  context.imageSmoothingQuality = 'high';
  context.drawImage(photo, (width - side) / 2, (height - side) / 2, side, side, 0, 0, SEEN_SIDE, SEEN_SIDE);
}
