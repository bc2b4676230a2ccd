#include "options.h"

#include "layers.h"
#include "text.h"

#define TMP_MAX_BYTES_DEFAULT (64ull << 20)
#define TMP_MAX_FILES_DEFAULT 16384
#define NUMBER_MAX (1ull << 50)
#define DESCRIPTOR_MAX 1023

/* 0: not a number up to max. */
static int parse_number(const char *text, uint64_t max, uint64_t *number)
{
  *number = 0;
  if (*text == '\0') return 0;
  for (; *text >= '0' && *text <= '9'; text++) {
    *number = *number * 10 + (uint64_t)(*text - '0');
    if (*number > max) return 0;
  }
  return *text == '\0';
}

/* Absolute, plain, and not the root itself: each of its names is one step down, so that a prefix of it is a folder above. */
static int is_plain_path(const char *path)
{
  if (path[0] != '/' || path[1] == '\0' || text_length(path) > LINE_MAX_BYTES / 2) return 0;
  while (*path == '/') {
    const char *name = ++path;
    while (*path != '\0' && *path != '/') path++;
    size_t length = (size_t)(path - name);
    if (length == 0 || (name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')))) return 0;
  }
  return 1;
}

static int add_path(struct path_list *list, const char *path)
{
  if (list->count == SANDBOX_PATHS_MAX || !is_plain_path(path)) return 0;
  list->paths[list->count++] = path;
  return 1;
}

static int parse_word(const char *text, const char *no, const char *yes, int *is_yes)
{
  *is_yes = text_equal(text, yes);
  return *is_yes || text_equal(text, no);
}

static int parse_outer(const char *text, enum outer *outer)
{
  int is_kept, is_word = parse_word(text, "new", "kept", &is_kept);
  *outer = is_kept ? OUTER_KEPT : OUTER_NEW;
  return is_word;
}

static int parse_descriptor(const char *text, int *fd)
{
  uint64_t number;
  if (!parse_number(text, DESCRIPTOR_MAX, &number)) return 0;
  *fd = (int)number;
  return 1;
}

static int parse_network(const char *text, struct confine_options *options)
{
  options->has_network = text_equal(text, "host");
  options->has_door = text_equal(text, "door");
  return options->has_network || options->has_door || text_equal(text, "none");
}

/* 0: an option nobody knows, or a value it cannot have. */
static int take(struct confine_options *options, const char *name, const char *value)
{
  if (text_equal(name, "level")) return parse_word(value, "restricted", "untrusted", &options->is_untrusted);
  if (text_equal(name, "layers")) return sandbox_layers_parse(value, &options->layers) == 0;
  if (text_equal(name, "network")) return parse_network(value, options);
  if (text_equal(name, "read")) return add_path(&options->reads, value);
  if (text_equal(name, "write")) return add_path(&options->writes, value);
  if (text_equal(name, "protect")) return add_path(&options->protects, value);
  if (text_equal(name, "tmp-max-bytes")) return parse_number(value, NUMBER_MAX, &options->tmp_max_bytes);
  if (text_equal(name, "tmp-max-files")) return parse_number(value, NUMBER_MAX, &options->tmp_max_files);
  if (text_equal(name, "program")) return parse_word(value, "path", "open", &options->is_program_open);
  if (text_equal(name, "order-fd")) return parse_descriptor(value, &options->order_fd);
  if (text_equal(name, "tell")) return parse_word(value, "words", "keeper", &options->is_kept_by_keeper);
  if (text_equal(name, "outer")) return parse_outer(value, &options->outer);
  if (text_equal(name, "name")) {
    options->name = value;
    return 1;
  }
  return 0;
}

const char *confine_options_parse(struct confine_options *options, char **argv)
{
  *options = (struct confine_options){
    .tmp_max_bytes = TMP_MAX_BYTES_DEFAULT, .tmp_max_files = TMP_MAX_FILES_DEFAULT, .order_fd = -1,
  };
  int has_level = 0;
  for (; *argv != NULL && !text_equal(*argv, "--"); argv += 2) {
    const char *name = text_after(*argv, "--");
    if (name == NULL || argv[1] == NULL || !take(options, name, argv[1])) return *argv;
    has_level |= text_equal(name, "level");
  }
  if (*argv == NULL || argv[1] == NULL) return "no program after --";
  options->command = argv + 1;
  if (!has_level) return "--level";
  if (options->layers == 0) return "--layers"; /* else it would run as it is, and nobody notice */
  if (options->has_network && has_layer(options, LAYER_NET)) return "--network host with networkNamespace";
  uint32_t outer_needs = LAYER_BIT(LAYER_USER) | LAYER_BIT(LAYER_NET) | LAYER_BIT(LAYER_PID);
  if (options->outer != OUTER_NONE && (options->layers & outer_needs) != outer_needs) return "--outer without its namespaces";
  if (options->outer == OUTER_NEW && options->order_fd < 0) return "--outer new without --order-fd";
  if (options->outer != OUTER_NONE && options->has_door) return "--outer with --network door";
  if (options->has_door && !(has_layer(options, LAYER_NET) && has_layer(options, LAYER_PID)))
    return "--network door without networkNamespace and pidNamespace";
  if (options->protects.count > 0 && !has_layer(options, LAYER_MOUNT)) return "--protect without mountNamespace";
  return sandbox_layers_lack(options->layers);
}
