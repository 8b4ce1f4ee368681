// A real browser on a page of loopback that has the built packages, as they are, through an import map: no bundler.
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { chromium, type BrowserContext, type Page } from 'playwright-core';

const LIBS = resolve(import.meta.dirname, '../../libs');
const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const PACKAGE = /^\/(protocol|client)\/(dist\/[\w./-]+\.js)$/;

/** What the page offers to tests as `mcpw`. */
export type BrowserClient = typeof import('@mcpw/client/web');

/** Serves the page and the packages. Ended by its owner. */
export class PageServer {
  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async start(): Promise<PageServer> {
    const server = createServer((request, response) => {
      const [, name, file] = PACKAGE.exec(request.url ?? '') ?? [];
      if (request.url === '/') {
        response.writeHead(200, { 'content-type': 'text/html' }).end(page());
      } else if (name !== undefined && file !== undefined && !file.includes('..') && existsSync(join(LIBS, name, file))) {
        response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(join(LIBS, name, file)));
      } else response.writeHead(404).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PageServer(server, `http://127.0.0.1:${(server.address() as { port: number }).port}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** A browser with a profile of its own, which goes with it. */
export class TestBrowser {
  private constructor(
    private readonly context: BrowserContext,
    private readonly profile: string,
  ) {}

  static async launch(): Promise<TestBrowser> {
    const profile = mkdtempSync(join(tmpdir(), 'mcpw-chromium-'));
    const context = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args: ARGUMENTS, headless: true });
    return new TestBrowser(context, profile);
  }

  /** A page that has loaded the client. */
  async open(origin: string): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(origin);
    await page.waitForFunction(() => 'mcpw' in globalThis);
    return page;
  }

  async close(): Promise<void> {
    await this.context.close();
    rmSync(this.profile, { recursive: true, force: true });
  }
}

function page(): string {
  const imports = { ...importsOf('protocol'), ...importsOf('client') };
  return `<!doctype html><meta charset="utf-8"><title>test</title>
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">import * as mcpw from '@mcpw/client'; globalThis.mcpw = mcpw;</script>`;
}

/** What the package exports to browsers, as its package.json says. */
function importsOf(name: string): Record<string, string> {
  const { exports } = JSON.parse(readFileSync(join(LIBS, name, 'package.json'), 'utf8')) as { exports: Record<string, Exported> };
  const entries = Object.entries(exports).map(([path, exported]) => [
    `@mcpw/${name}${path.slice(1)}`,
    `/${name}/${fileOf(exported).slice(2)}`,
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

type Exported = string | { default: Exported };

function fileOf(exported: Exported): string {
  return typeof exported === 'string' ? exported : fileOf(exported.default);
}
