// The entry of the process: says what is to be done with source maps, before a file is loaded that has one.
import { setSourceMapsSupport } from 'node:module';

// Stack traces show this server's sources. Those of the packages are not shipped, and reading their maps took 150 ms of each start.
setSourceMapsSupport(true, { nodeModules: false });

const { runServer } = await import('./run-server.js');
await runServer();
