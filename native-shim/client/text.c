#include "text.h"

#include "memory.h"
#include "sys.h"

size_t text_length(const char *text)
{
  size_t length = 0;
  while (text[length] != 0) length++;
  return length;
}

int text_equal(const char *a, const char *b)
{
  while (*a != 0 && *a == *b) a++, b++;
  return *a == *b;
}

const char *text_after(const char *text, const char *prefix)
{
  for (; *prefix != 0; prefix++, text++)
    if (*text != *prefix) return NULL;
  return text;
}

const char *text_environment(char *const *env, const char *name)
{
  for (; *env != NULL; env++) {
    const char *rest = text_after(*env, name);
    if (rest != NULL && rest[0] == '=') return rest + 1;
  }
  return NULL;
}

void line_start(struct line *line)
{
  line->length = 0;
  line->is_cut = 0;
  line->bytes[0] = 0;
}

void line_add_bytes(struct line *line, const char *bytes, size_t length)
{
  if (length > LINE_MAX_BYTES - line->length) {
    length = LINE_MAX_BYTES - line->length;
    line->is_cut = 1;
  }
  memcpy(line->bytes + line->length, bytes, length);
  line->length += length;
  line->bytes[line->length] = 0;
}

void line_add(struct line *line, const char *text)
{
  line_add_bytes(line, text, text_length(text));
}

void line_add_number(struct line *line, int64_t number)
{
  char digits[20];
  size_t at = sizeof digits;
  uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
  do digits[--at] = (char)('0' + rest % 10);
  while ((rest /= 10) != 0);
  if (number < 0) line_add(line, "-");
  line_add_bytes(line, digits + at, sizeof digits - at);
}

void line_add_error(struct line *line, int error)
{
  switch (error) {
    case -ENOENT: line_add(line, "No such file or directory"); return;
    case -EACCES: line_add(line, "Permission denied"); return;
    case -EPERM: line_add(line, "Operation not permitted"); return;
    case -ENOTDIR: line_add(line, "Not a directory"); return;
    case -ELOOP: line_add(line, "Too many levels of symbolic links"); return;
    case -ENAMETOOLONG: line_add(line, "File name too long"); return;
    case -ENOEXEC: line_add(line, "Exec format error"); return;
    case -E2BIG: line_add(line, "Argument list too long"); return;
    case -ETXTBSY: line_add(line, "Text file busy"); return;
    case -ENOMEM: line_add(line, "Cannot allocate memory"); return;
    default:
      line_add(line, "cannot be run, error ");
      line_add_number(line, -error);
  }
}

void line_add_json(struct line *line, const char *text)
{
  line_add(line, "\"");
  for (; *text != 0; text++) {
    char byte = *text < ' ' || *text > '~' ? '?' : *text;
    if (byte == '"' || byte == '\\') line_add(line, "\\");
    line_add_bytes(line, &byte, 1);
  }
  line_add(line, "\"");
}

int write_all(int fd, const void *bytes, size_t length)
{
  const char *at = bytes;
  while (length > 0) {
    long written = sys_write(fd, at, length);
    if (written == -EAGAIN) {
      struct pollfd ready = { .fd = fd, .events = POLLOUT };
      sys_poll(&ready, 1, -1);
      continue;
    }
    if (written == -EINTR) continue;
    if (written < 0) return (int)written;
    at += written;
    length -= (size_t)written;
  }
  return 0;
}

void complain(const char *text)
{
  struct line line;
  line_start(&line);
  line_add(&line, "supervisor-hook: ");
  line_add(&line, text);
  line_add(&line, "\n");
  write_all(2, line.bytes, line.length);
}
