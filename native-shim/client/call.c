#include "call.h"

#include "frame.h"
#include "gather.h"
#include "inherited.h"
#include "memory.h"
#include "output.h"
#include "sys.h"

#define PATH_BYTES_MAX 4096

/* Adds up NUL-terminated strings. */
static uint64_t strings_bytes(char *const *strings, uint32_t *count)
{
  uint64_t bytes = 0;
  for (*count = 0; strings[*count] != NULL; (*count)++) bytes += text_length(strings[*count]) + 1;
  return bytes;
}

static unsigned char *put_strings(unsigned char *to, char *const *strings)
{
  for (; *strings != NULL; strings++) {
    size_t length = text_length(*strings) + 1;
    memcpy(to, *strings, length);
    to += length;
  }
  return to;
}

/* The path of the current folder without NUL; 0 bytes where it has none that an absolute name could reach. */
static uint32_t put_cwd(unsigned char *to)
{
  long length = SYS6(SYS_getcwd, to, PATH_BYTES_MAX, 0, 0, 0, 0);
  return length > 1 && to[0] == '/' ? (uint32_t)length - 1 : 0;
}

static uint32_t call_flags(const struct options *options, const struct call *call)
{
  uint32_t flags = 0;
  if (options->is_shell_text) flags |= CALL_SHELL_TEXT;
  if (options->is_event) flags |= CALL_EVENT;
  if (is_output_merged()) flags |= CALL_MERGED_OUTPUT;
  if (call->is_stdin_complete) flags |= CALL_STDIN_COMPLETE;
  if (options->explain_path != NULL) flags |= CALL_EXPLAIN;
  if (options->on_unavailable == UNAVAILABLE_BLOCK) flags |= CALL_BLOCKING;
  if (output_reader_is_gone(1)) flags |= CALL_STDOUT_GONE;
  if (output_reader_is_gone(2)) flags |= CALL_STDERR_GONE;
  return flags;
}

static int fail(struct line *why, int error, const char *text)
{
  line_start(why);
  line_add(why, text);
  return error;
}

int make_call(const struct options *options, char *const *env, struct call *call, struct line *why)
{
  struct call_head head = {
    .level = options->level,
    .timeout_ms = options->timeout_ms,
  };
  *call = (struct call){ .cwd_fd = sys_open(".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0) };
  if (call->cwd_fd < 0) return fail(why, call->cwd_fd, "the current folder cannot be opened");

  uint64_t argv_bytes = strings_bytes(options->argv, &head.argc);
  uint64_t env_bytes = strings_bytes(env, &head.envc);
  uint64_t frame_bytes_max = sizeof(struct frame_header) + sizeof head + argv_bytes + env_bytes + PATH_BYTES_MAX + GATHER_MAX_BYTES;
  if (frame_bytes_max > FRAME_CALL_MAX_BYTES) return fail(why, -E2BIG, "arguments and environment are too long");
  head.argv_bytes = (uint32_t)argv_bytes;
  head.env_bytes = (uint32_t)env_bytes;

  call->frame = sys_map(frame_bytes_max);
  if (call->frame == NULL) return fail(why, -ENOMEM, "out of memory");
  unsigned char *at = call->frame + sizeof(struct frame_header) + sizeof head;
  at = put_strings(at, options->argv);
  at = put_strings(at, env);
  head.cwd_bytes = put_cwd(at);
  call->stdin_bytes = at + head.cwd_bytes;
  gather_stdin(call);

  head.stdin_bytes = (uint32_t)call->stdin_length;
  call->flags = call_flags(options, call);
  head.flags = call->flags;
  read_inherited(&head.inherited);
  call->ignored_signals = head.inherited.ignored_signals;
  call->frame_bytes = (size_t)(call->stdin_bytes + call->stdin_length - call->frame);
  memcpy(call->frame + sizeof(struct frame_header), &head, sizeof head);
  frame_put_header(call->frame, FRAME_CALL, 0, (uint32_t)(call->frame_bytes - sizeof(struct frame_header)));
  return 0;
}
