/* Starting the shim as an agent starts a hook: own session, stdio on pipes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "calls.h"
#include "tracer.h"

#define EXIT_NOT_STARTED 127

static void be_shim(const struct request *request, const int go[2], const int in[2], const int out[2])
{
  char go_on;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setsid();
  for (int number = 1; number < SIGRTMIN; number++) signal(number, SIG_DFL);
  if (dup2(in[0], 0) < 0 || dup2(out[1], 1) < 0 || dup2(out[1], 2) < 0 || chdir(request->folder) < 0)
    _exit(EXIT_NOT_STARTED);
  close(go[1]);
  if (read(go[0], &go_on, 1) == 1 && calls_stop() == 0) execve(request->path, request->argv, request->envp);
  _exit(EXIT_NOT_STARTED);
}

int shim_start(const struct request *request, struct shim *shim)
{
  int go[2], in[2], out[2];
  if (pipe2(go, O_CLOEXEC) < 0 || pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0) return -errno;
  if (write(in[1], "x", 1) != 1) return -errno;
  pid_t pid = fork();
  if (pid < 0) return -errno;
  if (pid == 0) be_shim(request, go, in, out);
  close(go[0]);
  close(in[1]);
  close(out[1]);
  *shim = (struct shim){.pid = pid, .go_fd = go[1], .stdin_fd = in[0], .out_fd = out[0]};
  return 0;
}
