/* supervisor-probe: one line for each layer of the sandbox: its name, level, stage and errno (lib/sandbox/probe.h). Exits 71
 * where not even a child can be had.
 *
 * Without libc like supervisor-parked: what builds and runs here, can be called there. */
#include "probe.h"
#include "put.h"
#include "sys.h"

#define EXIT_SYSTEM 71
#define LINE_BYTES 96

static int print(const struct probe_result *result)
{
  char line[LINE_BYTES];
  const uint64_t numbers[] = { result->level, result->stage, result->errnum };
  char *end = put_text(line, sandbox_layer_name(result->layer));
  for (int i = 0; i < 3; i++) end = put_number(put_text(end, " "), numbers[i]);
  end = put_text(end, "\n");
  return sys_write(1, line, (size_t)(end - line)) == end - line;
}

_Noreturn __attribute__((used)) void client_start(long *stack)
{
  (void)stack;
  struct probe_result results[LAYER_COUNT];
  if (sandbox_probe(results) < 0) sys_exit(EXIT_SYSTEM);
  for (int layer = 0; layer < LAYER_COUNT; layer++)
    if (!print(&results[layer])) sys_exit(EXIT_SYSTEM);
  sys_exit(0);
}

SYS_START;
