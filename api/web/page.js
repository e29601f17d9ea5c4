const EMOTIONS = ['happy', 'sad', 'angry', 'fearful'];
const LOOK_AGAIN_MS = 5_000;
const SEEN_SIDE = 48;
const THUMBNAIL_SIDE = 96;

const find = (id) => document.getElementById(id);
const percent = (share, digits = 1) => `${(share * 100).toFixed(digits)} %`;
const whole = new Intl.NumberFormat('en');

/** Builds elements from text alone: whatever a server or a file name says is never read as markup. */
function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/* Who may call */

/** With the key that was typed in, which nothing but this page's memory holds. Shows where to type it when it is asked for. */
async function request(path, options = {}) {
  const key = find('key').value.trim();
  const response = await fetch(path, { ...options, headers: key === '' ? {} : { 'x-api-key': key } });
  if (response.status === 401) find('key-row').hidden = false;
  return response;
}

find('key').addEventListener('change', () => void showModel());

/* Trying it */

const bars = new Map(
  EMOTIONS.map((emotion) => {
    const number = element('dd', { textContent: '–' });
    const fill = element('span', { className: 'fill' });
    const track = element('dd', { className: 'track', ariaHidden: 'true' }, fill);
    const row = element('div', { className: 'bar' }, element('dt', { textContent: emotion }), number, track);
    row.dataset.emotion = emotion;
    find('bars').append(row);
    return [emotion, { row, number, fill }];
  }),
);

let asking = new AbortController();
let shownVersion = null;

async function ask(file) {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const shown = preview(file);
  setState('busy', 'Reading', 'Looking …');
  const form = new FormData();
  form.append('image', file);
  try {
    const response = await request('/predict', { method: 'POST', body: form, signal });
    const answer = await response.json();
    await shown;
    if (signal.aborted) return;
    if (response.ok) showPrediction(answer);
    else showProblem(answer.detail);
  } catch {
    if (!signal.aborted) showProblem('The server did not answer. Is it still there?');
  }
}

function showPrediction({ emotion, confidence, probabilities, source, faces, counts, image, model }) {
  const isWhole = source === 'whole-image';
  setState('done', isWhole ? `${percent(confidence)} sure` : toNumberOf(faces.length, 'face'), capital(emotion));
  find('tally').hidden = false;
  find('tally').textContent = isWhole ? 'No face was found, so the whole picture was read.' : toTally(counts);
  find('seen').hidden = !isWhole || find('preview').hidden;
  showFaces(faces, image);
  for (const [name, { row, number, fill }] of bars) {
    number.textContent = percent(probabilities[name]);
    fill.style.setProperty('--share', probabilities[name]);
    row.classList.toggle('likeliest', name === emotion);
  }
  find('answered').textContent = `${image.width} × ${image.height} pixels, answered by ${model.name} version ${model.version}.`;
  if (model.version !== shownVersion) void showModel();
}

function showProblem(detail) {
  setState('failed', 'Reading', 'No answer');
  find('problem').textContent = detail;
  find('problem').hidden = false;
  find('answered').textContent = '';
  for (const { row, number, fill } of bars.values()) {
    number.textContent = '–';
    fill.style.setProperty('--share', 0);
    row.classList.remove('likeliest');
  }
}

function toNumberOf(number, thing) {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

function toTally(counts) {
  return EMOTIONS.filter((emotion) => counts[emotion] > 0).map((emotion) => `${counts[emotion]} ${emotion}`).join(', ');
}

/** Frames the faces in the picture, and lists them under the numbers that their frames have. */
function showFaces(faces, image) {
  find('people').hidden = faces.length === 0;
  find('boxes').setAttribute('viewBox', `0 0 ${image.width} ${image.height}`);
  find('boxes').replaceChildren(...faces.flatMap((face, index) => toFrame(face, index + 1, image)));
  find('faces').replaceChildren(...faces.map((face, index) => toFaceItem(face, index + 1, image)));
}

/** Lines and numbers are as thick and as large in a small picture as in a large one. */
function toFrame({ box, emotion }, number, image) {
  const unit = Math.max(image.width, image.height) / 100;
  const frame = shape('rect', { ...box, rx: unit / 2, 'stroke-width': unit * 0.5 });
  const size = Math.min(unit * 3, box.height / 2);
  // Above the frame, where it hides nothing of the face.
  const top = Math.max(0, box.y - size * 1.2);
  const badge = shape('rect', { class: 'badge', x: box.x, y: top, width: size * (0.6 + 0.6 * String(number).length), height: size * 1.2, rx: unit / 2 });
  const label = shape('text', { x: box.x + size * 0.3, y: top + size * 0.95, 'font-size': size });
  label.textContent = number;
  for (const part of [frame, badge, label]) part.dataset.emotion = emotion;
  return [frame, badge, label];
}

function shape(name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function toFaceItem({ box, emotion, confidence, probabilities, quality }, number, image) {
  const share = element('span', { className: 'share', ariaHidden: 'true' });
  for (const name of EMOTIONS) {
    const part = element('span');
    part.dataset.emotion = name;
    part.style.setProperty('flex-grow', probabilities[name]);
    share.append(part);
  }
  const words = element('p', {}, element('strong', { textContent: capital(emotion) }), ` ${percent(confidence, 0)}`);
  const remark = quality.length === 0 ? [] : [element('small', { textContent: quality.join(', ') })];
  const item = element('li', {}, toThumbnail(box, image), element('div', {}, words, share, ...remark));
  item.dataset.number = number;
  item.title = EMOTIONS.map((name) => `${name} ${percent(probabilities[name])}`).join(', ');
  return item;
}

function toThumbnail(box, image) {
  const canvas = element('canvas', { width: THUMBNAIL_SIDE, height: THUMBNAIL_SIDE, ariaHidden: 'true' });
  const photo = find('photo');
  const scale = photo.naturalWidth / image.width;
  const side = Math.min(Math.max(box.width, box.height), image.width, image.height);
  const left = Math.min(Math.max(box.x + (box.width - side) / 2, 0), image.width - side);
  const top = Math.min(Math.max(box.y + (box.height - side) / 2, 0), image.height - side);
  if (photo.naturalWidth > 0) canvas.getContext('2d').drawImage(photo, left * scale, top * scale, side * scale, side * scale, 0, 0, THUMBNAIL_SIDE, THUMBNAIL_SIDE);
  return canvas;
}

function setState(state, kicker, answer) {
  find('reading').dataset.state = state;
  find('kicker').textContent = kicker;
  find('answer').textContent = answer;
  for (const id of ['problem', 'tally', 'people', 'seen']) find(id).hidden = true;
  find('boxes').replaceChildren();
}

function capital(word) {
  return word[0].toUpperCase() + word.slice(1);
}

/** Shows the picture, and draws what little of it the network gets without a face: the middle, grey, 48 pixels wide. Never rejects. */
function preview(file) {
  const { promise, resolve } = Promise.withResolvers();
  const photo = find('photo');
  URL.revokeObjectURL(photo.src);
  photo.onload = () => {
    const { naturalWidth: width, naturalHeight: height } = photo;
    const side = Math.min(width, height);
    const canvas = find('pixels');
    const context = canvas.getContext('2d');
    context.fillStyle = 'rgb(128 128 128)';
    context.fillRect(0, 0, SEEN_SIDE, SEEN_SIDE);
    context.filter = 'grayscale(1)';
    context.imageSmoothingQuality = 'high';
    context.drawImage(photo, (width - side) / 2, (height - side) / 2, side, side, 0, 0, SEEN_SIDE, SEEN_SIDE);
    show(true);
  };
  photo.onerror = () => show(false);
  photo.src = URL.createObjectURL(file);
  return promise;

  function show(isVisible) {
    find('preview').hidden = !isVisible;
    find('invitation').hidden = isVisible;
    resolve();
  }
}

const drop = find('drop');
find('file').addEventListener('change', ({ target }) => {
  const [file] = target.files;
  if (file) void ask(file);
  // The same file may be chosen again, for example after it was changed.
  target.value = '';
});
for (const name of ['dragenter', 'dragover']) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add('over');
  });
}
document.addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) drop.classList.remove('over');
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  drop.classList.remove('over');
  const [file] = event.dataTransfer.files;
  if (file) void ask(file);
});
document.addEventListener('paste', (event) => {
  const [file] = event.clipboardData.files;
  if (file) void ask(file);
});

/* The model */

let lookingAgain;

async function showModel() {
  clearTimeout(lookingAgain);
  const response = await request('/model').catch(() => null);
  const isServed = response?.ok === true;
  const wantsKey = response?.status === 401;
  find('missing').hidden = isServed || wantsKey;
  find('card').hidden = !isServed;
  if (!isServed) {
    await response?.body?.cancel();
    // A key is something to wait for, not to ask again for.
    if (!wantsKey) lookingAgain = setTimeout(showModel, LOOK_AGAIN_MS);
    return;
  }
  const { manifest, card, pictures } = await response.json();
  shownVersion = manifest.version;
  find('facts').replaceChildren(...toFacts(manifest, card));
  find('classes').replaceChildren(...EMOTIONS.map((emotion) => toRow(emotion, card.evaluation.perClass[emotion])));
  find('confusion').replaceChildren(...await toPicture(pictures.confusion, manifest.version, 'Which expressions it takes for which'));
  find('curves').replaceChildren(...await toPicture(pictures.curves, manifest.version, 'How its training went, epoch by epoch'));
}

function toFacts(manifest, card) {
  const { accuracyInterval, samples } = card.evaluation;
  const { train, validation } = card.data.counts;
  const learned = EMOTIONS.reduce((total, emotion) => total + train[emotion] + validation[emotion], 0);
  const range = `${percent(accuracyInterval.lower)} to ${percent(accuracyInterval.upper)}, on ${whole.format(samples)} pictures`;
  const registered = new Date(manifest.registeredAt).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
  // A run that took over an earlier one's network did not train it.
  const { gitSha: trainedBy } = card.training.spec;
  const origin = trainedBy === manifest.gitSha ? registered : `${registered}, trained by ${trainedBy.slice(0, 7)}`;
  return [
    toFact('Accuracy', percent(manifest.accuracy), range),
    toFact('Version', String(manifest.version), manifest.name),
    toFact('Learned from', whole.format(learned), 'pictures'),
    toFact('Parameters', whole.format(card.training.parameters), `best after ${card.training.bestEpoch} of ${card.training.epochs} epochs`),
    toFact('Made by commit', manifest.gitSha.slice(0, 7), origin),
  ];
}

function toFact(name, value, note) {
  const small = element('small', { textContent: note });
  return element('div', {}, element('dt', { textContent: name }), element('dd', {}, value, small));
}

function toRow(emotion, { recall, precision, samples }) {
  const cells = [percent(recall), percent(precision), whole.format(samples)].map((textContent) => element('td', { textContent }));
  const row = element('tr', {}, element('th', { scope: 'row', textContent: emotion }), ...cells);
  row.dataset.emotion = emotion;
  return row;
}

/** The version in the address keeps a browser from showing an older model's picture. */
async function toPicture(path, version, caption) {
  if (path === null) return [];
  const address = `${path}?version=${version}`;
  // A browser sends no key for an image by itself.
  const response = find('key').value === '' ? null : await request(address).catch(() => null);
  const src = response?.ok ? URL.createObjectURL(await response.blob()) : address;
  const image = element('img', { src, alt: caption, loading: 'lazy' });
  return [element('figure', {}, image, element('figcaption', { textContent: caption }))];
}

find('curl').textContent = `curl -F image=@photo.jpg ${location.origin}/predict`;
void showModel();
