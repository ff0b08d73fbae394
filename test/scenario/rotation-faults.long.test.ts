import { expectMended, LIMIT, MENDED, test } from '../support/rotation-site.js';

test.for(MENDED)('a rotation comes to its end though %s', LIMIT, async ([, fault], { site }) =>
  expectMended(site, fault),
);
