#!/usr/bin/env node
// Asks the server on this machine whether it is ready; exits with 0 where it is, else says why not and exits with 1. The image's
// HEALTHCHECK, and a probe for a service manager. Takes the address from the settings that the server itself would start with.
import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';

import { describeProblems } from '../config/config-problem.js';
import { loadConfig } from '../config/load-config.js';
import { nearAddress, type NearAddress } from './near-address.js';

const FAILED = 1;
/** Shorter than the image's HEALTHCHECK waits, so that what is wrong is told. */
const PATIENCE_MS = 2_500;

/** @returns why it is not ready, undefined where it is */
async function whyNot({ isSecure, authority }: NearAddress): Promise<string | undefined> {
  const url = `${isSecure ? 'https' : 'http'}://${authority}/health/ready`;
  return new Promise((resolve) => {
    // The certificate is of the name that clients call, which a probe on the same machine does not.
    const options = { rejectUnauthorized: false, signal: AbortSignal.timeout(PATIENCE_MS), agent: false as const };
    (isSecure ? getSecure : getPlain)(url, options, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? undefined : `${url} answers ${response.statusCode}`);
    }).on('error', (error) => resolve(`${url} does not answer: ${error.message}`));
  });
}

const loaded = loadConfig();
const problem = 'problems' in loaded ? describeProblems(loaded.problems) : await whyNot(nearAddress(loaded.config));
if (problem !== undefined) console.error(problem);
process.exitCode = problem === undefined ? 0 : FAILED;
