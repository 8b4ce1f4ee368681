// Takes the guide apart into what it promises: each sentence, list item, setting, constant, command and example on its own,
// under the headings that it stands below. Not which test shows it: requirements.ts.

export interface Promised {
  /** Headings from the second level down, e.g. `Security > Rate Limiting`. */
  readonly section: string;
  /** The text without markup; of an example in code, its language and its first telling line. */
  readonly sentence: string;
}

/** Says nothing that is not said again below. */
const NO_PROMISES = 'Table of Contents';

export function sentencesOf(markdown: string): Promised[] {
  const found: Promised[] = [];
  const headings: string[] = [];
  let code: { language: string; lines: string[] } | undefined;
  let paragraph = '';
  const add = (sentence: string): void => void found.push({ section: headings.slice(1).join(' > '), sentence });
  const endParagraph = (): void => {
    for (const sentence of splitSentences(paragraph)) add(sentence);
    paragraph = '';
  };
  for (const line of markdown.split('\n')) {
    const fence = /^\s*```(\w*)/.exec(line);
    const heading = /^(#+) (.*)/.exec(line);
    const item = /^\s*(?:[-*]|\d+\.) (.*)/.exec(line);
    if (code !== undefined) {
      if (fence === null) code.lines.push(line);
      else {
        for (const sentence of codeSentences(code.language, code.lines)) add(sentence);
        code = undefined;
      }
      continue;
    }
    if (fence !== null || heading !== null || item !== null || line.trim() === '') endParagraph();
    if (fence !== null) code = { language: fence[1] ?? '', lines: [] };
    else if (heading !== null) headings.splice((heading[1] ?? '').length - 1, headings.length, heading[2] ?? '');
    else if (item !== null) add(plain(item[1] ?? ''));
    else paragraph += ` ${line}`;
  }
  endParagraph();
  return found.filter(({ section }) => section !== NO_PROMISES && section !== '');
}

function splitSentences(text: string): string[] {
  const sentences = plain(text).split(/(?<=[.!?])\s+/);
  // A line that only leads to the list below it promises nothing itself.
  return sentences.filter((sentence) => sentence !== '' && !sentence.endsWith(':'));
}

function plain(markdown: string): string {
  return markdown.replace(/\*\*/g, '').replace(/`/g, '').replace(/\s+/g, ' ').trim();
}

function codeSentences(language: string, lines: readonly string[]): string[] {
  const telling = lines.map((line) => line.replace(/(^|\s)(\/\/|#).*$/, '').trim()).filter((line) => line !== '');
  switch (language) {
    case 'yaml':
      return yamlSettings(lines);
    case 'bash':
      return telling.map((line) => `$ ${line}`);
    case 'go':
      if (telling[0] === 'const (')
        return telling.filter((line) => /^\w+( = iota)?$/.test(line)).map((line) => line.replace(' = iota', ''));
  }
  return [`${language === '' ? 'figure' : language}: ${telling.find((line) => /\w/.test(line)) ?? ''}`];
}

/** `websocket.security.require_auth: true`; a list's items stand in brackets. */
function yamlSettings(lines: readonly string[]): string[] {
  const path: string[] = [];
  const settings: string[] = [];
  for (const line of lines) {
    const text = line.replace(/\s+#.*$/, '');
    const item = /^\s*- (.*)$/.exec(text);
    const entry = /^(\s*)(\w+):\s*(.*)$/.exec(text);
    if (item !== null) settings.push(`${path.join('.')}: [${item[1] ?? ''}]`);
    if (entry === null) continue;
    path.splice((entry[1] ?? '').length / 2, path.length, entry[2] ?? '');
    if (entry[3] !== '') settings.push(`${path.join('.')}: ${entry[3]}`);
  }
  return settings;
}
