// One text, as large as may be, whatever is in it, does not hold the event loop.
import { beforeAll, describe, expect, it } from 'vitest';

import type { TestServer } from '../../support/start-server.js';
import { echo, fill, MB, members, ROOM, sendTexts, text, expectOutcome, type Attack } from '../support/attack-messages.js';
import { expectNoHold, startWatchedServer } from '../support/event-loop.js';

let server: TestServer;
beforeAll(async () => {
  server = await startWatchedServer();
});

describe('one text of a megabyte', () => {
  const cases: readonly Attack[] = [
    [
      'an object of as many members as fit',
      /^4015 .* more than 8192 different names/,
      () => sendTexts(server, text('1', 'tool.execute', echo(members(MB, (i) => i.toString(36))))),
    ],
    [
      'an object of 8,000 members',
      'answered',
      () => sendTexts(server, text('1', 'tool.execute', echo(members(8_000, (i) => `member_${i}`)))),
    ],
    [
      'a hash-flooding object: names that are numbers far apart',
      'answered',
      () => sendTexts(server, text('1', 'tool.execute', echo(members(8_000, (i) => String(i * 65_536))))),
    ],
    [
      'a hash-flooding object: names that older hashes map to one value',
      'answered',
      () =>
        sendTexts(
          server,
          text(
            '1',
            'tool.execute',
            echo(members(8_000, (i) => i.toString(2).padStart(14, '0').replaceAll('0', 'Aa').replaceAll('1', 'BB'))),
          ),
        ),
    ],
    [
      'the same name a hundred thousand times',
      /^4015 .* more than 65536 values/,
      () => sendTexts(server, text('1', 'tool.execute', echo(members(MB, () => 'a')))),
    ],
    [
      'objects of one member, each with another name',
      'answered',
      () => sendTexts(server, text('1', 'tool.execute', echo(`{"a":[${objects().join(',')}]}`))),
    ],
    [
      'half a million numbers',
      /^4015 .* more than 65536 values/,
      () => sendTexts(server, text('1', 'tool.execute', echo(`{"a":[${fill('0,')}0]}`))),
    ],
    [
      'empty objects and lists',
      /^4015 .* more than 65536 values/,
      () => sendTexts(server, text('1', 'tool.execute', echo(`{"a":[${fill('{},[],')}0]}`))),
    ],
    [
      'as deep as it goes',
      /^4015 .* more than 65536 values/,
      () => sendTexts(server, text('1', 'tool.execute', echo(`{"a":${'['.repeat(ROOM / 2)}${']'.repeat(ROOM / 2)}}`))),
    ],
    [
      'deeper than it may be',
      /^4000 nesting is deeper than 64/,
      () => sendTexts(server, text('1', 'tool.execute', echo(`{"a":${'['.repeat(16_000)}${']'.repeat(16_000)}}`))),
    ],
    [
      'brackets that are never closed',
      /^4015 .* more than 65536 values/,
      () => sendTexts(server, '['.repeat(ROOM), `{"a":${'{"a":'.repeat(ROOM / 6)}`),
    ],
    [
      'one number of a million digits',
      /^4005 .*is not a finite number/,
      () => sendTexts(server, text('1', 'tool.execute', echo(`{"a":${'9'.repeat(ROOM - 100)}}`))),
    ],
    [
      'a fraction of a million digits',
      'answered',
      () => sendTexts(server, text('1', 'tool.execute', echo(`{"a":0.${'3'.repeat(ROOM - 100)}e-300}`))),
    ],
    // Half of one or less: JSON is slow to write such texts out, and a whole one takes a slow machine up to 120 ms (SECURITY.md).
    ['escapes', 'answered', () => sendTexts(server, text('1', 'tool.execute', echo(`{"a":"${'\\u0001'.repeat(ROOM / 12)}"}`)))],
    [
      'quotes and backslashes without an end',
      /^4000 the message is not JSON/,
      () => sendTexts(server, `{"a":"${fill('\\\\')}`, `{"a":"${fill('\\"')}`, fill('"')),
    ],
    [
      'half pairs of UTF-16',
      'answered',
      () => sendTexts(server, text('1', 'tool.execute', echo(`{"a":"${'\\ud800'.repeat(ROOM / 24)}"}`))),
    ],
    ['four-byte letters', 'answered', () => sendTexts(server, text('1', 'tool.execute', echo(`{"a":"${'\u{1f600}'.repeat(ROOM / 8)}"}`)))],
    [
      'an id, a method and a name that long',
      /^(4000 id is a string|4004 there is no such method|4005 .*more than 128 characters)/,
      () =>
        sendTexts(
          server,
          text('x'.repeat(ROOM), 'a', '{}'),
          text('1', 'x'.repeat(ROOM), '{}'),
          text('2', 'tool.execute', `{"name":"${'x'.repeat(ROOM)}"}`),
        ),
    ],
    [
      'unknown members of params',
      /^4005 .*is not known here/,
      () =>
        sendTexts(
          server,
          text(
            '1',
            'tool.list',
            members(8_000, (i) => `odd_${i}`),
          ),
        ),
    ],
    [
      'a batch whose members are as large as can be',
      'answered',
      () => sendTexts(server, `{"id":"b","type":6,"params":{"messages":[${batchOfEchoes()}]}}`),
    ],
    ['with an idempotency key', 'answered', () => sendTexts(server, withKey(members(8_000, (i) => `member_${8_000 - i}`)))],
  ];
  it.each(cases)('a text holds up nobody: %s', (_, outcome, attack) =>
    expectNoHold(server, async () => expectOutcome(await attack(), outcome)),
  );
});

describe('one text of as many values as there may be', () => {
  // Past these counts it is refused before it is parsed (validation/census), and costs nothing.
  const lists: readonly (readonly [string, string])[] = [
    ['numbers', '1,'.repeat(65_000)],
    ['texts', '"a",'.repeat(65_000)],
    ['numbers that are long to write', '1e-320,'.repeat(65_000)],
    ['texts with escapes', '"\\n\\"",'.repeat(65_000)],
    ['empty lists', '[],'.repeat(16_000)],
    ['objects of one member', '{"a":1},'.repeat(13_000)],
    ['lists in one another', `${'['.repeat(55)}${']'.repeat(55)},`.repeat(390)],
    ['objects of many members in one another', `${'{"a":'.repeat(50)}1${`,${manyMembers()}}`.repeat(50)},`],
  ];
  describe.each([
    ['a tool’s arguments', 'tool.execute', (list: string) => echo(`{"a":${list}}`)],
    ['an event’s data', 'event.publish', (list: string) => `{"event":"a.b","data":{"a":${list}}}`],
  ])('in %s', (_, method, params) => {
    it.each(lists)('is taken, and holds up nobody: %s', async (__, elements) => {
      const message = text('1', method, params(`[${elements}1]`));
      const client = await server.client();
      const answer = client.answerTo('1');
      client.send(message, { asText: true });
      expect((await answer).error).toBeUndefined();
      await expectNoHold(server, () => sendTexts(server, message));
    });
  });
});

function manyMembers(): string {
  return Array.from({ length: 15 }, (_, i) => `"m${i}":0`).join(',');
}

function objects(): string[] {
  return Array.from({ length: 8_000 }, (_, i) => `{"n${i}":{}}`);
}

function batchOfEchoes(): string {
  return Array.from({ length: 100 }, (_, i) =>
    text(`member ${i}`, 'tool.execute', echo(members(80, (j) => `m${i}_${j}_${'x'.repeat(40)}`))),
  ).join(',');
}

function withKey(args: string): string {
  return `{"id":"1","type":0,"method":"tool.execute","params":${echo(args)},"meta":{"idempotency_key":"${Math.random()}"}}`;
}
