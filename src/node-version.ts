// Which Node runs the server. Imported by what an older one loads first, so it imports nothing.

/** `node:sqlite` with full-text search, and source maps by file: package.json's `engines` says the same. */
const NEEDED_MAJOR = 24;

/** @param version e.g. `24.21.0` @returns a sentence where the server does not run on it */
export function versionProblem(version: string): string | undefined {
  if (Number.parseInt(version, 10) >= NEEDED_MAJOR) return undefined;
  return `it needs Node ${NEEDED_MAJOR} or newer, and this is Node ${version}; npm start and make run bring their own`;
}
