/* A process is more than a file, argv and environment: whatever else the shim has changed, a warm interpreter would not
 * know of. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracee.h"
#include "tracer.h"

#define STANDARD_FDS 3
/* 32 and 33, which C libraries keep for themselves and leave ignored in what they start; and SIGPIPE, which programs in
 * Rust hand on ignored, and which Python and Node ignore themselves, whatever they were given. */
#define HARMLESS_SIGNALS (3ull << 31 | 1ull << (SIGPIPE - 1))

static bool has_other_descriptors(pid_t pid)
{
  char path[32];
  int fds = 0;
  snprintf(path, sizeof path, "/proc/%d/fd", pid);
  DIR *folder = opendir(path);
  if (folder == NULL) return true;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) fds += entry->d_name[0] != '.';
  closedir(folder);
  return fds != STANDARD_FDS;
}

static bool has_other_limits(pid_t pid)
{
  for (int which = 0; which < RLIM_NLIMITS; which++) {
    struct rlimit own, its;
    if (getrlimit(which, &own) < 0 || prlimit(pid, which, NULL, &its) < 0) return true;
    if (own.rlim_cur != its.rlim_cur || own.rlim_max != its.rlim_max) return true;
  }
  return getpriority(PRIO_PROCESS, (id_t)pid) != getpriority(PRIO_PROCESS, 0);
}

static bool is_elsewhere(pid_t pid, const char *folder)
{
  char path[32];
  struct stat its, given;
  snprintf(path, sizeof path, "/proc/%d/cwd", pid);
  if (stat(path, &its) < 0 || stat(folder, &given) < 0) return true;
  return its.st_dev != given.st_dev || its.st_ino != given.st_ino;
}

static unsigned long long status_number(const char *status, const char *name, int base)
{
  const char *at = strstr(status, name);
  return at == NULL ? ~0ull : strtoull(at + strlen(name), NULL, base);
}

static bool has_other_signals_or_mask(pid_t pid)
{
  size_t length;
  char *status = tracee_file(pid, "status", &length);
  if (status == NULL) return true;
  mode_t own = umask(0);
  umask(own);
  bool differs = (status_number(status, "\nSigIgn:\t", 16) & ~HARMLESS_SIGNALS) != 0 ||
                 status_number(status, "\nSigBlk:\t", 16) != 0 || status_number(status, "\nUmask:\t", 8) != own;
  free(status);
  return differs;
}

const char *unaccounted(const struct shim *shim, const struct request *request)
{
  int said_bytes = 1, left_bytes = 0;
  if (ioctl(shim->out_fd, FIONREAD, &said_bytes) < 0 || said_bytes != 0) return "it says something itself";
  if (ioctl(shim->stdin_fd, FIONREAD, &left_bytes) < 0 || left_bytes != 1) return "it reads stdin";
  if (has_other_descriptors(shim->pid)) return "it hands on other descriptors";
  if (has_other_limits(shim->pid)) return "it changes limits";
  if (is_elsewhere(shim->pid, request->folder)) return "it changes the folder";
  if (has_other_signals_or_mask(shim->pid)) return "it changes signals or the umask";
  if (getsid(shim->pid) != shim->pid || getpgid(shim->pid) != shim->pid) return "it changes the session";
  return NULL;
}
