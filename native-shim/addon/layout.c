#include "layout.h"

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

struct entry {
  const char *name;
  double value;
};

#define SIZE(type) { #type, sizeof(struct type) }
#define OFFSET(type, field) { #type "." #field, offsetof(struct type, field) }
#define CONSTANT(name) { #name, name }

/* Every name of wire.h. The test that reads the header itself finds one that is missing here. */
static const struct entry entries[] = {
  CONSTANT(WIRE_VERSION), CONSTANT(FRAME_DATA_MAX_BYTES), CONSTANT(FRAME_CALL_MAX_BYTES),
  CONSTANT(FRAME_SMALL_MAX_BYTES), CONSTANT(FRAME_CONTROL_MAX_BYTES), CONSTANT(WIRE_RLIMITS),
  CONSTANT(RECORD_PAYLOAD_MAX_BYTES), CONSTANT(RECORD_MORE), CONSTANT(RECORD_STDIN_END),
  CONSTANT(CREDIT_WINDOW_BYTES), CONSTANT(TASK_FINISHED_SIGNAL), CONSTANT(ZYGOTE_FD), CONSTANT(NODE_ORDER_FD), CONSTANT(OUTER_USER_FD),
  CONSTANT(OUTER_NET_FD), CONSTANT(DOOR_PORT), CONSTANT(ZYGOTE_HAS_LEAF),
  CONSTANT(FRAME_CALL), CONSTANT(FRAME_STDIN), CONSTANT(FRAME_STDIN_END), CONSTANT(FRAME_CANCEL), CONSTANT(FRAME_READER_GONE),
  CONSTANT(FRAME_STARTED), CONSTANT(FRAME_STDOUT), CONSTANT(FRAME_STDERR), CONSTANT(FRAME_END),
  CONSTANT(FRAME_REFUSED), CONSTANT(FRAME_CONTROL_REQUEST), CONSTANT(FRAME_CONTROL_REPLY),
  CONSTANT(CALL_SHELL_TEXT), CONSTANT(CALL_MERGED_OUTPUT), CONSTANT(CALL_STDIN_COMPLETE), CONSTANT(CALL_EXPLAIN),
  CONSTANT(CALL_BLOCKING), CONSTANT(CALL_STDOUT_GONE), CONSTANT(CALL_STDERR_GONE), CONSTANT(STREAM_STDOUT), CONSTANT(STREAM_STDERR),
  CONSTANT(CALL_EVENT),
  CONSTANT(LEVEL_CONTAINED), CONSTANT(LEVEL_RESTRICTED), CONSTANT(LEVEL_UNTRUSTED), CONSTANT(LEVEL_UNSPECIFIED),
  CONSTANT(OUTCOME_ANSWERED), CONSTANT(OUTCOME_REFUSED), CONSTANT(OUTCOME_TIMED_OUT), CONSTANT(OUTCOME_CRASHED),
  CONSTANT(OUTCOME_LIMIT_HIT), CONSTANT(OUTCOME_CANCELLED),
  CONSTANT(LIMIT_NONE), CONSTANT(LIMIT_MEMORY), CONSTANT(LIMIT_PIDS), CONSTANT(LIMIT_OUTPUT), CONSTANT(LIMIT_CPU),
  CONSTANT(LIMIT_TOTAL_MEMORY),
  CONSTANT(REFUSAL_STOPPING), CONSTANT(REFUSAL_QUEUE_FULL), CONSTANT(REFUSAL_CONFINED_PEER),
  CONSTANT(REFUSAL_FOREIGN_UID), CONSTANT(REFUSAL_BAD_CALL), CONSTANT(REFUSAL_LEVEL_UNAVAILABLE),
  CONSTANT(REFUSAL_NO_WORKER),
  CONSTANT(RECORD_PAD), CONSTANT(RECORD_START), CONSTANT(RECORD_STDIN), CONSTANT(RECORD_CANCEL),
  CONSTANT(RECORD_OUTPUT_CREDIT), CONSTANT(RECORD_TARGET), CONSTANT(RECORD_STOP), CONSTANT(RECORD_READER_GONE), CONSTANT(RECORD_HELLO),
  CONSTANT(RECORD_PARKED), CONSTANT(RECORD_GONE), CONSTANT(RECORD_NOT_STARTED), CONSTANT(RECORD_STDOUT),
  CONSTANT(RECORD_STDERR), CONSTANT(RECORD_STDIN_CREDIT), CONSTANT(RECORD_END), CONSTANT(RECORD_ZYGOTE), CONSTANT(RECORD_LEARNED),
  CONSTANT(RECORD_FAILURE), CONSTANT(RECORD_LINGERING),
  CONSTANT(RECORD_ASK), CONSTANT(RECORD_PING), CONSTANT(RECORD_FORGET), CONSTANT(RECORD_LOAD),
  CONSTANT(RECORD_READY), CONSTANT(RECORD_ANSWER), CONSTANT(RECORD_PONG), CONSTANT(RESIDENT_MESSAGE_MAX_BYTES),
  CONSTANT(ORDER_EXEC), CONSTANT(ORDER_SCRIPT), CONSTANT(ORDER_COMMAND), CONSTANT(ORDER_MODULE),
  CONSTANT(ORDER_MERGED_OUTPUT), CONSTANT(ORDER_CONFINED), CONSTANT(ORDER_RESIDENT), CONSTANT(ORDER_PEER_ENDS),
  CONSTANT(PARK_READY), CONSTANT(PARK_DECLINED), CONSTANT(PARK_READY_UNKNOWN), CONSTANT(PARK_FINISHED), CONSTANT(PARK_ENDED), CONSTANT(PARK_OUTER),
  CONSTANT(NOT_STARTED_GONE), CONSTANT(NOT_STARTED_DECLINED), CONSTANT(NOT_STARTED_BAD),
  CONSTANT(PLACEMENT_NONE), CONSTANT(PLACEMENT_CLONE_INTO), CONSTANT(PLACEMENT_SELF_WRITE),
  CONSTANT(ZYGOTE_FORK), CONSTANT(ZYGOTE_WARM), CONSTANT(ZYGOTE_FAILED), CONSTANT(ZYGOTE_LEARNED),
  SIZE(frame_header), OFFSET(frame_header, length_bytes), OFFSET(frame_header, version),
  OFFSET(frame_header, kind), OFFSET(frame_header, call_id),
  SIZE(wire_rlimit), OFFSET(wire_rlimit, soft), OFFSET(wire_rlimit, hard),
  SIZE(inherited), OFFSET(inherited, umask), OFFSET(inherited, nice), OFFSET(inherited, ignored_signals),
  OFFSET(inherited, rlimits),
  SIZE(call_head), OFFSET(call_head, flags), OFFSET(call_head, level), OFFSET(call_head, timeout_ms),
  OFFSET(call_head, argc), OFFSET(call_head, argv_bytes), OFFSET(call_head, envc), OFFSET(call_head, env_bytes),
  OFFSET(call_head, cwd_bytes), OFFSET(call_head, stdin_bytes), OFFSET(call_head, reserved),
  OFFSET(call_head, inherited),
  SIZE(call_end), OFFSET(call_end, outcome), OFFSET(call_end, exit_code), OFFSET(call_end, signal),
  OFFSET(call_end, message_bytes), OFFSET(call_end, explain_bytes), OFFSET(call_end, reserved),
  SIZE(order_head), OFFSET(order_head, total_bytes), OFFSET(order_head, mode), OFFSET(order_head, flags),
  OFFSET(order_head, program_index), OFFSET(order_head, path_bytes), OFFSET(order_head, argc),
  OFFSET(order_head, argv_bytes), OFFSET(order_head, envc), OFFSET(order_head, env_bytes),
  OFFSET(order_head, reserved), OFFSET(order_head, inherited),
  SIZE(park_report), OFFSET(park_report, kind), OFFSET(park_report, pid), OFFSET(park_report, memory_kib),
  SIZE(park_end), OFFSET(park_end, kind), OFFSET(park_end, status), OFFSET(park_end, cpu_us), OFFSET(park_end, memory_peak_kib),
  SIZE(start_head), OFFSET(start_head, timeout_ms), OFFSET(start_head, cancel_grace_ms),
  OFFSET(start_head, output_max_bytes), OFFSET(start_head, order_bytes), OFFSET(start_head, stdin_bytes),
  OFFSET(start_head, stdin_complete), OFFSET(start_head, output_grace_ms),
  SIZE(task_end), OFFSET(task_end, outcome), OFFSET(task_end, limit), OFFSET(task_end, exit_code),
  OFFSET(task_end, signal), OFFSET(task_end, run_ns), OFFSET(task_end, stdout_bytes),
  OFFSET(task_end, stderr_bytes), OFFSET(task_end, memory_peak_bytes), OFFSET(task_end, cpu_us),
  OFFSET(task_end, throttled_us), OFFSET(task_end, oom_kills), OFFSET(task_end, pids_max_hits),
  OFFSET(task_end, denials_told), OFFSET(task_end, reserved),
  SIZE(target), OFFSET(target, parked), OFFSET(target, running_max), OFFSET(target, waiting),
  SIZE(hello), OFFSET(hello, pid), OFFSET(hello, wire_version), OFFSET(hello, placement), OFFSET(hello, slots),
  SIZE(parked), OFFSET(parked, pid), OFFSET(parked, is_unknown), OFFSET(parked, memory_kib), OFFSET(parked, start_ms),
  OFFSET(parked, cgroup_path_bytes), OFFSET(parked, layers),
  SIZE(gone), OFFSET(gone, pid), OFFSET(gone, exit_status),
  SIZE(zygote_state), OFFSET(zygote_state, pid), OFFSET(zygote_state, generation),
  OFFSET(zygote_state, exit_status),
  SIZE(learned), OFFSET(learned, scripts), OFFSET(learned, modules),
  CONSTANT(PEER_RING_FD), CONSTANT(PEER_SOCKET_FD), CONSTANT(CALL_FDS_MAX),
  SIZE(channel_message), OFFSET(channel_message, call_id),
  SIZE(zygote_message), OFFSET(zygote_message, kind), OFFSET(zygote_message, slot),
  OFFSET(zygote_message, generation), OFFSET(zygote_message, flags), OFFSET(zygote_message, keeper_pid),
  OFFSET(zygote_message, errnum),
};

napi_value layout_object(napi_env env, napi_callback_info info)
{
  (void)info;
  napi_value layout, value;
  if (napi_create_object(env, &layout) != napi_ok) return NULL;
  for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
    if (napi_create_double(env, entries[i].value, &value) == napi_ok)
      napi_set_named_property(env, layout, entries[i].name, value);
  return layout;
}
