#!/usr/bin/env node
// The entry of the process: looks at Node's version, and says what is to be done with source maps, before a file is loaded that needs
// the one or has the other. An older Node finds no such name in `node:module`, and would say no more than that: hence its default export.
import nodeModule from 'node:module';

import { versionProblem } from './node-version.js';

const problem = versionProblem(process.versions.node);
if (problem !== undefined) {
  process.stderr.write(`The server does not start: ${problem}\n`);
  process.exit(1);
}
// Stack traces show this server's sources. Those of the packages are not shipped, and reading their maps took 150 ms of each start.
nodeModule.setSourceMapsSupport(true, { nodeModules: false });

const { runServer } = await import('./run-server.js');
await runServer();
