/* Becomes the program it is given, and has that stopped at a step that takes it no time and leaves nothing to wait for:
 * `connected` (its connect has succeeded, nothing is sent) or `headed` (of its first message half a header is sent, the rest
 * follows once it goes on). The stop is a SIGSTOP like any other: who looks on lets it go. */
#include <errno.h>
#include <fcntl.h>

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define HALF_HEADER_BYTES 8
#define STOPPED_IN_CALL (SIGTRAP | 0x80)

_Noreturn static void fail(const char *what)
{
  fprintf(stderr, "held-client: %s: %s\n", what, strerror(errno));
  _exit(1);
}

static void shorten_message(pid_t pid, unsigned long message)
{
  errno = 0;
  long part = ptrace(PTRACE_PEEKDATA, pid, message + offsetof(struct msghdr, msg_iov), 0);
  if (errno != 0) fail("read its message");
  if (ptrace(PTRACE_POKEDATA, pid, part + offsetof(struct iovec, iov_len), HALF_HEADER_BYTES) < 0) fail("shorten it");
}

/* 1 once the call that ends here is the one to be held after. */
static int has_come(pid_t pid, int wants_header)
{
  static unsigned long number;
  struct __ptrace_syscall_info info;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) < 0) fail("look at its call");
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
    number = info.entry.nr;
    if (wants_header && number == SYS_sendmsg) shorten_message(pid, info.entry.args[1]);
    return 0;
  }
  if (info.op != PTRACE_SYSCALL_INFO_EXIT) return 0;
  if (wants_header) return number == SYS_sendmsg && info.exit.rval == HALF_HEADER_BYTES;
  return number == SYS_connect && info.exit.rval == 0;
}

_Noreturn static void hold(pid_t pid, int wants_header, int go_fd)
{
  int status;
  if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC) < 0) fail("trace it");
  if (write(go_fd, "g", 1) != 1) fail("let it begin");
  for (;;) {
    if (waitpid(pid, &status, __WALL) < 0) fail("wait for it");
    if (!WIFSTOPPED(status)) _exit(1);
    if (WSTOPSIG(status) == STOPPED_IN_CALL && has_come(pid, wants_header)) break;
    int is_signal = status >> 16 == 0 && WSTOPSIG(status) != STOPPED_IN_CALL;
    if (ptrace(PTRACE_SYSCALL, pid, 0, is_signal ? WSTOPSIG(status) : 0) < 0) fail("let it go on");
  }
  /* Waits for it at the end of the call: it does nothing of its own before. */
  kill(pid, SIGSTOP);
  if (ptrace(PTRACE_DETACH, pid, 0, 0) < 0) fail("leave it");
  _exit(0);
}

int main(int argc, char **argv)
{
  int go[2];
  pid_t self = getpid();
  if (argc < 3 || pipe2(go, O_CLOEXEC) < 0) fail("use: held-client connected|headed PROGRAM ARGS...");
  prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
  /* Twice: the program must have no child that it does not know. */
  pid_t between = fork();
  if (between == 0) {
    if (fork() == 0) hold(self, strcmp(argv[1], "headed") == 0, go[1]);
    _exit(0);
  }
  if (between < 0 || waitpid(between, NULL, 0) < 0) fail("fork");
  close(go[1]);
  char byte;
  if (read(go[0], &byte, 1) != 1) fail("nobody traces");
  execv(argv[2], argv + 2);
  fail(argv[2]);
}
