/** What we make of a shell text against what the shells make of it. Seed and number by environment, to reproduce or to
 *  run longer: SHELL_FUZZ_SEED, SHELL_FUZZ_TEXTS; `npm run fuzz` sets them. */
import { join } from 'node:path';
import { setImmediate as othersFirst } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HostFacts, hostFacts } from '../../../supervisor/router/facts.js';
import { plan } from '../../../supervisor/router/plan.js';
import { callOf } from './call.js';
import { makeOracle, type Oracle, type ShellCase } from './oracle/oracle.js';
import { makeCaseSource, seeded } from './oracle/texts.js';

const TEXTS = Number(process.env.SHELL_FUZZ_TEXTS ?? 2000);
const SEED = Number(process.env.SHELL_FUZZ_SEED ?? 1);
/** Asked of a shell at once. */
const BATCH_TEXTS = 2000;
const TIMEOUT_MS = Math.max(30_000, TEXTS * 20);

let oracle: Oracle;
let facts: HostFacts;

beforeAll(async () => {
  oracle = makeOracle();
  facts = hostFacts('/nowhere', () => {});
  for (const shell of shells()) facts.shell(shell);
  facts.pursue();
  await facts.proved();
});
afterAll(() => oracle.remove());

const shells = () => ['/bin/dash', '/bin/bash', join(oracle.folder, 'sh')];

test.each([
  ['dash', 0],
  ['bash', 1],
  ['bash as sh', 2],
])(
  '%s gives every recognised text the argv and environment that we foretell',
  async (_name, index) => {
    const shell = shells()[index] as string;
    expect(facts.shell(shell), 'the model of this shell').toBeDefined();
    const source = makeCaseSource(seeded(SEED + index), oracle.folder);
    let recognised = 0;
    for (let left = TEXTS; left > 0; left -= BATCH_TEXTS) {
      const texts = Array.from({ length: Math.min(left, BATCH_TEXTS) }, () => ({
        text: source.text(),
        env: source.env(),
      }));
      const foretold = texts.flatMap(({ text, env }) => foretell({ shell, text, env }));
      recognised += foretold.length;
      expect(differences(foretold).slice(0, 3), `of ${shell} with the seed ${SEED}`).toEqual([]);
      await othersFirst(); // the runner asks how we are
    }
    // A test that recognises nothing would pass too.
    expect(recognised / TEXTS).toBeGreaterThan(0.15);
    console.log(`${shell}: ${recognised} of ${TEXTS} texts recognised, all as foretold, seed ${SEED}`);
  },
  TIMEOUT_MS,
);

interface Foretold {
  asked: ShellCase;
  answer: string;
}

/** Nothing for a text that is the shell's. */
function foretell(asked: ShellCase): Foretold[] {
  const routed = plan(callOf([asked.shell, '-c', asked.text], asked.env, oracle.folder, true), facts);
  if (routed.kind !== 'exec' || routed.path === asked.shell) return [];
  const output = [...routed.argv, '', ...routed.env].map((entry) => `${entry}\0`).join('');
  return [{ asked, answer: `${routed.path.endsWith('/show')} 0 ${output}` }];
}

function differences(foretold: readonly Foretold[]) {
  const answers = oracle.ask(foretold.map(({ asked }) => asked));
  expect(answers).toHaveLength(foretold.length);
  return foretold.flatMap(({ asked, answer }, i) => {
    const told = `true ${answers[i]?.status} ${answers[i]?.output}`;
    return told === answer ? [] : [{ text: asked.text, env: asked.env, told, foretold: answer }];
  });
}
