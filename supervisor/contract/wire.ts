/** The mirror of native-shim/include/wire.h. `test/unit/contract/wire.test.ts` compares the two through the addon. */

export const WIRE_VERSION = 1;

export const FrameKind = {
  CALL: 1,
  STDIN: 2,
  STDIN_END: 3,
  CANCEL: 4,
  READER_GONE: 5,
  STARTED: 16,
  STDOUT: 17,
  STDERR: 18,
  END: 19,
  REFUSED: 20,
  CONTROL_REQUEST: 32,
  CONTROL_REPLY: 33,
} as const;

export const FRAME_HEADER_BYTES = 16;
export const FRAME_DATA_MAX_BYTES = 64 * 1024;
export const FRAME_CONTROL_MAX_BYTES = 4 * 1024 * 1024;

export const CallFlag = {
  SHELL_TEXT: 1,
  MERGED_OUTPUT: 2,
  STDIN_COMPLETE: 4,
  EXPLAIN: 8,
  BLOCKING: 16,
  STDOUT_GONE: 32,
  STDERR_GONE: 64,
  EVENT: 128,
} as const;
export const Stream = { STDOUT: 1, STDERR: 2 } as const;
export const CALL_HEAD_BYTES = 312;
export const INHERITED_BYTES = 272;
export const CALL_END_BYTES = 24;
export const ORDER_HEAD_BYTES = 312;
export const START_HEAD_BYTES = 32;
export const TASK_END_BYTES = 80;
export const LEARNED_BYTES = 8;
export const PARKED_BYTES = 24;
export const HELLO_BYTES = 16;
export const GONE_BYTES = 8;
export const ZYGOTE_STATE_BYTES = 12;
/** Of stage.h, not wire.h: the fixed part of a FAILURE. */
export const SETUP_FAILURE_BYTES = 12;
export const UINT32_BYTES = 4;

/** On the loopback of a sandbox with a door. */
export const DOOR_PORT = 3128;

export const RECORD_PAYLOAD_MAX_BYTES = 64 * 1024;
export const RECORD_MORE = 1;
export const RECORD_STDIN_END = 2;
export const RESIDENT_MESSAGE_MAX_BYTES = 4 * 1024 * 1024;
export const CREDIT_WINDOW_BYTES = 256 * 1024;

export const RecordKind = {
  START: 1,
  STDIN: 2,
  CANCEL: 3,
  OUTPUT_CREDIT: 4,
  TARGET: 5,
  STOP: 6,
  READER_GONE: 7,
  HELLO: 32,
  PARKED: 33,
  GONE: 34,
  NOT_STARTED: 35,
  STDOUT: 36,
  STDERR: 37,
  STDIN_CREDIT: 38,
  END: 39,
  ZYGOTE: 40,
  FAILURE: 41,
  LINGERING: 42,
  LEARNED: 43,
  ASK: 64,
  PING: 65,
  FORGET: 66,
  LOAD: 67,
  READY: 80,
  ANSWER: 81,
  PONG: 82,
} as const;

export const OrderMode = { EXEC: 0, SCRIPT: 1, COMMAND: 2, MODULE: 3 } as const;
export const OrderFlag = { MERGED_OUTPUT: 1, CONFINED: 2, RESIDENT: 4, PEER_ENDS: 8 } as const;
export const NotStarted = { GONE: 1, DECLINED: 2, BAD: 3 } as const;
export const Placement = { NONE: 0, CLONE_INTO: 1, SELF_WRITE: 2 } as const;

export const Refusal = {
  STOPPING: 1,
  QUEUE_FULL: 2,
  CONFINED_PEER: 3,
  FOREIGN_UID: 4,
  BAD_CALL: 5,
  LEVEL_UNAVAILABLE: 6,
  NO_WORKER: 7,
} as const;
export type RefusalCode = (typeof Refusal)[keyof typeof Refusal];
