// `.env.example` and `config.example.yaml`, written from the settings table.
import { CONFIG_FILE_VARIABLE, variablesOf } from './environment.js';
import type { Setting } from './setting.js';

const MADE = 'Made by `npm run docs:config` from src/config/settings.ts: change it there.';
const FORMS = 'Durations: 500ms, 30s, 5m, 1h, 7d. Sizes: 4096, 64KB, 1MB, where KB is 1024 bytes. Yes and no: true, false.';
const WIDTH = 100;

/** Every variable, commented out, with its default. */
export function envExample(settings: readonly Setting[]): string {
  const head = [
    `# All settings as environment variables. ${MADE}`,
    '#',
    ...comment(
      `The name is MCPW_ and the path in the YAML file in capitals, with _ between; some have a short name as well. Items of a list have ` +
        `commas between. An empty variable counts as unset. A variable is stronger than the YAML file, the file is stronger than the default.`,
    ),
    ...comment(FORMS),
    '',
    '# The YAML file to read; see config.example.yaml. Without it none is read.',
    `# ${CONFIG_FILE_VARIABLE}=mcpw.yaml`,
  ];
  const rows = settings.flatMap((setting) => {
    const [name = '', ...others] = variablesOf(setting);
    return ['', ...comment(`${setting.doc} ${note(setting)}`), ...comment(otherNames(setting, others)), `# ${name}=${value(setting)}`];
  });
  return [...head, ...rows, ''].join('\n');
}

/** Every key in its place with its default; those without one are commented out. */
export function yamlExample(settings: readonly Setting[]): string {
  const lines = [
    `# All settings with their defaults. ${MADE}`,
    '#',
    ...comment(`${CONFIG_FILE_VARIABLE} names the file that is read; environment variables (.env.example) are stronger than it.`),
    ...comment(FORMS),
  ];
  let open: readonly string[] = [];
  for (const setting of settings) {
    const names = setting.path.split('.');
    const key = names.pop() as string;
    const shared = commonLength(open, names);
    lines.push('', ...names.slice(shared).map((name, i) => `${indent(shared + i)}${name}:`));
    open = names;
    const at = indent(names.length);
    const isSet = 'default' in setting && typeof setting.default === 'string';
    lines.push(
      ...comment(`${setting.doc} ${note(setting)}`).map((line) => at + line),
      `${at}${isSet ? '' : '# '}${key}: ${yamlValue(setting)}`,
    );
  }
  return [...lines, ''].join('\n');
}

const indent = (depth: number): string => '  '.repeat(depth);

function commonLength(a: readonly string[], b: readonly string[]): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return i;
}

/** What is accepted, and where the default comes from when it is no constant. */
function note(setting: Setting): string {
  const derived = 'default' in setting && typeof setting.default === 'object' ? setting.default : undefined;
  const from = derived && (derived.times === 1 ? `${derived.of}` : `${derived.times} times ${derived.of}`);
  const bounds = 'min' in setting ? `From ${setting.min} to ${setting.max}.` : '';
  const what = 'values' in setting ? `One of ${setting.values.join(', ')}.` : bounds;
  return [what, from === undefined ? '' : `Default: ${from}.`].filter((part) => part !== '').join(' ');
}

function otherNames(setting: Setting, names: readonly string[]): string {
  const scaled = 'scaled' in setting ? setting.scaled : undefined;
  return names.map((name) => `Also ${name}${name === scaled?.name ? `, in ${scaled.unit}` : ''}.`).join(' ');
}

function value(setting: Setting): string {
  if (setting.kind === 'map') return '{}';
  if ('default' in setting && typeof setting.default === 'string' && setting.default !== '') return setting.default;
  return 'example' in setting && setting.example !== undefined ? setting.example : '';
}

function yamlValue(setting: Setting): string {
  if (setting.kind !== 'list') return value(setting);
  const items = (setting.default as string | undefined) === '' ? [] : value(setting).split(',');
  return `[${items.map((item) => JSON.stringify(item)).join(', ')}]${example(setting)}`;
}

const example = (setting: Setting): string =>
  'example' in setting && setting.example !== undefined
    ? `  # e.g. [${setting.example
        .split(',')
        .map((item) => JSON.stringify(item))
        .join(', ')}]`
    : '';

/** Text as comment lines. */
function comment(text: string): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ').filter((part) => part !== '')) {
    if (line.length + word.length >= WIDTH) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return line === '#' ? lines : [...lines, line];
}
