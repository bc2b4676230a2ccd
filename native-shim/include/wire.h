/* The bytes that pass between client, daemon, keeper and parked process.
 * The document is docs/protocol.md; the TypeScript mirror is supervisor/contract/wire.ts and a test holds the
 * two together. All integers are little-endian and naturally aligned. */
#ifndef HOOK_SUPERVISOR_WIRE_H
#define HOOK_SUPERVISOR_WIRE_H

#include <stdint.h>

#define WIRE_VERSION 1

/* ---- 1. Frames: client <-> daemon on call.sock, operator <-> daemon on control.sock -------------------------- */

struct frame_header {
  uint32_t length_bytes; /* payload that follows; its maximum depends on the kind */
  uint16_t version;      /* WIRE_VERSION; a mismatch closes the connection */
  uint16_t kind;         /* enum frame_kind */
  uint64_t call_id;      /* 0 from the client; the daemon's number for the call in its answers, never reused */
};
_Static_assert(sizeof(struct frame_header) == 16, "mirrored in contract/wire.ts");

#define FRAME_DATA_MAX_BYTES (64u * 1024)          /* STDIN, STDOUT, STDERR */
#define FRAME_CALL_MAX_BYTES (8u * 1024 * 1024)    /* CALL: a larger argv + environment cannot be executed by Linux */
#define FRAME_SMALL_MAX_BYTES (4u * 1024)          /* every other kind */
#define FRAME_CONTROL_MAX_BYTES (4u * 1024 * 1024) /* CONTROL_REQUEST, CONTROL_REPLY: JSON */

enum frame_kind {
  /* client -> daemon */
  FRAME_CALL = 1,      /* struct call_head + blobs; carries exactly one descriptor by SCM_RIGHTS: the cwd */
  FRAME_STDIN = 2,     /* bytes of the hook's standard input */
  FRAME_STDIN_END = 3, /* empty: end of standard input */
  FRAME_CANCEL = 4,    /* uint32_t signal the client received */
  FRAME_READER_GONE = 5, /* uint32_t enum stream: nobody reads that output any more; the hook is to meet that itself */
  /* daemon -> client */
  FRAME_STARTED = 16, /* empty: from here on the call is never run anywhere else */
  FRAME_STDOUT = 17,
  FRAME_STDERR = 18,
  FRAME_END = 19,     /* struct call_end, then explain_bytes of JSON (one object, no newline) */
  FRAME_REFUSED = 20, /* uint32_t enum refusal, then a line of text for people, no newline */
  /* control.sock, both UTF-8 JSON */
  FRAME_CONTROL_REQUEST = 32,
  FRAME_CONTROL_REPLY = 33,
};

enum stream { STREAM_STDOUT = 1, STREAM_STDERR = 2 };

enum call_flag {
  CALL_SHELL_TEXT = 1,     /* argv is {shell, "-c", text}: the daemon may recognise the text */
  CALL_MERGED_OUTPUT = 2,  /* the client's fds 1 and 2 are one open file: the hook gets one pipe for both */
  CALL_STDIN_COMPLETE = 4, /* stdin_bytes is all there is; no STDIN frame follows */
  CALL_EXPLAIN = 8,        /* the client wants explain JSON in END */
  CALL_STDOUT_GONE = 32,   /* as READER_GONE, but known before the call */
  CALL_STDERR_GONE = 64,
  CALL_BLOCKING = 16,      /* --on-unavailable=block: a failure of ours ends with exit 2, so that the agent blocks */
  CALL_EVENT = 128,        /* argv is "event" and the agent, or "": validators answer, nothing is run */
};

enum call_level { LEVEL_CONTAINED = 0, LEVEL_RESTRICTED = 1, LEVEL_UNTRUSTED = 2, LEVEL_UNSPECIFIED = 255 };

#define WIRE_RLIMITS 16 /* RLIM_NLIMITS; indexed by RLIMIT_* */
struct wire_rlimit {
  uint64_t soft;
  uint64_t hard; /* UINT64_MAX is RLIM_INFINITY */
};

/* What the client read of its own process: the state a direct run of the hook would have inherited. */
struct inherited {
  uint32_t umask;
  int32_t nice;
  uint64_t ignored_signals; /* bit n-1: signal n is ignored */
  struct wire_rlimit rlimits[WIRE_RLIMITS];
};
_Static_assert(sizeof(struct inherited) == 272, "mirrored in contract/wire.ts");

struct call_head {
  uint32_t flags;      /* enum call_flag */
  uint32_t level;      /* enum call_level: may only tighten the daemon's policy */
  uint32_t timeout_ms; /* 0: none asked for */
  uint32_t argc;
  uint32_t argv_bytes; /* argc NUL-terminated strings */
  uint32_t envc;
  uint32_t env_bytes;   /* envc NUL-terminated NAME=value strings, in order, any bytes */
  uint32_t cwd_bytes;   /* path without NUL; 0 where getcwd fails (deleted folder): the descriptor is what counts */
  uint32_t stdin_bytes; /* standard input read so far */
  uint32_t reserved;    /* 0 */
  struct inherited inherited;
  /* argv, env, cwd, stdin follow without gaps */
};
_Static_assert(sizeof(struct call_head) == 312, "mirrored in contract/wire.ts");

enum outcome {
  OUTCOME_ANSWERED = 0,
  OUTCOME_REFUSED = 1,
  OUTCOME_TIMED_OUT = 2,
  OUTCOME_CRASHED = 3, /* by us: keeper or daemon failure. A hook that dies of a signal has answered */
  OUTCOME_LIMIT_HIT = 4,
  OUTCOME_CANCELLED = 5,
};

enum limit_kind {
  LIMIT_NONE = 0,
  LIMIT_MEMORY = 1,
  LIMIT_PIDS = 2,
  LIMIT_OUTPUT = 3,
  LIMIT_CPU = 4,          /* CPU time of the whole task */
  LIMIT_TOTAL_MEMORY = 5, /* killed for memory while below its own limit: all workers together, or the host, had none left */
};

/* What the client is to become. The outcome table in contract/ has been applied by the daemon already. */
struct call_end {
  uint32_t outcome;       /* enum outcome */
  uint32_t exit_code;     /* valid if signal is 0 */
  uint32_t signal;        /* the client dies of this signal */
  uint32_t message_bytes; /* a line for stderr with its newline; 0 for an answered outcome (invariant 13) */
  uint32_t explain_bytes; /* JSON for --explain, after the message */
  uint32_t reserved;
};
_Static_assert(sizeof(struct call_end) == 24, "mirrored in contract/wire.ts");

enum refusal {
  REFUSAL_STOPPING = 1,
  REFUSAL_QUEUE_FULL = 2,
  REFUSAL_CONFINED_PEER = 3,
  REFUSAL_FOREIGN_UID = 4,
  REFUSAL_BAD_CALL = 5,
  REFUSAL_LEVEL_UNAVAILABLE = 6,
  REFUSAL_NO_WORKER = 7,
};

/* ---- 2. Ring records: daemon <-> keeper or resident worker --------------------------------------------------- */

/* A record longer than RECORD_PAYLOAD_MAX_BYTES is sent as fragments: same kind, call, slot, generation;
 * RECORD_MORE set on all but the last. Fragments of one call never interleave with its other records. */
#define RECORD_PAYLOAD_MAX_BYTES (64u * 1024)
#define RECORD_MORE 1u /* in flags */

enum record_kind {
  RECORD_PAD = 0xffff, /* fills the edge of the ring; skipped by the reader */
  /* daemon -> keeper */
  RECORD_START = 1, /* struct start_head + order bytes + stdin bytes; its cwd descriptor comes on the channel socket */
  RECORD_STDIN = 2, /* bytes; flags & RECORD_STDIN_END: nothing follows (may be empty) */
  RECORD_CANCEL = 3,        /* uint32_t signal: sent to the whole task; KILL after cancel_grace_ms */
  RECORD_OUTPUT_CREDIT = 4, /* uint32_t bytes that the client has taken */
  RECORD_TARGET = 5,        /* struct target: how many processes to keep parked */
  RECORD_STOP = 6,          /* empty: kill and reap everything, then exit 0 */
  RECORD_READER_GONE = 7,   /* uint32_t enum stream: close the read end of that pipe */
  /* keeper -> daemon */
  RECORD_HELLO = 32,        /* struct hello: first record of every keeper */
  RECORD_PARKED = 33,       /* struct parked + cgroup path: slot.generation waits for an order */
  RECORD_GONE = 34,         /* struct gone: a parked (not running) process of slot.generation ended */
  RECORD_NOT_STARTED = 35,  /* uint32_t enum not_started: the call did not begin; it may be given to another worker */
  RECORD_STDOUT = 36,       /* bytes */
  RECORD_STDERR = 37,       /* bytes */
  RECORD_STDIN_CREDIT = 38, /* uint32_t bytes that went into the hook's pipe or were dropped since it is closed */
  RECORD_END = 39,          /* struct task_end: exactly one for each START that was not NOT_STARTED */
  RECORD_ZYGOTE = 40,       /* struct zygote_state; of a node pool: a process ended before it was parked, see its FAILURE */
  RECORD_FAILURE = 41,      /* struct setup_failure + text: a start step failed */
  RECORD_LINGERING = 42,    /* struct gone: descendants outlive the main process of slot.generation (exit_status), */
                            /* or the last one is gone (exit_status -1) */
  RECORD_LEARNED = 43,      /* struct learned: what the zygote has ready for its next processes */
  /* daemon -> resident worker, by the worker's own rings; payloads are JSON, `slot` is 0 */
  RECORD_ASK = 64,    /* a question: exactly one ANSWER follows, whatever becomes of it */
  RECORD_PING = 65,   /* empty: PONG follows */
  RECORD_FORGET = 66, /* empty: nobody waits for that answer any more */
  RECORD_LOAD = 67,   /* of a worker that several validators share: one more of them; exactly one ANSWER follows */
  /* resident worker -> daemon */
  RECORD_READY = 80,  /* once, first of all; call 0 */
  RECORD_ANSWER = 81,
  RECORD_PONG = 82,   /* empty */
};
#define RECORD_STDIN_END 2u /* in flags of RECORD_STDIN */
#define RESIDENT_MESSAGE_MAX_BYTES (4u * 1024 * 1024) /* ASK and ANSWER, all fragments together */

#define CREDIT_WINDOW_BYTES (256u * 1024) /* unacknowledged bytes a call may have in flight, per direction */

enum order_mode {
  ORDER_EXEC = 0,     /* execve(path, argv, env) */
  ORDER_SCRIPT = 1,   /* interpreter: argv[program_index] is a file, folder or archive; the rest its arguments */
  ORDER_COMMAND = 2,  /* interpreter: argv[program_index] is source text (-c) */
  ORDER_MODULE = 3,   /* interpreter: argv[program_index] is a module name (-m) */
};
enum order_flag {
  ORDER_MERGED_OUTPUT = 1,
  ORDER_CONFINED = 2, /* the keeper's alone to say: limits were lowered, and the folder must be entered by its path */
  ORDER_RESIDENT = 4, /* the keeper's to follow: no budget of CPU time, which is one task's, and nothing lingers */
  ORDER_PEER_ENDS = 8, /* ORDER_EXEC: two more descriptors come with the cwd, to be PEER_RING_FD and PEER_SOCKET_FD */
};

/* The far ends of a resident worker's own channel. */
#define PEER_RING_FD 3
#define PEER_SOCKET_FD 4

/* What the keeper hands to a parked process over its order socket, as it came from the daemon. The socket is a
 * stream; the first sendmsg carries the cwd descriptor and, with ORDER_PEER_ENDS, ring and socket after it. */
struct order_head {
  uint32_t total_bytes; /* this head and all blobs */
  uint32_t mode;        /* enum order_mode */
  uint32_t flags;       /* enum order_flag */
  uint32_t program_index;
  uint32_t path_bytes; /* ORDER_EXEC: NUL-terminated file for execve, relative to the cwd if it has no leading '/' */
  uint32_t argc;
  uint32_t argv_bytes;
  uint32_t envc;
  uint32_t env_bytes;
  uint32_t reserved;
  struct inherited inherited;
  /* path, argv, env follow without gaps */
};
_Static_assert(sizeof(struct order_head) == 312, "mirrored in contract/wire.ts and workers/python");

/* Where a parked Node finds its order socket; any other has it at 3. Out of the way: the descriptors that Node opens when it
 * starts have the numbers of a direct run, and so have those that the hook opens. */
#define NODE_ORDER_FD 200

/* Where a hook whose sandbox has a door finds it: 127.0.0.1, in its own network namespace. */
#define DOOR_PORT 3128

/* What a parked process sends to its keeper on the same socket: READY or READY_UNKNOWN once when parked; DECLINED instead of running
 * user code, after which it exits. Nothing else, ever: the socket is closed before user code. What may follow above
 * `contained` is a struct park_end. */
struct park_report {
  uint32_t kind; /* enum park_report_kind */
  uint32_t pid;
  uint32_t memory_kib; /* its proportional set size now; 0: unknown, or too small to count (exec) */
};
/* A parked interpreter that has done all a direct run does before it leaves closes its standard streams and queues this
 * signal, with its exit status as the value, to its keeper: the answer need not wait until the kernel has taken down the
 * interpreter's memory, which takes longer than many a hook. Believed from a slot's own main process only, which can end
 * with whatever status it likes anyway. */
#define TASK_FINISHED_SIGNAL 40

enum park_report_kind {
  PARK_READY = 1,
  PARK_DECLINED = 2,
  PARK_READY_UNKNOWN = 3, /* as READY, but this Node keeps some internals elsewhere than those we know: no early end */
  PARK_FINISHED = 4,      /* in a struct park_end: the hook has queued TASK_FINISHED_SIGNAL */
  PARK_ENDED = 5,         /* in a struct park_end: the hook has been reaped, and nothing that it has started lives */
  PARK_OUTER = 6,         /* before READY: carries two descriptors, by SCM_RIGHTS, see OUTER_NET_FD */
};

/* Of supervisor-confine: the network namespace that its slot uses for one process after the other, and the user namespace
 * which owns that. */
#define OUTER_USER_FD 6
#define OUTER_NET_FD 7

/* From the first process of the hook's pid namespace, which keeps the socket: the answer need not wait until the kernel has
 * taken down the namespaces. */
struct park_end {
  uint32_t kind;  /* enum park_report_kind */
  int32_t status; /* as waitpid gives it */
  uint64_t cpu_us; /* FINISHED: of the hook's process; ENDED: of all in the namespace */
  uint64_t memory_peak_kib; /* of the largest process; FINISHED: 0 */
};

struct start_head {
  uint32_t timeout_ms;       /* from now; 0: none. The keeper kills the task and ends it as OUTCOME_TIMED_OUT */
  uint32_t cancel_grace_ms;  /* between CANCEL's signal and the kill */
  uint64_t output_max_bytes; /* per stream; more: killed, LIMIT_OUTPUT */
  uint32_t order_bytes;
  uint32_t stdin_bytes;
  uint32_t stdin_complete; /* 1: close the pipe after stdin_bytes */
  uint32_t output_grace_ms; /* after the main process ended, how long to wait for EOF while others hold the pipes */
};
_Static_assert(sizeof(struct start_head) == 32, "mirrored in contract/wire.ts");

enum not_started { NOT_STARTED_GONE = 1, NOT_STARTED_DECLINED = 2, NOT_STARTED_BAD = 3 };

struct task_end {
  uint32_t outcome;    /* OUTCOME_ANSWERED, _TIMED_OUT, _LIMIT_HIT, _CANCELLED, _CRASHED */
  uint32_t limit;      /* enum limit_kind */
  uint32_t exit_code;  /* of the main process; valid if signal is 0 */
  uint32_t signal;
  uint64_t run_ns;     /* order released to main process reaped */
  uint64_t stdout_bytes;
  uint64_t stderr_bytes;
  uint64_t memory_peak_bytes; /* of the leaf, else of the largest process; 0: unknown */
  uint64_t cpu_us;            /* user + system since the order: of the leaf, else of the main process and its reaped children */
  uint64_t throttled_us;      /* how long the leaf's CPU quota held it back; 0 without a leaf, as are the two below */
  uint32_t oom_kills;         /* processes that the leaf's memory limit ended */
  uint32_t pids_max_hits;     /* forks that the leaf's process limit refused */
  uint32_t denials_told;      /* above contained: how often its stderr has the kernel's words for a refusal */
  uint32_t reserved;
};
_Static_assert(sizeof(struct task_end) == 80, "mirrored in contract/wire.ts");

struct target {
  uint32_t parked;      /* wanted number of parked processes now; of those too many the longest parked are ended */
  uint32_t running_max; /* bound on running + parked; never above the keeper's --slots */
  uint32_t waiting;     /* part of `parked`: as many calls wait, and those are started for at once */
};

struct hello {
  uint32_t pid;
  uint32_t wire_version;
  uint32_t placement; /* enum placement: how children get into their leaf */
  uint32_t slots;
};
enum placement { PLACEMENT_NONE = 0, PLACEMENT_CLONE_INTO = 1, PLACEMENT_SELF_WRITE = 2 };

struct parked {
  uint32_t pid;
  uint32_t is_unknown;        /* 1: it said PARK_READY_UNKNOWN */
  uint32_t memory_kib;        /* as in its report */
  uint32_t cgroup_path_bytes; /* as read from /proc/PID/cgroup ("0::" line) after placement; 0 with no cgroup */
  uint32_t layers;            /* that it is confined by: a bit for each of lib/sandbox/layers.h; 0 at contained */
  uint32_t start_ms;          /* from the beginning of its start to its report */
};

struct gone {
  uint32_t pid;
  int32_t exit_status; /* as waitpid gives it; -1 unknown */
};

struct zygote_state {
  uint32_t pid; /* 0: not running */
  uint32_t generation;
  int32_t exit_status; /* of the one before; -1 at first */
};

struct learned {
  uint32_t scripts; /* compiled */
  uint32_t modules; /* imported, beyond those that every zygote imports */
};

/* ---- 3. Channel socket: daemon <-> keeper, SOCK_SEQPACKET ----------------------------------------------------- */

/* Doorbell and descriptor lane beside the ring. call_id 0: a doorbell. Otherwise the message carries the cwd
 * descriptor of that call by SCM_RIGHTS, and with ORDER_PEER_ENDS ring and socket after it, and is a doorbell too.
 * START and its descriptors may come in either order: the keeper keeps whichever is first. EOF: the other side is
 * dead. */
#define CALL_FDS_MAX 3u
struct channel_message {
  uint64_t call_id;
};

/* ---- 4. Zygote socket: keeper <-> zygote, SOCK_SEQPACKET, the zygote's fd ZYGOTE_FD ---------------------------- */

#define ZYGOTE_FD 3

enum zygote_message_kind {
  ZYGOTE_FORK = 1,   /* keeper -> zygote, struct zygote_message + descriptors in this order: stdin (read end), stdout
                        and stderr (write ends), order socket, and, if flags & ZYGOTE_HAS_LEAF, the leaf's cgroup.procs */
  ZYGOTE_WARM = 2,   /* zygote -> keeper: imports done, ready for FORK */
  ZYGOTE_FAILED = 3, /* zygote -> keeper: the fork for slot.generation failed with errnum */
  ZYGOTE_LEARNED = 4, /* zygote -> keeper: struct learned in the place of slot and generation */
};
#define ZYGOTE_HAS_LEAF 1u

struct zygote_message {
  uint32_t kind;
  uint32_t slot;
  uint32_t generation;
  uint32_t flags;
  uint32_t keeper_pid; /* FORK: the parked process must find itself adopted by this process (subreaper) */
  int32_t errnum;      /* FAILED */
};
_Static_assert(sizeof(struct zygote_message) == 24, "mirrored in workers/python");

#endif
