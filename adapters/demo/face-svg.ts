import type { Expression } from './expression.ts';
import type { Person, Shot } from './person.ts';

const CENTRE = 50;
/** Eyes and mouth lie where they do in photographs that are cut out about a face. */
const EYE_Y = 42;
const MOUTH_Y = 74;
const INK = '#2a1a17';

/** Draws a face as SVG in a frame of 100 by 100, shown at `size` pixels. */
export function drawFace(person: Person, expression: Expression, shot: Shot, size: number): string {
  const { tilt, scale, shift, light, background } = shot;
  const place = `translate(${CENTRE + shift.x} ${CENTRE + shift.y}) rotate(${tilt}) scale(${scale}) translate(${-CENTRE} ${-CENTRE})`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 100 100">
    <defs>
      <linearGradient id="wall" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="${background[0]}"/><stop offset="1" stop-color="${background[1]}"/></linearGradient>
      <linearGradient id="light" gradientTransform="rotate(${light.angle} 0.5 0.5)"><stop offset="0" stop-color="#fff" stop-opacity="${light.strength * 0.7}"/><stop offset="0.5" stop-color="#000" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity="${light.strength}"/></linearGradient>
      <radialGradient id="round" cx="0.5" cy="0.45" r="0.6"><stop offset="0.6" stop-color="#000" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity="0.28"/></radialGradient>
    </defs>
    <rect width="100" height="100" fill="url(#wall)"/>
    <g transform="${place}" stroke-linecap="round" stroke-linejoin="round">
      ${drawHead(person)}
      ${drawNose(person)}
      ${drawBeard(person)}
      ${drawMouth(person, expression)}
      ${[-1, 1].map((side) => drawEye(side, person, expression) + drawBrow(side, person, expression)).join('')}
      ${drawFolds(expression)}
      ${drawGlasses(person)}
      ${drawHair(person)}
    </g>
    <rect width="100" height="100" fill="url(#light)"/>
  </svg>`;
}

function drawHead({ skin, hair, hairStyle, head: { rx, ry } }: Person): string {
  const behind =
    hairStyle === 'long' ? `<path d="M${50 - rx - 4} 40 Q${50 - rx - 8} 90 ${50 - rx + 6} 104 H${50 + rx - 6} Q${50 + rx + 8} 90 ${50 + rx + 4} 40 Z" fill="${hair}"/>`
    : hairStyle === 'curly' ? `<ellipse cx="50" cy="33" rx="${rx + 10}" ry="34" fill="${hair}"/>`
    : '';
  const ear = (side: number): string => `<ellipse cx="${50 + side * rx}" cy="50" rx="5" ry="8" fill="${skin}" stroke="${INK}" stroke-opacity="0.25" stroke-width="0.8"/>`;
  return `${behind}
    <path d="M36 84 V108 H64 V84 Z" fill="${skin}"/><path d="M36 86 Q50 102 64 86 V92 Q50 106 36 92 Z" fill="#000" opacity="0.2"/>
    ${ear(-1)}${ear(1)}
    <ellipse cx="50" cy="52" rx="${rx}" ry="${ry}" fill="${skin}"/><ellipse cx="50" cy="52" rx="${rx}" ry="${ry}" fill="url(#round)"/>`;
}

function drawHair({ hair, hairStyle, head: { rx, ry } }: Person): string {
  const top = 52 - ry;
  const left = 50 - rx;
  const right = 50 + rx;
  switch (hairStyle) {
    case 'bald':
      return '';
    case 'fringe':
      return `<path d="M${left - 2} 44 Q${left - 4} ${top - 8} 50 ${top - 8} Q${right + 4} ${top - 8} ${right + 2} 44 Q${right - 2} 26 ${right - 8} 24 Q50 31 ${left + 8} 24 Q${left + 2} 26 ${left - 2} 44 Z" fill="${hair}"/>`;
    case 'short':
      return `<path d="M${left - 1} 42 Q${left - 3} ${top - 7} 50 ${top - 7} Q${right + 3} ${top - 7} ${right + 1} 42 Q${right - 3} 22 58 19 Q46 15 38 20 Q${left + 3} 24 ${left - 1} 42 Z" fill="${hair}"/>`;
    case 'long':
      return `<path d="M${left - 4} 58 Q${left - 6} ${top - 9} 50 ${top - 9} Q${right + 6} ${top - 9} ${right + 4} 58 Q${right - 2} 30 54 16 Q${left + 6} 26 ${left - 4} 58 Z" fill="${hair}"/>`;
    case 'curly':
      return `<path d="M${left - 3} 38 Q${left - 2} ${top - 8} 50 ${top - 9} Q${right + 2} ${top - 8} ${right + 3} 38 Q${right - 6} 20 50 19 Q${left + 6} 20 ${left - 3} 38 Z" fill="${hair}"/>`;
  }
}

function drawNose({ noseLength }: Person): string {
  const tip = EYE_Y + 3 + noseLength;
  return `<path d="M51 ${EYE_Y + 4} Q54 ${tip - 4} 54.5 ${tip - 1} Q53 ${tip + 1.5} 48 ${tip}" fill="none" stroke="${INK}" stroke-opacity="0.45" stroke-width="1.2"/>`;
}

function drawBeard({ beard, hair, head: { rx, ry } }: Person): string {
  const moustache = `<path d="M37 ${MOUTH_Y - 5} Q44 ${MOUTH_Y - 11} 50 ${MOUTH_Y - 8.5} Q56 ${MOUTH_Y - 11} 63 ${MOUTH_Y - 5} Q56 ${MOUTH_Y - 6} 50 ${MOUTH_Y - 6} Q44 ${MOUTH_Y - 6} 37 ${MOUTH_Y - 5} Z" fill="${hair}" opacity="0.85"/>`;
  if (beard === 'none') return '';
  if (beard === 'moustache') return moustache;
  const bottom = 52 + ry;
  const chin = `<path d="M${50 - rx + 0.8} 58 Q${50 - rx + 2} ${bottom - 6} 50 ${bottom + 1} Q${50 + rx - 2} ${bottom - 6} ${50 + rx - 0.8} 58 Q${50 + rx - 5} 76 66 ${MOUTH_Y - 6} Q50 ${MOUTH_Y - 12} 34 ${MOUTH_Y - 6} Q${50 - rx + 5} 76 ${50 - rx + 0.8} 58 Z" fill="${hair}" opacity="0.75"/>`;
  return chin + moustache;
}

function drawEye(side: number, { eyeDistance, eyeSize, iris, skin }: Person, { eye, drop }: Expression): string {
  const x = CENTRE + side * eyeDistance;
  const rx = 7.6 * eyeSize;
  const ry = eye.open * eyeSize;
  const id = side < 0 ? 'left' : 'right';
  // The lid's edge: lower at the outer end for a positive slant.
  const lidY = EYE_Y - ry + 2 * ry * eye.lid;
  const inner = lidY - eye.slant / 2;
  const outer = lidY + eye.slant / 2;
  const [from, to] = side < 0 ? [outer, inner] : [inner, outer];
  const cheekY = EYE_Y + ry - 2 * ry * eye.cheek;
  const pupilY = EYE_Y + eye.gaze;
  const tear = `<path d="M${x + side * 3} ${EYE_Y + ry + 2} q-3.4 6.5 0 8 q3.4 -1.5 0 -8 Z" fill="#d6efff" stroke="#6fa8d0" stroke-width="0.6"/>`;
  const sweat = `<path d="M${CENTRE + 27} 22 q-3.6 7 0 8.6 q3.6 -1.6 0 -8.6 Z" fill="#d6efff" stroke="#6fa8d0" stroke-width="0.6"/>`;
  return `<clipPath id="${id}"><ellipse cx="${x}" cy="${EYE_Y}" rx="${rx}" ry="${ry}"/></clipPath>
    <g clip-path="url(#${id})">
      <rect x="${x - rx}" y="${EYE_Y - ry}" width="${2 * rx}" height="${2 * ry}" fill="#fbfaf7"/>
      <circle cx="${x}" cy="${pupilY}" r="${eye.pupil * 1.75 * eyeSize}" fill="${iris}"/><circle cx="${x}" cy="${pupilY}" r="${eye.pupil * eyeSize}" fill="#0d0a09"/>
      <circle cx="${x + 1.4}" cy="${pupilY - 1.4}" r="0.9" fill="#fff"/>
      <path d="M${x - rx} ${EYE_Y - ry - 4} V${from} Q${x} ${(from + to) / 2 - ry * 0.35} ${x + rx} ${to} V${EYE_Y - ry - 4} Z" fill="${skin}"/>
      <path d="M${x - rx} ${EYE_Y + ry + 4} V${cheekY + 1.5} Q${x} ${cheekY - ry * 0.5} ${x + rx} ${cheekY + 1.5} V${EYE_Y + ry + 4} Z" fill="${skin}"/>
      <path d="M${x - rx} ${from} Q${x} ${(from + to) / 2 - ry * 0.35} ${x + rx} ${to}" fill="none" stroke="${INK}" stroke-width="1.4"/>
    </g>
    <ellipse cx="${x}" cy="${EYE_Y}" rx="${rx}" ry="${ry}" fill="none" stroke="${INK}" stroke-opacity="0.55" stroke-width="0.9"/>
    ${drop === 'tear' && side > 0 ? tear : ''}${drop === 'sweat' && side > 0 ? sweat : ''}`;
}

function drawBrow(side: number, { eyeDistance, browWeight, hair }: Person, { brow, eye }: Expression): string {
  const y = EYE_Y - 9.5 - Math.max(0, eye.open - 5) * 0.5 + brow.drop;
  const innerX = CENTRE + side * (eyeDistance - 8);
  const outerX = CENTRE + side * (eyeDistance + 8.5);
  const innerY = y + brow.inner;
  const outerY = y - brow.inner * 0.35;
  const middleY = (innerY + outerY) / 2 - brow.arch;
  // Grey and fair hair would leave no brow to see.
  return `<path d="M${innerX} ${innerY} Q${CENTRE + side * eyeDistance} ${middleY} ${outerX} ${outerY}" fill="none" stroke="${hair}" stroke-width="${browWeight}"/>
    <path d="M${innerX} ${innerY} Q${CENTRE + side * eyeDistance} ${middleY} ${outerX} ${outerY}" fill="none" stroke="${INK}" stroke-opacity="0.55" stroke-width="${browWeight * 0.8}"/>`;
}

function drawFolds({ brow, mouth }: Expression): string {
  const furrow = `<path d="M48 ${EYE_Y - 10} l0.6 5 M52 ${EYE_Y - 10} l-0.6 5" stroke="${INK}" stroke-opacity="0.5" stroke-width="1" fill="none"/>`;
  const smile = [-1, 1]
    .map((side) => `<path d="M${50 + side * 13} 60 Q${50 + side * (mouth.halfWidth + 6)} 65 ${50 + side * (mouth.halfWidth + 4)} ${MOUTH_Y - 1}" stroke="${INK}" stroke-opacity="0.3" stroke-width="1.1" fill="none"/>`)
    .join('');
  return (brow.furrow ? furrow : '') + (mouth.curve > 5 ? smile : '');
}

function drawMouth({ skin }: Person, { mouth }: Expression): string {
  const { halfWidth, curve, open, shape, teeth } = mouth;
  const left = CENTRE - halfWidth;
  const right = CENTRE + halfWidth;
  const corner = MOUTH_Y - curve / 2;
  const middle = MOUTH_Y + curve / 2;
  const outline = `stroke="${INK}" stroke-opacity="0.85" stroke-width="1.5"`;
  if (open === 0) {
    const lip = `<path d="M${CENTRE - 4} ${middle + 4} q4 1.6 8 0" fill="none" stroke="${INK}" stroke-opacity="0.3" stroke-width="1.1"/>`;
    return `<path d="M${left} ${corner} Q${CENTRE} ${middle + curve / 2} ${right} ${corner}" fill="none" stroke="${INK}" stroke-opacity="0.9" stroke-width="2.2"/>${lip}`;
  }
  const path = toMouthPath();
  // A band that hangs from the upper lip.
  const lipTop = shape === 'oval' ? MOUTH_Y - open : corner;
  const lipDip = shape === 'oval' ? 0 : 1.5 * curve - open * 0.3;
  const band = Math.max(2, open * 0.7);
  const upperTeeth = `<path d="M${left} ${lipTop - 1} Q${CENTRE} ${lipTop + lipDip - 1} ${right} ${lipTop - 1} V${lipTop + band} Q${CENTRE} ${lipTop + lipDip + band} ${left} ${lipTop + band} Z" fill="#fdfbf5"/>`;
  const clenched = `<rect x="${left}" y="${MOUTH_Y - open}" width="${2 * halfWidth}" height="${2 * open}" fill="#f4f0e6"/><path d="M${left} ${MOUTH_Y} H${right} M${CENTRE - 6} ${MOUTH_Y - open} V${MOUTH_Y + open} M${CENTRE} ${MOUTH_Y - open} V${MOUTH_Y + open} M${CENTRE + 6} ${MOUTH_Y - open} V${MOUTH_Y + open}" stroke="${INK}" stroke-opacity="0.5" stroke-width="0.7"/>`;
  const tongue = `<ellipse cx="${CENTRE}" cy="${MOUTH_Y + open + Math.max(0, curve)}" rx="${halfWidth * 0.5}" ry="${open * 0.7}" fill="#b8524f"/>`;
  return `<clipPath id="mouth"><path d="${path}"/></clipPath>
    <path d="${path}" fill="#4a1315"/>
    <g clip-path="url(#mouth)">${shape === 'square' ? (teeth ? clenched : '') : tongue + (teeth ? upperTeeth : '')}</g>
    <path d="${path}" fill="none" ${outline}/>
    <path d="M${CENTRE - halfWidth * 0.6} ${MOUTH_Y + open + 4 + Math.max(0, curve)} q${halfWidth * 0.6} 2 ${halfWidth * 1.2} 0" fill="none" stroke="${skin}" stroke-width="1"/>`;

  function toMouthPath(): string {
    if (shape === 'oval') return `M${left} ${MOUTH_Y + 1} Q${left} ${MOUTH_Y - open} ${CENTRE} ${MOUTH_Y - open} Q${right} ${MOUTH_Y - open} ${right} ${MOUTH_Y + 1} Q${right} ${MOUTH_Y + open} ${CENTRE} ${MOUTH_Y + open} Q${left} ${MOUTH_Y + open} ${left} ${MOUTH_Y + 1} Z`;
    if (shape === 'square') {
      const bend = -curve * 0.6;
      return `M${left} ${MOUTH_Y + open * 0.7} Q${left + 1} ${MOUTH_Y - open * 0.6} ${left + 5} ${MOUTH_Y - open} Q${CENTRE} ${MOUTH_Y - open - bend} ${right - 5} ${MOUTH_Y - open} Q${right - 1} ${MOUTH_Y - open * 0.6} ${right} ${MOUTH_Y + open * 0.7} Q${CENTRE} ${MOUTH_Y + open * 1.3 - bend} ${left} ${MOUTH_Y + open * 0.7} Z`;
    }
    return `M${left} ${corner} Q${CENTRE} ${middle + curve / 2 - open * 0.3} ${right} ${corner} Q${CENTRE} ${middle + curve / 2 + open * 2} ${left} ${corner} Z`;
  }
}

function drawGlasses({ glasses, eyeDistance }: Person): string {
  if (!glasses) return '';
  const ring = (side: number): string => `<circle cx="${CENTRE + side * eyeDistance}" cy="${EYE_Y + 0.5}" r="11.5" fill="#fff" fill-opacity="0.08"/>`;
  return `<g fill="none" stroke="#1b1b1f" stroke-width="1.3">${ring(-1)}${ring(1)}<path d="M${CENTRE - eyeDistance + 11.5} ${EYE_Y} Q50 ${EYE_Y - 3} ${CENTRE + eyeDistance - 11.5} ${EYE_Y}"/></g>`;
}
