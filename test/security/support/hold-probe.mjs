// Loaded into a server before its main: on SIGUSR2 prints for how long its event loop was held at most since it last did. Of the time
// between two timers what its thread has worked counts, not what it has waited for a processor that others had.
const EVERY_MS = 4;

let longest = { cpuMs: 0, wallMs: 0 };
let wall = performance.now();
let cpu = process.threadCpuUsage();

function look() {
  const now = performance.now();
  const used = process.threadCpuUsage(cpu);
  const cpuMs = Math.min(now - wall, (used.user + used.system) / 1_000);
  if (cpuMs > longest.cpuMs) longest = { cpuMs, wallMs: now - wall };
  wall = now;
  cpu = process.threadCpuUsage();
}
setInterval(look, EVERY_MS).unref();

process.on('SIGUSR2', () => {
  look();
  process.stdout.write(`${JSON.stringify({ spy: 'hold', ...longest })}\n`);
  longest = { cpuMs: 0, wallMs: 0 };
});
