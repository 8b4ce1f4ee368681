// Loaded into a server before its main: from SIGUSR2 on `Math.random`, which can be foretold, says one number and no other. Prints then
// what it says, a JSON line with `spy`. Not from the start: Nest names its modules by it.
const CONSTANT = 0.5;

process.on('SIGUSR2', () => {
  Math.random = () => CONSTANT;
  process.stdout.write(`${JSON.stringify({ spy: 'random', values: [Math.random(), Math.random()] })}\n`);
});
