import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The file that takes as long as several others: begun at the end, it would run alone while one worker has nothing left to do. */
const LONGEST = 'accessibility.test.ts';

/** Begins with the longest file, and goes on in the order that is usual. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLongest = ({ moduleId }: TestSpecification) => moduleId.endsWith(LONGEST);
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}
