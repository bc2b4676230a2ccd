#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "layers.h"
#include "wire.h"

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
  OPT_LIMIT, OPT_CONTROLLER, OPT_CPU_TIME_MAX_MS, OPT_MEMORY_POLL_MAX_BYTES,
  OPT_LEVEL, OPT_LAYERS, OPT_READ, OPT_WRITE, OPT_PROTECT, OPT_TMP_MAX_BYTES, OPT_TMP_MAX_FILES, OPT_NETWORK, OPT_DOOR,
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
  { "level", required_argument, NULL, OPT_LEVEL },
  { "layers", required_argument, NULL, OPT_LAYERS },
  { "read", required_argument, NULL, OPT_READ },
  { "write", required_argument, NULL, OPT_WRITE },
  { "protect", required_argument, NULL, OPT_PROTECT },
  { "tmp-max-bytes", required_argument, NULL, OPT_TMP_MAX_BYTES },
  { "tmp-max-files", required_argument, NULL, OPT_TMP_MAX_FILES },
  { "network", required_argument, NULL, OPT_NETWORK },
  { "door", required_argument, NULL, OPT_DOOR },
  { NULL, 0, NULL, 0 },
};

static int add_path(const char **paths, size_t *count, const char *path)
{
  if (*count == SANDBOX_PATHS_MAX || path[0] != '/') return -EINVAL;
  paths[(*count)++] = path;
  return 0;
}

/* All but the protected paths are supervisor-confine's to judge: what it is given, it is given as it came. */
static int pass_on(struct confinement *confinement, int id, const char *text)
{
  static const char *const names[] = {
    [OPT_LEVEL] = "--level", [OPT_LAYERS] = "--layers", [OPT_READ] = "--read", [OPT_WRITE] = "--write",
    [OPT_TMP_MAX_BYTES] = "--tmp-max-bytes", [OPT_TMP_MAX_FILES] = "--tmp-max-files", [OPT_NETWORK] = "--network",
  };
  if (id < OPT_LEVEL || id > OPT_NETWORK || confinement->argument_count + 2 > CONFINE_ARGUMENTS_MAX) return -EINVAL;
  confinement->arguments[confinement->argument_count++] = names[id];
  confinement->arguments[confinement->argument_count++] = text;
  return 0;
}

static int take_confinement(struct confinement *confinement, int id, const char *text)
{
  int status = 0;
  if (id == OPT_PROTECT) return add_path(confinement->protects, &confinement->protect_count, text);
  if (id == OPT_WRITE) status = add_path(confinement->writes, &confinement->write_count, text);
  else if (id == OPT_LAYERS) status = sandbox_layers_parse(text, &confinement->layers);
  else if (id == OPT_LEVEL && strcmp(text, "restricted") == 0) confinement->level = LEVEL_RESTRICTED;
  else if (id == OPT_LEVEL && strcmp(text, "untrusted") == 0) confinement->level = LEVEL_UNTRUSTED;
  else if (id == OPT_LEVEL) status = -EINVAL;
  else if (id == OPT_NETWORK) {
    confinement->has_network = strcmp(text, "host") == 0;
    confinement->has_door = strcmp(text, "door") == 0;
  }
  return status < 0 ? status : pass_on(confinement, id, text);
}

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
    case OPT_DOOR: status = parse_number(text, 1 << 20, &number); options->confinement.door_fd = (int)number; break;
    case OPT_CPU_TIME_MAX_MS: status = parse_number(text, UINT32_MAX, &options->cpu_time_max_ms); break;
    case OPT_MEMORY_POLL_MAX_BYTES: status = parse_number(text, UINT64_MAX, &options->memory_poll_max_bytes); break;
    default: status = take_confinement(&options->confinement, id, text);
  }
  return status;
}

/* What of the confinement does not fit together; NULL: nothing. */
static const char *confinement_complaint(const struct options *options)
{
  const struct confinement *confinement = &options->confinement;
  if (confinement->has_door != (confinement->door_fd >= 0)) return "--door and --network door go together";
  if (confinement->level == LEVEL_CONTAINED)
    return confinement->argument_count + confinement->protect_count > 0 ? "--level is missing" : NULL;
  if (options->runtime == RUNTIME_PYTHON) return "a Python zygote cannot be confined yet: use the exec runtime";
  if (confinement->layers == 0) return "--layers is missing";
  if (confinement->has_network && confinement->layers & LAYER_BIT(LAYER_NET))
    return "--network host with networkNamespace";
  if (confinement->protect_count > 0 && !(confinement->layers & LAYER_BIT(LAYER_MOUNT)))
    return "--protect without mountNamespace";
  return sandbox_layers_lack(confinement->layers);
}

int options_parse(struct options *options, int argc, char **argv, const char **complaint)
{
  *options = (struct options){
    .channel_fd = -1, .ring_fd = -1, .cgroup_fd = -1, .parked = 1, .confinement.door_fd = -1,
  };
  int has_runtime = 0;
  *complaint = NULL;
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
  else *complaint = confinement_complaint(options);
  return *complaint == NULL ? 0 : -EINVAL;
}
