import type { Notice } from '../domain/notice.ts';

interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

function toSections({ operator, system, purpose, legalBasis, processed, notProcessed, alerts, retention, rights, legal }: Notice): Section[] {
  return [
    { title: 'Who answers for this', lines: [`${operator.name}, ${operator.contact}`] },
    { title: 'What happens', lines: [system.summary, ...processed] },
    { title: 'What for', lines: [purpose, ...alerts.map(({ emotion, shareAbove, forSeconds }) => `A system of the venue is told when more than ${Math.round(shareAbove * 100)} % of the faces are ${emotion} for ${forSeconds} seconds.`)] },
    ...(legalBasis === null ? [] : [{ title: 'On what legal basis', lines: [legalBasis] }]),
    { title: 'What does not happen', lines: notProcessed },
    { title: 'How long it is kept', lines: retention.map(({ what, seconds }) => `${what}: ${seconds === 0 ? 'not at all' : `${Math.round(seconds / 60)} minutes`}`) },
    { title: 'Your rights', lines: [...rights.map(({ right, article }) => `${right} (${article})`), `Ask ${operator.name}: ${operator.contact}`] },
    { title: 'What the law says', lines: legal.map(({ law, article, says }) => `${law}, ${article}: ${says}`) },
  ];
}

function toTitle({ venue }: Notice): string {
  return `${venue.name}: this venue estimates the expressions of faces`;
}

export function toNoticeText(notice: Notice): string {
  const sections = toSections(notice).map(({ title, lines }) => [title, ...lines.map((line) => `- ${line}`)].join('\n'));
  return `${[toTitle(notice), ...sections].join('\n\n')}\n`;
}

/** A page for people, to be shown on a screen or led to by a code at the door. All words of the venue's are escaped. */
export function toNoticePage(notice: Notice): string {
  const title = escape(toTitle(notice));
  const sections = toSections(notice).map(({ title: heading, lines }) => `<h2>${escape(heading)}</h2>\n<ul>\n${lines.map((line) => `<li>${escape(line)}</li>`).join('\n')}\n</ul>`);
  return `<!doctype html>
<html lang="${notice.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/web/style/base.css">
<link rel="stylesheet" href="/web/style/prose.css">
</head>
<body>
<main class="prose">
<h1>${title}</h1>
${sections.join('\n')}
</main>
</body>
</html>
`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign]!);
}
