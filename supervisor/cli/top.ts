/** `supervisor top`: the processes, the busiest first, again and again. One plain frame where nobody watches. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, type RunningStatus } from '../contract/status.js';
import { type Asked, Daemon } from './ask-daemon.js';
import type { Context } from './context.js';
import { measured, processRows } from './processes.js';
import { frame } from './render/frame.js';
import { renderTop } from './render/top.js';
import { openTerminal } from './terminal.js';
import { type Sample, type SortKey, sorted, sortOfKey, withShares } from './top-rows.js';

export interface TopOptions {
  /** Milliseconds. */
  delay: number;
  sort: SortKey;
}

/** Of the one frame: how long its shares of CPU are of. */
const PLAIN_SAMPLE_MS = 250;

export async function top(context: Context, { delay, sort }: TopOptions): Promise<number> {
  const daemon = await Daemon.of(context);
  if (!daemon.ok) return daemon.exitCode;
  const first = await look(daemon.value);
  if (!first.ok) return first.exitCode;
  if (context.screen.isTerminal) return watch(context, daemon.value, first.value, { delay, sort });
  await sleep(PLAIN_SAMPLE_MS);
  const second = await look(daemon.value);
  if (!second.ok) return second.exitCode;
  context.out(picture(context, first.value, second.value, sort, false));
  return ExitCode.OK;
}

interface Look extends Sample {
  status: RunningStatus;
}

async function look(daemon: Daemon): Promise<Asked<Look>> {
  const status = await daemon.status();
  if (!status.ok) return status;
  const atMs = performance.now();
  return { ok: true, value: { status: status.value, atMs, rows: await measured(processRows(status.value)) } };
}

function picture({ screen }: Context, before: Look, now: Look, sort: SortKey, isReversed: boolean): string {
  const rows = sorted(withShares(before, now), sort, isReversed);
  return renderTop(now.status, rows, sort, screen, screen.isTerminal && process.stdin.isTTY === true);
}

async function watch(context: Context, daemon: Daemon, first: Look, options: TopOptions): Promise<number> {
  let { sort } = options;
  let isReversed = false;
  let before = first;
  let now = first;
  let wake = new AbortController();
  let isOver = false;
  const quit = () => {
    isOver = true;
    wake.abort();
  };
  const show = () => context.out(frame(picture(context, before, now, sort, isReversed), context.screen));
  const onKey = (key: string) => {
    if (key === 'q') return quit();
    const wanted = sortOfKey(key);
    isReversed = key === 'r' || wanted === sort ? !isReversed : false;
    sort = wanted ?? sort;
    if (key === ' ') wake.abort();
    return show();
  };
  const streams = { input: process.stdin, write: context.out, process };
  const terminal = openTerminal(streams, onKey, quit);
  context.stopSignal().addEventListener('abort', quit);
  let exitCode: number = ExitCode.OK;
  while (!isOver) {
    show();
    wake = new AbortController();
    await sleep(options.delay, undefined, { signal: wake.signal }).catch(() => {});
    if (isOver) break;
    const next = await look(daemon);
    if (!next.ok) {
      exitCode = next.exitCode;
      break;
    }
    before = now;
    now = next.value;
  }
  terminal.restore();
  return exitCode;
}
