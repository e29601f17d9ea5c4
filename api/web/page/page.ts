import { startOfferingCameras } from './count-in.ts';
import { find } from './dom.ts';
import { startShowingTheModel } from './model-card.ts';
import { startWatchingMoods } from './mood.ts';
import { showIdle } from './reading.ts';
import { startTryingTheCamera } from './try-camera.ts';
import { startTryingPictures } from './try-picture.ts';

showIdle();
const onAnswer = startShowingTheModel();
// A picture and the camera take turns in one place.
const stopCamera = startTryingTheCamera({ onBegin: () => takeBackPicture(), onAnswer });
const takeBackPicture = startTryingPictures({ onBegin: stopCamera, onAnswer });

startWatchingMoods();
startOfferingCameras();

find('curl', HTMLElement).textContent = `curl -F image=@photo.jpg ${location.origin}/predict`;
