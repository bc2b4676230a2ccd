/** Hooks that are run for events and fail, or were never begun: what that means. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { EventHookSpec } from '../../../supervisor/contract/event-hooks.js';
import { BEFORE_TOOL } from '../agents/events/samples.js';
import {
  CLAUDE,
  COPILOT,
  declare,
  ends,
  notes,
  type Running,
  resetScene,
  running,
  said,
  set,
  tell,
  WORKTREE,
} from './event-hooks-scene.js';
import { settled } from './workers.js';

beforeEach(resetScene);

describe('what failures mean', () => {
  const UNSTARTED = { exitCode: 1, message: 'm', isUnstarted: true } as const;
  const mistake = () => {
    throw new Error('ours');
  };
  const failures = [
    ['its own', (one: Running | undefined) => ends(one, { exitCode: 1 }), false],
    ['a time-out', (one: Running | undefined) => ends(one, { exitCode: 1, message: 'm' }, 'timedOut'), false],
    ['that it was never run', (one: Running | undefined) => one?.caller.refuse(1, 'no worker'), true],
    ['a time-out before it began', (one: Running | undefined) => ends(one, UNSTARTED, 'timedOut'), true],
    ['a mistake of ours', (one: Running | undefined) => one?.caller.attempt(mistake), true],
  ] as const;
  test.each(failures)('%s: as to the agent, but one that nobody ran denies', async (_what, fail, isDenied) => {
    declare({});
    tell(CLAUDE);
    fail(running[0]);
    await settled();
    expect(said.join('\n').includes('"permissionDecision":"deny"')).toBe(isDenied);
  });

  test.each(failures)('%s: denies with block, never with continue', async (_what, fail) => {
    for (const onFailure of ['block', 'continue'] as const) {
      declare({ onFailure });
      tell(CLAUDE);
      fail(running.at(-1));
      await settled();
      expect(said.join('\n').includes('"permissionDecision":"deny"')).toBe(onFailure === 'block');
      said.splice(0);
    }
  });

  describe.each([
    ['Copilot, before a tool', COPILOT, 'stdout {"permissionDecision":"deny"'],
    ["Claude Code's new worktree", WORKTREE, 'stderr h0 failed (timedOut): m;'],
  ])('where any failure is a refusal: %s', (_event, event, deny) => {
    const timesOut = async (spec: Partial<EventHookSpec>) => {
      declare(spec);
      tell(event);
      ends(running.at(-1), { exitCode: 1, message: 'm' }, 'timedOut');
      await settled();
    };

    test('a time-out denies, alone and beside a validator that speaks', async () => {
      await timesOut({});
      expect(said[0]).toContain(deny);
      said.splice(0);
      set.ask = async () => ({ kind: 'answered', verdict: { decision: 'ask', reason: 'v' } });
      await timesOut({});
      expect(said[0]).toContain(deny);
    });

    test('with continue not even its status does', async () => {
      await timesOut({ onFailure: 'continue' });
      expect(said).toEqual(['answered 0 0 ']);
    });
  });

  test('is noted, but neither all that a hook says of it nor all that the agent calls the event', async () => {
    declare({});
    tell(Buffer.from(JSON.stringify({ ...BEFORE_TOOL.codex, hook_event_name: 'E'.repeat(300) })));
    running[0]?.caller.stderr(Buffer.from('x'.repeat(300)));
    ends(running[0], { exitCode: 1 });
    await settled();
    expect(notes).toEqual([expect.stringMatching(/^E{200}: h0 failed: threw: exit status 1: x+$/)]);
    expect(notes[0]).toHaveLength(402);
  });

  test('a mistake of ours while it runs: it is noted, and the hook is ended', async () => {
    declare({});
    tell(CLAUDE);
    running[0]?.caller.attempt(mistake);
    await settled();
    expect(running[0]?.heard).toEqual(['gone']);
    expect(notes).toEqual([expect.stringContaining('call failed: Error: ours')]);
  });

  test('no descriptor for its folder: never run, so it denies', async () => {
    set.folders = 103;
    declare({});
    tell(CLAUDE);
    await settled();
    expect(running).toEqual([]);
    expect(said.join('\n')).toContain('h0 failed (refused): no descriptor for its folder can be had');
  });

  test('an event that cannot be read is refused where a hook might have', async () => {
    declare({});
    tell(Buffer.from('x'), { blocking: false });
    await settled();
    declare({ onFailure: 'continue' });
    tell(Buffer.from('x'), { blocking: false });
    await settled();
    expect(said).toEqual([expect.stringMatching(/^crashed 2 /), expect.stringMatching(/^crashed 1 /)]);
  });
});
