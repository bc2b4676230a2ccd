/** What we make of a shell text against what the shells make of it. Seed and number by environment, to reproduce or to
 *  run longer: SHELL_FUZZ_SEED, SHELL_FUZZ_TEXTS. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HostFacts, hostFacts } from '../../../supervisor/router/facts.js';
import { plan } from '../../../supervisor/router/plan.js';
import { callOf } from './call.js';
import { makeOracle, type Oracle, type ShellCase } from './oracle/oracle.js';
import { makeCaseSource, seeded } from './oracle/texts.js';

const TEXTS = Number(process.env.SHELL_FUZZ_TEXTS ?? 2000);
const SEED = Number(process.env.SHELL_FUZZ_SEED ?? 1);

let oracle: Oracle;
let facts: HostFacts;

beforeAll(async () => {
  oracle = makeOracle();
  facts = hostFacts(() => {});
  for (const shell of shells()) facts.shell(shell);
  await facts.shellsProved();
});
afterAll(() => oracle.remove());

const shells = () => ['/bin/dash', '/bin/bash', join(oracle.folder, 'sh')];

test.each([
  ['dash', 0],
  ['bash', 1],
  ['bash as sh', 2],
])('%s gives every recognised text the argv and environment that we foretell', (_name, index) => {
  const shell = shells()[index] as string;
  expect(facts.shell(shell), 'the model of this shell').toBeDefined();
  const source = makeCaseSource(seeded(SEED + index), oracle.folder);
  const recognised: { asked: ShellCase; foretold: string }[] = [];
  for (let i = 0; i < TEXTS; i++) {
    const asked = { shell, text: source.text(), env: source.env() };
    const routed = plan(callOf([shell, '-c', asked.text], asked.env, oracle.folder, true), facts);
    if (routed.kind !== 'exec' || routed.path === shell) continue;
    const foretold = [...routed.argv, '', ...routed.env].map((entry) => `${entry}\0`).join('');
    recognised.push({ asked, foretold: `${routed.path.endsWith('/show')} 0 ${foretold}` });
  }
  const answers = oracle.ask(recognised.map(({ asked }) => asked));
  expect(answers).toHaveLength(recognised.length);
  const wrong = recognised.flatMap(({ asked, foretold }, i) => {
    const answer = answers[i];
    const told = `true ${answer?.status} ${answer?.output}`;
    return told === foretold ? [] : [{ text: asked.text, env: asked.env, told, foretold }];
  });
  expect(wrong.slice(0, 3)).toEqual([]);
  // A test that recognises nothing would pass too.
  expect(recognised.length / TEXTS).toBeGreaterThan(0.15);
  console.log(`${shell}: ${recognised.length} of ${TEXTS} texts recognised, seed ${SEED}`);
});
