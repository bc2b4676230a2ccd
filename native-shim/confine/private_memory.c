#include "private_memory.h"

#include "memory.h"
#include "sys.h"
#include "text.h"

#define MAPS_MAX_BYTES (1024u * 1024)
#define RIGHTS "rw-p "
#define STACK "[stack]"

static int ends_with(const char *end, const char *start, const char *text)
{
  size_t length = text_length(text);
  if ((size_t)(end - start) < length) return 0;
  for (size_t i = 0; i < length; i++)
    if (end[i - length] != text[i]) return 0;
  return 1;
}

/* Hexadecimal, and the one character that follows it. */
static unsigned long number(const char **at)
{
  unsigned long value = 0;
  for (; **at > ' ' && **at != '-'; ++*at) value = value << 4 | (unsigned long)(**at <= '9' ? **at - '0' : **at - 'a' + 10);
  ++*at;
  return value;
}

/* A line: start-end rights ... path */
static void note(struct private_memory *found, const char *line, const char *end, const char *without)
{
  const char *at = line;
  unsigned long first = number(&at), after = number(&at);
  if (text_after(at, RIGHTS) == NULL || ends_with(end, line, STACK) || ends_with(end, line, without)) return;
  found->ranges[found->count].start = first;
  found->ranges[found->count++].end = after;
}

/* Whole, since a path may be as long as any; NUL ends it. */
static void read_maps(char *text)
{
  long length = 0, got;
  int fd = sys_open("/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return;
  while ((got = sys_read(fd, text + length, (size_t)(MAPS_MAX_BYTES - 1 - length))) > 0) length += got;
  sys_close(fd);
}

void private_memory_find(struct private_memory *found, const char *without)
{
  char *text = sys_map(MAPS_MAX_BYTES);
  found->count = 0;
  if (text == NULL) return;
  read_maps(text);
  for (const char *line = text, *at = text; *at != '\0' && found->count < PRIVATE_RANGES_MAX; at++) {
    if (*at != '\n') continue;
    note(found, line, at, without);
    line = at + 1;
  }
  SYS6(SYS_munmap, text, MAPS_MAX_BYTES, 0, 0, 0, 0);
}
