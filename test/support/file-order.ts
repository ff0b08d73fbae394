import { BaseSequencer, type TestSpecification } from 'vitest/node';

const WAITS_FOR_THE_READER = 'test/scenario/nfc-tech.test.ts';

/** A machine has one pcscd: whoever would only wait for it, with a worker in hand, begins when half of the files are done. */
export class FileOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const waits = sorted.filter(({ moduleId }) => moduleId.endsWith(WAITS_FOR_THE_READER));
    const others = sorted.filter((file) => !waits.includes(file));
    return others.toSpliced(Math.ceil(others.length / 2), 0, ...waits);
  }
}
