import { onPicture } from './hand-in.ts';
import { predict } from './predict.ts';
import { hidePreview, showPreview } from './preview.ts';
import { showAnswer, showLooking, showRefusal } from './reading.ts';
import { Refusal } from './refusal.ts';

interface Listeners {
  /** Before a picture is looked at. */
  readonly onBegin: () => void;
  readonly onAnswer: (version: number) => void;
}

/**
 * Answers each picture that is handed in; a later one calls off the one before.
 *
 * @returns takes back what is shown, and calls off what is being asked
 */
export function startTryingPictures({ onBegin, onAnswer }: Listeners): () => void {
  let asking = new AbortController();
  onPicture((file) => void ask(file));
  return () => {
    asking.abort();
    hidePreview();
  };

  async function ask(file: File): Promise<void> {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    onBegin();
    showLooking();
    const shown = showPreview(file);
    try {
      const answer = await predict(file, { signal });
      const photo = await shown;
      if (signal.aborted) return;
      showAnswer(answer, photo && { drawable: photo, width: photo.naturalWidth }, { showsSquare: photo !== null });
      onAnswer(answer.model.version);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      showRefusal(error);
    }
  }
}
