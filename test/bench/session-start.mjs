// What gathering a session's context in parallel gains: `node test/bench/session-start.mjs`. The parts of `builtin:project-context`
// over a tiny repository and a large one (`--files`, `--commits`), at once and one after another by the same code, and each by itself;
// then the whole through a daemon by the library, asked each time and kept. Variants take turns; medians, with the 90th percentile.
// `--rounds` says how many. Prints tables; nothing fails. Each way must have told the same.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect } from '../../dist/library/client.js';
import { gitParts } from '../../workers/validators/builtin/project-context/git.mjs';
import { gather } from '../../workers/validators/builtin/project-context/parts.mjs';
import { projectParts } from '../../workers/validators/builtin/project-context/project.mjs';
import { systemPorts } from '../../workers/validators/builtin/project-context/system.mjs';
import { makeRepository } from './programs/repository.mjs';
import { median, quantile } from './statistics.mjs';
import { ScratchSupervisor } from './supervisor.mjs';

const PART_TIMEOUT_MS = 10_000;
const TINY = { files: 5, commits: 3, changed: 1, untracked: 1 };

const number = (fallback) => ({ type: 'string', default: String(fallback) });
const { values } = parseArgs({ options: { rounds: number(40), files: number(5000), commits: number(400) } });
const rounds = Number(values.rounds);
const LARGE = { files: Number(values.files), commits: Number(values.commits), changed: 40, untracked: 10 };
const say = (text) => process.stdout.write(`${text}\n`);

const supervisor = new ScratchSupervisor('session-start', process.env.PATH);
const library = connect({ socketPath: join(supervisor.runtimeFolder, 'library.sock') });
try {
  configure();
  supervisor.up();
  for (const [name, size] of Object.entries({ tiny: TINY, large: LARGE })) {
    const folder = join(supervisor.folder, name);
    makeRepository(folder, size);
    say(
      `\n${name}: ${Object.entries(size)
        .map(([what, count]) => `${count} ${what}`)
        .join(', ')}; ${rounds} rounds`,
    );
    await show('the parts, in this process', 'one after another', waysOf(folder));
    await show('from the library to the context', 'asked each time', askedOf(folder));
  }
} finally {
  library.close();
  supervisor.down();
  supervisor.remove();
}

function partsOf(folder) {
  const { git, folder: files } = systemPorts(folder);
  return { ...gitParts(git), ...projectParts(files) };
}

/** By the same code: only how many are given to it at a time differs. */
function waysOf(folder) {
  const parts = Object.entries(partsOf(folder)).map(([name, part]) => ({ [name]: part }));
  const told = async (some) => {
    const found = await gather(some, PART_TIMEOUT_MS);
    assert.deepEqual(found.missing, []);
    return found.told;
  };
  return {
    'one after another': async () => {
      const all = [];
      for (const part of parts) all.push(...(await told(part)));
      return all.join('\n');
    },
    'at once': async () => (await told(Object.assign({}, ...parts))).join('\n'),
    ...Object.fromEntries(parts.map((part) => [`only ${Object.keys(part)[0]}`, () => told(part)])),
  };
}

function askedOf(folder) {
  const event = {
    hook_event_name: 'SessionStart',
    session_id: 's',
    source: 'startup',
    cwd: folder,
    transcript_path: '/t',
  };
  const asked = (name) => async () => {
    const outcome = await library.submit(event, { agent: 'claude', validators: [name] });
    assert.equal(outcome.validators?.[0]?.outcome.kind, 'answered', JSON.stringify(outcome));
    return outcome.contexts.join('\n').replace(/^.*\n/, '');
  };
  return { 'asked each time': asked('context'), kept: asked('kept') };
}

async function show(title, first, ways) {
  const took = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  let said;
  for (let round = -2; round < rounds; round++)
    for (const [name, way] of Object.entries(ways)) {
      const startedAtMs = performance.now();
      const text = await way();
      if (round >= 0) took[name].push(performance.now() - startedAtMs);
      if (typeof text !== 'string') continue; // of one part
      said ??= text;
      assert.equal(text, said);
    }
  say(`\n| ${title} | p50, ms | p90 | times the first |\n|---|---|---|---|`);
  for (const [name, ms] of Object.entries(took)) {
    const figures = [median(ms), quantile(ms, 0.9), median(ms) / median(took[first])];
    say(`| ${name} | ${figures.map((figure) => figure.toFixed(2)).join(' | ')} |`);
  }
}

function configure() {
  const folder = join(supervisor.env.XDG_CONFIG_HOME, 'hook-supervisor');
  mkdirSync(folder, { recursive: true });
  const one = { entry: 'builtin:project-context', events: ['SessionStart'] };
  const cache = { ttlMs: 60_000, fields: ['source'], files: [], negative: true };
  const validators = [
    { ...one, name: 'context' },
    { ...one, name: 'kept', cache },
  ];
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ validators }), { mode: 0o600 });
}
