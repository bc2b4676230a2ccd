#include "explain.h"

#include "sys.h"
#include "text.h"

int explain_open(const char *path)
{
  return sys_open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
}

/* In one write: several hooks may append to the file at the same time. */
static void append(int fd, struct line *line)
{
  line_add(line, "\n");
  write_all(fd, line->bytes, line->length);
}

void explain_from_daemon(int fd, const unsigned char *json, size_t length)
{
  struct line line;
  if (fd < 0 || length == 0) return;
  line_start(&line);
  line_add_bytes(&line, (const char *)json, length);
  append(fd, &line);
}

void explain_from_client(int fd, const char *path, const char *outcome, const char *why)
{
  struct line line;
  if (fd < 0) return;
  line_start(&line);
  line_add(&line, "{\"path\":");
  if (path != NULL) line_add_json(&line, path);
  else line_add(&line, "null");
  line_add(&line, ",\"runtime\":null,\"pid\":");
  line_add_number(&line, sys_pid());
  line_add(&line, ",\"slot\":null,\"generation\":null,\"outcome\":");
  line_add_json(&line, outcome);
  line_add(&line, ",\"milliseconds\":null,\"level\":null,\"enforced\":[],\"usage\":null,\"why\":");
  line_add_json(&line, why);
  line_add(&line, "}");
  append(fd, &line);
}
