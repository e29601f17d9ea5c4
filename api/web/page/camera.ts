/** Why the camera can't be used, in words for people. */
export class CameraRefusal extends Error {
  override readonly name = 'CameraRefusal';
}

export interface CameraChoice {
  readonly id: string;
  readonly label: string;
}

/** A camera that runs, into a video element. */
export interface Camera {
  readonly id: string;
  /** Those that there are, once the person has allowed one: before that, a browser doesn't name them. */
  listChoices(): Promise<CameraChoice[]>;
  /** What it sees now, on a canvas that the next frame is drawn on too; null while it shows nothing yet. */
  draw(): HTMLCanvasElement | null;
  close(): void;
}

interface OpenOptions {
  readonly video: HTMLVideoElement;
  /** One of the choices; the one that looks away from the person, where there are two, when not given. */
  readonly id?: string;
  /** Called when it ends by itself: unplugged, or taken away by the person. */
  readonly onEnd: () => void;
}

/** Faces are as large in it as the detector looks at them without parts, and a frame is some 150 kB. */
const WANTED_SIZE = { width: { ideal: 1280 }, height: { ideal: 720 } };

const REASONS: Readonly<Record<string, string>> = {
  NotAllowedError: 'The browser was told not to give the camera to this page. Its settings, by the address, can allow it.',
  NotFoundError: 'This machine has no camera that the browser can see.',
  NotReadableError: 'The camera is in use by another program.',
  OverconstrainedError: 'That camera is no longer there.',
};

/**
 * Asks the person for the camera and starts it, without sound.
 *
 * @throws CameraRefusal
 */
export async function openCamera({ video, id, onEnd }: OpenOptions): Promise<Camera> {
  const media = (navigator as Partial<Navigator>).mediaDevices;
  if (media === undefined) throw new CameraRefusal('Browsers give the camera only to pages that come by HTTPS, or from this machine.');
  const which = id === undefined ? { facingMode: { ideal: 'environment' } } : { deviceId: { exact: id } };
  const stream = await media.getUserMedia({ audio: false, video: { ...WANTED_SIZE, ...which } }).catch((error: unknown) => {
    throw new CameraRefusal(REASONS[error instanceof DOMException ? error.name : ''] ?? 'The camera could not be started.', { cause: error });
  });
  const [track] = stream.getVideoTracks();
  track?.addEventListener('ended', onEnd);
  video.srcObject = stream;
  const canvas = document.createElement('canvas');

  return {
    id: track?.getSettings().deviceId ?? '',
    async listChoices() {
      const devices = await media.enumerateDevices();
      return devices.filter(({ kind }) => kind === 'videoinput').map(({ deviceId, label }, index) => ({ id: deviceId, label: label || `Camera ${index + 1}` }));
    },
    draw() {
      // Its size is known before there is anything to draw: the first frame would be black.
      if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      canvas.getContext('2d')?.drawImage(video, 0, 0);
      return canvas;
    },
    close() {
      for (const each of stream.getTracks()) each.stop();
      if (video.srcObject === stream) video.srcObject = null;
    },
  };
}

/** As JPEG; null where the browser can't. */
export function toJpeg(canvas: HTMLCanvasElement): Promise<Blob | null> {
  const { promise, resolve } = Promise.withResolvers<Blob | null>();
  canvas.toBlob(resolve, 'image/jpeg', 0.85);
  return promise;
}
