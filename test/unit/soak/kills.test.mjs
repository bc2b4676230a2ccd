import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kills } from '../../storm/kills.mjs';

const call = (answer) => ({
  answer: { code: null, signal: null, stderr: '', ...answer },
  startedAtMs: 100,
  endedAtMs: 200,
});
const KEEPER_DIED = { code: 1, stderr: 'hook-supervisor: the keeper of this hook died while it ran\n' };

function killedAt(what, ...atMs) {
  const kills = new Kills();
  for (const one of atMs) kills.add(what, 1, one);
  return kills;
}

test('told that its keeper died: explained by a keeper that was killed meanwhile, and by nothing else', () => {
  assert.equal(killedAt('keeper', 150).explain(call(KEEPER_DIED)), true);
  for (const kills of [killedAt('keeper', 99, 201), killedAt('hook', 150), killedAt('zygote', 150), new Kills()])
    assert.equal(kills.explain(call(KEEPER_DIED)), false);
});

test('our word may stand behind lines of the hook', () => {
  const answer = { ...KEEPER_DIED, stderr: `a line\n${KEEPER_DIED.stderr}` };
  assert.equal(killedAt('keeper', 150).explain(call(answer)), true);
});

test('one kill of a keeper explains all its calls, one of a hook a single one', () => {
  const keeper = killedAt('keeper', 150);
  assert.deepEqual([keeper.explain(call(KEEPER_DIED)), keeper.explain(call(KEEPER_DIED))], [true, true]);
  const hook = killedAt('hook', 150);
  assert.deepEqual(
    [hook.explain(call({ signal: 'SIGKILL' })), hook.explain(call({ signal: 'SIGKILL' }))],
    [true, false],
  );
});

test('death by SIGKILL, or what a shell makes of it: explained by the kill of a hook, or of what was parked a moment ago', () => {
  for (const answer of [{ signal: 'SIGKILL' }, { code: 137 }])
    for (const what of ['hook', 'parked']) assert.equal(killedAt(what, 150).explain(call(answer)), true);
  for (const what of ['keeper', 'zygote'])
    assert.equal(killedAt(what, 150).explain(call({ signal: 'SIGKILL' })), false);
});

test('hung, another exit code, a wrong answer: nothing explains it', () => {
  for (const answer of [{ ...KEEPER_DIED, isHung: true }, { code: 3 }, { code: 0 }, { ...KEEPER_DIED, code: 2 }])
    for (const what of ['keeper', 'hook', 'parked']) assert.equal(killedAt(what, 150).explain(call(answer)), false);
});
