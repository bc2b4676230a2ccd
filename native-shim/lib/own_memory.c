#include "own_memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD_BYTES 512 /* "Pss:" is the third line of some twenty */

uint32_t own_memory_kib(void)
{
  /* No stdio: a parked interpreter holds every page that is touched here for as long as it waits. */
  char text[HEAD_BYTES];
  int fd = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC); /* not before Linux 4.14 */
  if (fd < 0) return 0;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return 0;
  text[length] = '\0';
  const char *line = strstr(text, "\nPss:");
  return line == NULL ? 0 : (uint32_t)strtoul(line + strlen("\nPss:"), NULL, 10);
}
