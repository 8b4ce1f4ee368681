// A module lives in a repository of its own, with this server as a dependency: what `npm pack` makes of the packages holds what a team
// needs, and a module beside it compiles under strict rules and starts.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startServer } from '../support/start-server.js';

const ROOT = resolve(import.meta.dirname, '../..');
const PACKAGES = { mcpw: '.', '@mcpw/protocol': 'libs/protocol', '@mcpw/client': 'libs/client' } as const;
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

interface Manifest {
  readonly name: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Manifest;

/** The files that a package's `exports` and `bin` name. */
function namedFiles({ exports, bin = {} }: Manifest): string[] {
  const named = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : Object.values(value as object).flatMap((inner) => named(inner));
  return [...named(exports), ...Object.values(bin)].map((path) => path.replace(/^\.\//, ''));
}

let team: string;
let packed: ReadonlyMap<string, Packed>;
beforeAll(() => {
  team = mkdtempSync(join(tmpdir(), 'mcpw-team-'));
  const folders = Object.values(PACKAGES).map((folder) => join(ROOT, folder));
  const text = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', team, ...folders], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // A list, in npm 12 an object of them by name.
  packed = new Map(Object.values(JSON.parse(text) as Record<string, Packed>).map((one) => [one.name, one]));
});
afterAll(() => rmSync(team, { recursive: true, force: true }));

describe.each(Object.entries(PACKAGES))('the package %s', (name, folder) => {
  it('holds the files that its exports and commands name, its README and licence', () => {
    const paths = packed.get(name)?.files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining([...namedFiles(manifestOf(folder)), 'package.json', 'README.md', 'LICENSE']));
  });

  it('holds no tests, nothing made for tests, and no sources beside what they were built to', () => {
    const paths = packed.get(name)?.files.map(({ path }) => path) ?? [];
    expect(
      paths.filter((path) => /\.spec\.|(^|\/)(test|testing|src|node_modules|\.cache|data)\/|tsbuildinfo|^dist\/examples/.test(path)),
    ).toEqual([]);
    expect(paths.length).toBeGreaterThan(10);
  });
});

describe('a module in a folder of its own, with the packages as its dependencies', () => {
  beforeAll(() => install(team));

  it('compiles under strict NodeNext, and its server starts with the one Nest that both have', async () => {
    execFileSync(process.execPath, [TSC, '-p', team], { cwd: team, stdio: 'inherit' });
    const server = await startServer({ main: join(team, 'dist/server.js'), adminKey: null });
    const [, key = ''] = await server.printed(/The admin key, shown this once:\n\n {4}(mcpw_\w+)\n/);
    const client = await server.client({ key });
    await client.call('billing.charge', { account: 'a', amount_cents: 7 });
    const { result } = await client.call('tool.execute', { name: 'billing_balance', arguments: { account: 'a' } });
    expect(result.structured).toEqual({ account: 'a', charged_cents: 7 });
    await server.stop();
  });

  it('shares the packages whose classes and metadata both use: an own copy of them is refused by npm', () => {
    const { dependencies = {}, peerDependencies = {} } = manifestOf('.');
    const imported = [
      '@nestjs/common',
      '@nestjs/core',
      '@nestjs/websockets',
      'class-validator',
      'class-transformer',
      'reflect-metadata',
      'rxjs',
    ];
    expect(Object.keys(peerDependencies)).toEqual(expect.arrayContaining(imported));
    expect(Object.keys(dependencies).filter((name) => imported.includes(name))).toEqual([]);
  });
});

/** What `npm install` of the tarballs gives, without a registry: these unpacked, all else from this repository. */
function install(folder: string): void {
  const modules = join(folder, 'node_modules');
  for (const { name, filename } of packed.values()) {
    const target = join(modules, name);
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', join(folder, filename), '-C', target, '--strip-components=1']);
  }
  for (const name of installedPackages()) {
    if (packed.has(name)) continue;
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(realpathSync(join(ROOT, 'node_modules', name)), join(modules, name));
  }
  cpSync(join(ROOT, 'examples/billing'), join(folder, 'src'), { recursive: true });
  const example = readFileSync(join(ROOT, 'examples/billing/README.md'), 'utf8');
  writeFileSync(join(folder, 'tsconfig.json'), block(example, 'tsconfig.json'));
  writeFileSync(join(folder, 'package.json'), block(example, 'package.json'));
}

function installedPackages(): string[] {
  return readdirSync(join(ROOT, 'node_modules'))
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => (name.startsWith('@') ? readdirSync(join(ROOT, 'node_modules', name)).map((inner) => `${name}/${inner}`) : [name]));
}

/** The JSON that a page gives for a file: the first block after its name. */
function block(markdown: string, file: string): string {
  const text = new RegExp('`' + file.replace('.', '\\.') + '`[^]*?```json\\n([^]*?)```').exec(markdown)?.[1];
  if (text === undefined) throw new Error(`the page has no ${file}`);
  return text;
}
