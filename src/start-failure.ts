// Why the server does not start, where it is for whoever starts it to mend: a sentence, and no stack.

export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}

/** The error of listening, as a sentence that names the setting; undefined where it is another error. */
export function listenFailure(error: unknown, host: string, port: number): StartFailure | undefined {
  const reason = REASONS[(error as NodeJS.ErrnoException | undefined)?.code ?? ''];
  if (reason === undefined) return undefined;
  return new StartFailure(`cannot listen on ${host}:${port}: ${reason}`, { cause: error });
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program does; set PORT to a free one',
  EACCES: 'this user may not; set PORT to one above 1023',
  EADDRNOTAVAIL: 'the host is no address of this machine; set HOST to one',
  ENOTFOUND: 'the host is not known; set HOST to an address of this machine',
};
