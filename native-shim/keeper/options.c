#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static int parse_number(const char *text, uint64_t max, uint64_t *number)
{
  if (*text < '0' || *text > '9') return -EINVAL;
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (errno != 0 || *end != '\0' || value > max) return -EINVAL;
  *number = value;
  return 0;
}

enum option_id {
  OPT_CHANNEL = 1, OPT_RING, OPT_RING_BYTES, OPT_GENERATION, OPT_POOL, OPT_RUNTIME, OPT_SLOTS, OPT_PARKED, OPT_CGROUP,
  OPT_LIMIT, OPT_CONTROLLER, OPT_CPU_TIME_MAX_MS,
  OPT_MEMORY_POLL_MAX_BYTES,
};

static const struct option known[] = {
  { "channel", required_argument, NULL, OPT_CHANNEL },
  { "ring", required_argument, NULL, OPT_RING },
  { "ring-bytes", required_argument, NULL, OPT_RING_BYTES },
  { "generation", required_argument, NULL, OPT_GENERATION },
  { "pool", required_argument, NULL, OPT_POOL },
  { "runtime", required_argument, NULL, OPT_RUNTIME },
  { "slots", required_argument, NULL, OPT_SLOTS },
  { "parked", required_argument, NULL, OPT_PARKED },
  { "cgroup", required_argument, NULL, OPT_CGROUP },
  { "limit", required_argument, NULL, OPT_LIMIT },
  { "controller", required_argument, NULL, OPT_CONTROLLER },
  { "memory-poll-max-bytes", required_argument, NULL, OPT_MEMORY_POLL_MAX_BYTES },
  { "cpu-time-max-ms", required_argument, NULL, OPT_CPU_TIME_MAX_MS },
  { NULL, 0, NULL, 0 },
};

/* FILE=TEXT, parted in place. The name is that of a file of the leaf: one with a slash would lie somewhere else. */
static int add_limit(struct options *options, char *text)
{
  char *equals = strchr(text, '=');
  if (equals == NULL || equals == text || options->limit_count == LEAF_LIMITS_MAX) return -EINVAL;
  *equals = '\0';
  if (strchr(text, '/') != NULL) return -EINVAL;
  options->limits[options->limit_count++] = (struct leaf_limit){ .file = text, .text = equals + 1 };
  return 0;
}

/* NAME=FD, parted in place. */
static int add_controller(struct options *options, char *text)
{
  uint64_t number;
  char *equals = strchr(text, '=');
  if (equals == NULL || equals == text || options->controller_count == CONTROLLERS_MAX) return -EINVAL;
  *equals = '\0';
  if (parse_number(equals + 1, 1 << 20, &number) < 0) return -EINVAL;
  options->controllers[options->controller_count++] = (struct controller){ .name = text, .fd = (int)number };
  return 0;
}

static int take(struct options *options, int id, char *text)
{
  uint64_t number = 0;
  int status = 0;
  switch (id) {
    case OPT_CHANNEL: status = parse_number(text, 1 << 20, &number); options->channel_fd = (int)number; break;
    case OPT_RING: status = parse_number(text, 1 << 20, &number); options->ring_fd = (int)number; break;
    case OPT_RING_BYTES: status = parse_number(text, 1u << 30, &number); options->ring_bytes = (uint32_t)number; break;
    case OPT_GENERATION: status = parse_number(text, UINT64_MAX, &number); options->generation = number; break;
    case OPT_POOL: options->pool = text; break;
    case OPT_RUNTIME:
      if (strcmp(text, "exec") == 0) options->runtime = RUNTIME_EXEC;
      else if (strcmp(text, "python") == 0) options->runtime = RUNTIME_PYTHON;
      else if (strcmp(text, "node") == 0) options->runtime = RUNTIME_NODE;
      else status = -EINVAL;
      break;
    case OPT_SLOTS: status = parse_number(text, SLOTS_MAX, &number); options->slots = (uint32_t)number; break;
    case OPT_PARKED: status = parse_number(text, SLOTS_MAX, &number); options->parked = (uint32_t)number; break;
    case OPT_CGROUP: status = parse_number(text, 1 << 20, &number); options->cgroup_fd = (int)number; break;
    case OPT_LIMIT: status = add_limit(options, text); break;
    case OPT_CONTROLLER: status = add_controller(options, text); break;
    case OPT_CPU_TIME_MAX_MS: status = parse_number(text, UINT32_MAX, &options->cpu_time_max_ms); break;
    case OPT_MEMORY_POLL_MAX_BYTES: status = parse_number(text, UINT64_MAX, &options->memory_poll_max_bytes); break;
    default: status = -EINVAL;
  }
  return status;
}

int options_parse(struct options *options, int argc, char **argv, const char **complaint)
{
  *options = (struct options){ .channel_fd = -1, .ring_fd = -1, .cgroup_fd = -1, .parked = 1 };
  int has_runtime = 0;
  opterr = 0;
  for (;;) {
    int id = getopt_long(argc, argv, "+", known, NULL);
    if (id < 0) break;
    if (id == '?') return *complaint = argv[optind - 1], -EINVAL;
    if (take(options, id, optarg) < 0) return *complaint = argv[optind - 1], -EINVAL;
    if (id == OPT_RUNTIME) has_runtime = 1;
  }
  if (optind < argc) options->zygote_argv = argv + optind;

  if (options->channel_fd < 0) *complaint = "--channel is missing";
  else if (options->ring_fd < 0) *complaint = "--ring is missing";
  else if (options->ring_bytes == 0) *complaint = "--ring-bytes is missing";
  else if (options->pool == NULL) *complaint = "--pool is missing";
  else if (!has_runtime) *complaint = "--runtime is missing";
  else if (options->slots == 0) *complaint = "--slots is missing";
  else if (options->runtime != RUNTIME_EXEC && options->zygote_argv == NULL) *complaint = "no command after --";
  else if (options->runtime == RUNTIME_EXEC && options->zygote_argv != NULL) *complaint = "exec takes no command";
  else return 0;
  return -EINVAL;
}
