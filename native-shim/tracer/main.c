/* Started by the daemon, as `supervisor-tracer HELPER...` with a request on stdin. Exits 0 if it could trace, 71 where the
 * system does not let it, 64 on a wrong request. What it has started dies with it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tracee.h"
#include "tracer.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#define EXIT_USAGE 64
#define EXIT_SYSTEM 71

void report(const char *what, const char *text)
{
  fwrite(what, 1, strlen(what) + 1, stdout);
  fwrite(text, 1, strlen(text) + 1, stdout);
}

static int report_strings(pid_t pid, const char *file)
{
  size_t length, count = 0;
  char number[32], *content = tracee_file(pid, file, &length);
  if (content == NULL) return -EIO;
  for (size_t i = 0; i < length; i++) count += content[i] == '\0';
  if (length > 0 && content[length - 1] != '\0') return -EIO; /* the kernel has cut it */
  snprintf(number, sizeof number, "%zu", count);
  report(file, number);
  fwrite(content, 1, length, stdout);
  free(content);
  return 0;
}

int report_end(pid_t pid, const char *path)
{
  report("end", path);
  int status = report_strings(pid, "cmdline");
  return status < 0 ? status : report_strings(pid, "environ");
}

/* Kills and buries all that is left, so that nobody else has to. */
static void end_all(pid_t shim)
{
  kill(-shim, SIGKILL);
  kill(shim, SIGKILL);
  for (pid_t pid; (pid = waitpid(-1, NULL, __WALL)) > 0;) kill(pid, SIGKILL);
}

int main(int argc, char **argv)
{
  struct request request = {.helpers = argv + 1, .helper_count = argc - 1};
  struct shim shim;
  /* What our parent has left open is not the shim's doing. */
  if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, 0) < 0) return EXIT_SYSTEM;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) return EXIT_SYSTEM;
  if (request_read(0, &request) < 0) return EXIT_USAGE;
  int status = shim_start(&request, &shim);
  if (status == 0) {
    status = trace(&request, &shim);
    end_all(shim.pid);
  }
  if (status < 0) fprintf(stderr, "supervisor-tracer: %s\n", strerror(-status));
  return status == 0 && fflush(stdout) == 0 ? 0 : EXIT_SYSTEM;
}
