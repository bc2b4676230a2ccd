#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tracer.h"

#define REQUEST_MAX_BYTES (8u << 20)

static char *next_string(char **at, const char *end)
{
  char *start = *at, *nul = start < end ? memchr(start, '\0', (size_t)(end - start)) : NULL;
  if (nul == NULL) return NULL;
  *at = nul + 1;
  return start;
}

/* count strings, or all that are left where count is -1. NULL where there are fewer. */
static char **next_strings(char **at, const char *end, long count)
{
  size_t capacity = 1;
  for (const char *c = *at; c < end; c++) capacity += *c == '\0';
  char **strings = calloc(capacity, sizeof *strings);
  if (strings == NULL || count >= (long)capacity) return NULL;
  for (long i = 0; count < 0 ? *at < end : i < count; i++)
    if ((strings[i] = next_string(at, end)) == NULL) return NULL;
  return strings;
}

int request_read(int fd, struct request *request)
{
  char *blob = malloc(REQUEST_MAX_BYTES);
  size_t length = 0;
  ssize_t got;
  if (blob == NULL) return -ENOMEM;
  while ((got = read(fd, blob + length, REQUEST_MAX_BYTES - length)) > 0) length += (size_t)got;
  if (got < 0) return -errno;
  char *at = blob, *end = blob + length, *argc;
  request->path = next_string(&at, end);
  request->folder = next_string(&at, end);
  argc = next_string(&at, end);
  if (argc == NULL) return -EPROTO;
  request->argv = next_strings(&at, end, strtol(argc, NULL, 10));
  request->envp = next_strings(&at, end, -1);
  return request->argv != NULL && request->argv[0] != NULL && request->envp != NULL ? 0 : -EPROTO;
}
