// Loaded into a server before its main: prints how many bytes each comparison in constant time was of, a JSON line each with `spy`. At
// SIGUSR2 it prints a line of another kind, which comes after all that was compared before.
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const { timingSafeEqual } = crypto;
crypto.timingSafeEqual = (a, b) => {
  print({ spy: 'comparison', bytes: a.byteLength });
  return timingSafeEqual(a, b);
};
syncBuiltinESMExports();

process.on('SIGUSR2', () => print({ spy: 'compared' }));
