/** Call + plan -> the bytes of a START record: struct start_head, struct order_head, blobs, first stdin. */
import type { Call, Plan } from '../contract/call.js';
import { INHERITED_BYTES, ORDER_HEAD_BYTES, OrderFlag, OrderMode, START_HEAD_BYTES } from '../contract/wire.js';

export interface StartLimits {
  /** 0: none. */
  timeoutMs: number;
  cancelGraceMs: number;
  outputMaxBytes: number;
  outputGraceMs: number;
}

/** What is executed: the plan itself, or its exec fallback. */
export type Order = {
  mode: number;
  programIndex: number;
  path: string;
  argv: readonly string[];
  env: readonly string[];
};

const MODE_OF = { script: OrderMode.SCRIPT, command: OrderMode.COMMAND, module: OrderMode.MODULE } as const;

export function warmOrder(plan: Extract<Plan, { kind: 'interpreter' }>): Order {
  const { program, argv, env } = plan;
  return { mode: MODE_OF[program.mode], programIndex: program.index, path: '', argv, env };
}

export function execOrder(plan: Plan): Order {
  const { path, argv, env } = plan.kind === 'exec' ? plan : plan.fallback;
  return { mode: OrderMode.EXEC, programIndex: 0, path, argv, env };
}

/** @param flags of OrderFlag, beside what the call itself asks for. */
export function encodeStart(
  call: Pick<Call, 'mergedOutput' | 'inherited'>,
  order: Order,
  stdin: Buffer,
  stdinComplete: boolean,
  limits: StartLimits,
  flags = 0,
): Buffer {
  const path = order.path === '' ? '' : `${order.path}\0`;
  const argv = terminated(order.argv);
  const env = terminated(order.env);
  const orderBytes = ORDER_HEAD_BYTES + path.length + argv.length + env.length;
  const out = Buffer.alloc(START_HEAD_BYTES + orderBytes + stdin.length);

  out.writeUInt32LE(limits.timeoutMs, 0);
  out.writeUInt32LE(limits.cancelGraceMs, 4);
  out.writeUInt32LE(limits.outputMaxBytes % 2 ** 32, 8);
  out.writeUInt32LE(Math.floor(limits.outputMaxBytes / 2 ** 32), 12);
  out.writeUInt32LE(orderBytes, 16);
  out.writeUInt32LE(stdin.length, 20);
  out.writeUInt32LE(stdinComplete ? 1 : 0, 24);
  out.writeUInt32LE(limits.outputGraceMs, 28);

  let at = START_HEAD_BYTES;
  const head = [
    orderBytes,
    order.mode,
    flags | (call.mergedOutput ? OrderFlag.MERGED_OUTPUT : 0),
    order.programIndex,
    path.length,
    order.argv.length,
    argv.length,
    order.env.length,
    env.length,
    0,
  ];
  for (const value of head) at = out.writeUInt32LE(value, at);
  at += call.inherited.copy(out, at, 0, INHERITED_BYTES);
  for (const text of [path, argv, env]) at += out.write(text, at, 'latin1');
  stdin.copy(out, at);
  return out;
}

export function stdinBytesOfStart(start: Buffer): number {
  return start.readUInt32LE(20);
}

function terminated(strings: readonly string[]): string {
  return strings.length === 0 ? '' : `${strings.join('\0')}\0`;
}
