/* Spawns a shell that lists its descriptors, from a process with descriptors that are not close-on-exec, which Node
 * never has. With an argument, close_range is refused first, as an old kernel or a container's filter does. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn.h"

static int refuse_close_range(void)
{
  struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { .len = sizeof filter / sizeof filter[0], .filter = filter };
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
  (void)argv;
  if (argc > 1 && refuse_close_range() < 0) return 2;
  for (int i = 0; i < 200; i++)
    if (open("/etc", O_RDONLY | O_DIRECTORY) < 0) return 3;
  char *const command[] = { "sh", "-c", "readlink /proc/$$/fd/*; true", NULL };
  char *const environment[] = { "PATH=/usr/bin:/bin", NULL };
  int fds[] = { 5 };
  struct spawn_request request = { .file = "/bin/sh", .argv = command, .envp = environment, .cwd = "/",
                                   .fds = fds, .fd_count = 1, .log_fd = 1 };
  pid_t pid;
  int status;
  if (spawn_process(&request, &pid) < 0) return 4;
  if (waitpid(pid, &status, 0) != pid) return 5;
  return WEXITSTATUS(status);
}
