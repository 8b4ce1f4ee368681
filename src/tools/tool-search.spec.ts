import { describe, expect, it } from 'vitest';

import { leastCpuMs } from '../extension/testing/cpu-ms.js';
import { rankTools } from './tool-search.js';
import { fakeTool } from './testing/fake-tools.js';

const tools = [
  fakeTool({ name: 'fs.read_file', description: 'Reads a file from the workspace' }),
  fakeTool({ name: 'fs.write_file', description: 'Writes a file to the workspace' }),
  fakeTool({ name: 'github.createIssue', description: 'Opens an issue in a repository', annotations: { title: 'Neues Ärgernis' } }),
  fakeTool({ name: 'mail.send', description: 'Sends a message; may read the address book' }),
];
const names = (query: string): string[] => rankTools(tools, query).map(({ tool }) => tool.name);

describe('ranking', () => {
  it('puts a name before a description', () => {
    expect(names('read')).toEqual(['fs.read_file', 'mail.send']);
  });

  it('puts tools with more of the words first, and rare words weigh more', () => {
    expect(names('write file')).toEqual(['fs.write_file', 'fs.read_file']);
  });

  it('takes names in camel case apart, finds beginnings of words, and ignores case', () => {
    expect(names('ISSUE')).toEqual(['github.createIssue']);
    expect(names('repo')).toEqual(['github.createIssue']);
    expect(names('createissue')).toEqual(['github.createIssue']);
  });

  it('finds a tool by its whole name and by its title, in any alphabet', () => {
    expect(names('mail.send')[0]).toBe('mail.send');
    expect(names('ärgernis')).toEqual(['github.createIssue']);
  });

  it('finds nothing for words that are nowhere, and for none', () => {
    expect(names('zebra')).toEqual([]);
    expect(names('!?')).toEqual([]);
  });

  it('is done with 1,000 tools within 50 ms, the first time too', () => {
    const description = (i: number) => `Does thing ${i} with the ${'object and the subject '.repeat(8)}`;
    const many = () =>
      Array.from({ length: 1_000 }, (_, i) => fakeTool({ name: `source${i % 10}.do_thing_${i}`, description: description(i) }));
    let ranked: ReturnType<typeof rankTools> = [];
    const rank = () => (ranked = rankTools(many(), 'thing 999 with an object of some other kind'));
    expect(leastCpuMs(rank, 50)).toBeLessThan(50);
    expect(ranked[0]?.tool.name).toBe('source9.do_thing_999');
  });
});
