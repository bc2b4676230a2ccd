#include "sandbox_fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"
#include "harness.h"

#define NOBODY 65534

static char folder[64];

static int become_ordinary(void)
{
  if (geteuid() != 0) return 0;
  if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 || setresuid(NOBODY, NOBODY, NOBODY) < 0) return -1;
  return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* a change of uid takes it away, and with it /proc/self */
}

static int child(int (*run)(void *), void *argument, int is_ordinary)
{
  int *result = mmap(NULL, sizeof *result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(result != MAP_FAILED);
  *result = __LINE__;
  pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    int is_ready = !is_ordinary || become_ordinary() == 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* one that hangs must not outlive the run; a change of uid would undo it */
    if (is_ready) *result = run(argument);
    _exit(0);
  }
  int status;
  CHECK_EQUAL(waitpid(pid, &status, 0), pid);
  int answer = WIFSIGNALED(status) ? -WTERMSIG(status) : *result;
  munmap(result, sizeof *result);
  return answer;
}

int in_child(int (*run)(void *), void *argument)
{
  return child(run, argument, 0);
}

int in_ordinary_child(int (*run)(void *), void *argument)
{
  return child(run, argument, 1);
}

const char *make_folder(void)
{
  static int is_registered;
  if (!is_registered) is_registered = atexit(remove_folder) == 0; /* a test that fails does not come to its end */
  remove_folder();
  strcpy(folder, "/tmp/hs-sandbox-XXXXXX");
  CHECK(mkdtemp(folder) != NULL);
  CHECK_EQUAL(chmod(folder, 0777), 0);
  return folder;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
  (void)status, (void)kind, (void)where;
  return remove(path);
}

void remove_folder(void)
{
  if (folder[0] != '\0') nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  folder[0] = '\0';
}

const char *in_folder(const char *name)
{
  static char paths[8][256];
  static unsigned next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

void make_file(const char *path, const char *text)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  CHECK(fd >= 0);
  CHECK_EQUAL(write(fd, text, strlen(text)), (int64_t)strlen(text));
  CHECK_EQUAL(fchmod(fd, 0666), 0);
  close(fd);
}

int landlock_abi_or_skip(int wanted)
{
  int abi = sandbox_landlock_abi();
  if (abi < wanted) harness_skip(abi < 0 ? "this kernel does not run Landlock" : "this kernel's Landlock is too old");
  return abi;
}

int restrict_files(const struct sandbox_rule *rules, size_t count, int is_tcp_denied)
{
  size_t failed;
  int abi = sandbox_landlock_abi();
  int ruleset = sandbox_landlock_make(abi, is_tcp_denied);
  if (ruleset < 0) return ruleset;
  int status = sandbox_landlock_allow(ruleset, abi, rules, count, &failed);
  if (status == 0) status = sandbox_no_new_privs();
  if (status == 0) status = sandbox_landlock_restrict(ruleset);
  close(ruleset);
  return status;
}

int restrict_calls(uint32_t cases)
{
  struct sandbox_filter filter;
  int status = sandbox_filter_build(&filter, cases, (uint32_t)getpid());
  if (status == 0) status = sandbox_no_new_privs();
  return status < 0 ? status : sandbox_filter_load(&filter);
}
