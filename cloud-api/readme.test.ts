import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { TestCloud } from '../test/support/cloud.js';
import { testEngines } from '../test/support/cloud-databases.js';

const OperationSchema = z.object({ security: z.array(z.record(z.string(), z.unknown())) });
const PathsSchema = z.record(z.string(), z.record(z.string(), OperationSchema));

test('the README lists the routes as they are, with the credential of each', async () => {
  const [engine] = testEngines();
  if (engine === undefined) throw new TypeError('no database');
  const cloud = await TestCloud.start(engine);
  try {
    await cloud.app.ready();
    const paths = PathsSchema.parse(cloud.app.swagger().paths);
    const routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { security }]) => {
        const credential = security.flatMap((names) => Object.keys(names)).join();
        return [`\`${method.toUpperCase()} ${path}\``, credential];
      }),
    );
    const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
    const listed = [...readme.matchAll(/^\| (`(?:GET|POST|PUT|DELETE) [^`]+`) +\| (\w*) +\|$/gm)].map(
      ([, route, credential]) => [route, credential],
    );
    expect(listed).toEqual(routes);
  } finally {
    await cloud.close();
  }
});
