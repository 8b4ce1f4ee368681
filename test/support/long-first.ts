// The order of test files: those that take long begin first, so that none of them runs on alone at the end. Vitest goes by how long a
// file took the last time; a fresh checkout, as in CI, has no such times, and goes by sizes, which say nothing of these.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Few lines that take half a minute or more. */
const LONG = [
  'test/faults/storage.spec.ts',
  'test/client/surviving.spec.ts',
  'test/settings/settings.spec.ts',
  'test/mcp/conformance.spec.ts',
  'test/security/patience.spec.ts',
  'test/federation/soak/soak.spec.ts',
  'test/faults/fuzz/fuzz.spec.ts',
];

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => LONG.some((name) => moduleId.endsWith(`/${name}`));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
