#include "options.h"

#include "text.h"
#include "wire.h"

static const char usage[] =
  "usage: supervisor-hook run [OPTIONS] -- COMMAND [ARGUMENT...]\n"
  "       supervisor-hook sh  [OPTIONS] [--shell PATH] 'TEXT'\n"
  "       supervisor-hook event [OPTIONS] [--agent AGENT]\n"
  "\n"
  "run and sh: runs a hook through the supervisor, with the answer of a direct run.\n"
  "event: answers the agent's event on standard input with the verdict of all validators and hooks it concerns.\n"
  "\n"
  "  --timeout DURATION         end the hook after 1500ms, 30s or 2m\n"
  "  --level LEVEL              least isolation to run at: contained, restricted or untrusted\n"
  "  --on-unavailable POLICY    if no supervisor takes the call: run it directly, block (exit 2) or allow (exit 0);\n"
  "                             by default run at contained, block above and for events\n"
  "  --accept-timeout DURATION  no supervisor takes the call if it has not begun by then; default: wait\n"
  "  --autostart                where no supervisor runs, start one for the calls to come\n"
  "  --socket PATH              the supervisor's socket\n"
  "  --explain FILE             append one line of JSON: where the hook ran, under what limits, how it ended\n"
  "  --shell PATH               shell for TEXT (default /bin/sh)\n"
  "  --agent AGENT              whose event it is: claude, gemini, codex, cursor or copilot; default: as the event tells\n"
  "  --help, --version\n";

static enum parse_result wrong(const char *what, const char *which)
{
  struct line line;
  line_start(&line);
  line_add(&line, what);
  line_add(&line, which);
  line_add(&line, " (try supervisor-hook --help)");
  complain(line.bytes);
  return PARSE_WRONG;
}

static enum parse_result say(const char *text)
{
  write_all(1, text, text_length(text));
  return PARSE_DONE;
}

/* "1500ms", "30s", "2m" to milliseconds. A number without unit is refused: seconds and milliseconds look alike.
 * 1, or 0 for anything else, zero included. */
static int parse_duration_ms(const char *text, uint32_t *duration_ms)
{
  uint64_t number = 0;
  if (*text == 0) return 0;
  for (; *text >= '0' && *text <= '9'; text++) {
    number = number * 10 + (uint64_t)(*text - '0');
    if (number > UINT32_MAX) return 0;
  }
  if (text_equal(text, "s")) number *= 1000;
  else if (text_equal(text, "m")) number *= 60 * 1000;
  else if (!text_equal(text, "ms")) return 0;
  *duration_ms = (uint32_t)number;
  return number > 0 && number <= UINT32_MAX;
}

static enum parse_result set_level(struct options *options, const char *value)
{
  if (text_equal(value, "contained")) options->level = LEVEL_CONTAINED;
  else if (text_equal(value, "restricted")) options->level = LEVEL_RESTRICTED;
  else if (text_equal(value, "untrusted")) options->level = LEVEL_UNTRUSTED;
  else return wrong("--level takes contained, restricted or untrusted, not ", value);
  return PARSE_OK;
}

static enum parse_result set_on_unavailable(struct options *options, const char *value)
{
  if (text_equal(value, "run")) options->on_unavailable = UNAVAILABLE_RUN;
  else if (text_equal(value, "block")) options->on_unavailable = UNAVAILABLE_BLOCK;
  else if (text_equal(value, "allow")) options->on_unavailable = UNAVAILABLE_ALLOW;
  else return wrong("--on-unavailable takes run, block or allow, not ", value);
  return PARSE_OK;
}

static enum parse_result set_duration(uint32_t *duration_ms, const char *value)
{
  return parse_duration_ms(value, duration_ms) ? PARSE_OK : wrong("not a duration such as 1500ms, 30s or 2m: ", value);
}

static enum parse_result set_text(const char **text, const char *value)
{
  *text = value;
  return PARSE_OK;
}

enum option_name { OPTION_UNKNOWN, TIMEOUT, LEVEL, ON_UNAVAILABLE, ACCEPT_TIMEOUT, SOCKET, EXPLAIN, SHELL, AGENT };

/* Finds the option that `word` names; *value is what follows its '=', or NULL. */
static enum option_name recognise(const char *word, const char **value)
{
  static const struct { char text[20]; enum option_name name; } names[] = {
    { "--timeout", TIMEOUT }, { "--level", LEVEL },     { "--on-unavailable", ON_UNAVAILABLE },
    { "--socket", SOCKET },   { "--explain", EXPLAIN }, { "--accept-timeout", ACCEPT_TIMEOUT },
    { "--shell", SHELL },     { "--agent", AGENT },
  };
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
    const char *rest = text_after(word, names[i].text);
    if (rest == NULL || (*rest != 0 && *rest != '=')) continue;
    *value = *rest == '=' ? rest + 1 : NULL;
    return names[i].name;
  }
  return OPTION_UNKNOWN;
}

/* @param word for --shell and --agent, which only one verb has each */
static enum parse_result set_option(struct options *options, const char **word, enum option_name name, const char *value)
{
  switch (name) {
    case TIMEOUT: return set_duration(&options->timeout_ms, value);
    case ACCEPT_TIMEOUT: return set_duration(&options->accept_timeout_ms, value);
    case LEVEL: return set_level(options, value);
    case ON_UNAVAILABLE: return set_on_unavailable(options, value);
    case SOCKET: return set_text(&options->socket_path, value);
    case EXPLAIN: return set_text(&options->explain_path, value);
    case SHELL:
    case AGENT: return set_text(word, value);
    case OPTION_UNKNOWN: break;
  }
  return PARSE_WRONG;
}

const char *level_above_contained(const struct options *options)
{
  if (options->level == LEVEL_RESTRICTED) return "restricted";
  return options->level == LEVEL_UNTRUSTED ? "untrusted" : NULL;
}

/* A direct run has the rights of the user, whatever the level says. */
static enum parse_result settle_unavailable(struct options *options)
{
  if (options->is_event) {
    if (options->on_unavailable == UNAVAILABLE_RUN)
      return wrong("--on-unavailable run: an event has no command that could be run, choose block or allow", "");
    if (options->on_unavailable == UNAVAILABLE_DEFAULT) options->on_unavailable = UNAVAILABLE_BLOCK;
    return PARSE_OK;
  }
  const char *level = level_above_contained(options);
  if (level != NULL && options->on_unavailable == UNAVAILABLE_RUN)
    return wrong("--on-unavailable run: a direct run would have more rights than --level ", level);
  if (options->on_unavailable == UNAVAILABLE_DEFAULT)
    options->on_unavailable = level != NULL ? UNAVAILABLE_BLOCK : UNAVAILABLE_RUN;
  return PARSE_OK;
}

static enum parse_result take_event(struct options *options, char **rest, const char *agent)
{
  if (*rest != NULL) return wrong("event takes no arguments: ", *rest);
  if (options->level != LEVEL_UNSPECIFIED) return wrong("event takes no --level: each validator has its own", "");
  options->made_argv[0] = "event";
  options->made_argv[1] = (char *)agent;
  options->argv = options->made_argv;
  return settle_unavailable(options);
}

static enum parse_result take_command(struct options *options, char **rest, int has_separator, const char *shell)
{
  if (!options->is_shell_text) {
    if (!has_separator && *rest != NULL) return wrong("run needs -- before the command: ", *rest);
    if (*rest == NULL) return wrong("run needs a command after --", "");
    options->argv = rest;
  } else {
    if (*rest == NULL) return wrong("sh needs the text of a command", "");
    if (rest[1] != NULL) return wrong("sh takes one text, quote it whole; too many: ", rest[1]);
    options->made_argv[0] = (char *)shell;
    options->made_argv[1] = "-c";
    options->made_argv[2] = rest[0];
    options->argv = options->made_argv;
  }
  return settle_unavailable(options);
}

enum parse_result parse_options(int argc, char **argv, struct options *options)
{
  *options = (struct options){ .level = LEVEL_UNSPECIFIED };
  if (argc < 2) return wrong("run, sh or event?", "");
  if (text_equal(argv[1], "--help")) return say(usage);
  if (text_equal(argv[1], "--version")) return say("supervisor-hook " CLIENT_VERSION "\n");
  options->is_shell_text = text_equal(argv[1], "sh");
  options->is_event = text_equal(argv[1], "event");
  if (!options->is_shell_text && !options->is_event && !text_equal(argv[1], "run"))
    return wrong("run, sh or event, not ", argv[1]);

  const char *own = options->is_event ? "" : "/bin/sh"; /* the value of --agent, or of --shell */
  char **word = argv + 2;
  for (; *word != NULL && (*word)[0] == '-'; word++) {
    if (text_equal(*word, "--")) {
      if (options->is_event) return take_event(options, word + 1, own);
      return take_command(options, word + 1, 1, own);
    }
    if (text_equal(*word, "--help")) return say(usage);
    if (text_equal(*word, "--autostart")) {
      options->is_autostart = 1;
      continue;
    }
    const char *value;
    enum option_name name = recognise(*word, &value);
    if (name == OPTION_UNKNOWN || (name == SHELL && !options->is_shell_text) || (name == AGENT && !options->is_event))
      return wrong("unknown option ", *word);
    if (value == NULL) value = *++word;
    if (value == NULL || *value == 0) return wrong("a value is missing after ", word[value == NULL ? -1 : 0]);
    enum parse_result result = set_option(options, &own, name, value);
    if (result != PARSE_OK) return result;
  }
  if (options->is_event) return take_event(options, word, own);
  return take_command(options, word, 0, own);
}
