import { find } from './dom.ts';

const drop = find('drop', HTMLLabelElement);
const input = find('file', HTMLInputElement);

/** Calls with each file that is chosen, dropped anywhere on the page, or pasted. */
export function onPicture(listener: (file: File) => void): void {
  function take(files: FileList | null | undefined): void {
    const file = files?.[0];
    if (file !== undefined) listener(file);
  }

  input.addEventListener('change', () => {
    take(input.files);
    // The same file may be chosen again, for example after it was changed.
    input.value = '';
  });
  for (const name of ['dragenter', 'dragover'] as const) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
  }
  document.addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) drop.classList.remove('over');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    take(event.dataTransfer?.files);
  });
  document.addEventListener('paste', ({ clipboardData }) => {
    take(clipboardData?.files);
  });
}
