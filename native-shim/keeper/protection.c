#include "protection.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_MODE 0755
#define DIGEST_START 0xcbf29ce484222325ull /* FNV-1a, by words */
#define DIGEST_PRIME 0x100000001b3ull

/* The length of the longest written folder that the path lies in; 0: none, then nobody can make anything of it. */
static size_t written_part(const struct confinement *of, const char *path)
{
  size_t longest = 0;
  for (size_t i = 0; i < of->write_count; i++) {
    size_t length = strlen(of->writes[i]);
    if (strncmp(path, of->writes[i], length) == 0 && path[length] == '/' && length > longest) longest = length;
  }
  return longest;
}

static int is_empty_folder(const char *path)
{
  DIR *folder = opendir(path);
  if (folder == NULL) return 0;
  const struct dirent *entry;
  do entry = readdir(folder);
  while (entry != NULL && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
  closedir(folder);
  return entry == NULL;
}

static int make(struct protection *protection, const char *path)
{
  if (protection->made_count == SANDBOX_PATHS_MAX) return -ENOSPC;
  char *copy = strdup(path);
  if (copy == NULL) return -ENOMEM;
  if (mkdir(path, FOLDER_MODE) == 0) {
    protection->made[protection->made_count++] = copy;
    return 0;
  }
  int status = errno == EEXIST ? 0 : -errno; /* another pool of the same project was quicker */
  free(copy);
  return status;
}

/* Cuts part, a path, down to what is held for it. An empty folder on the way is held itself: it may be one that we or
 * another pool have made, and a .git of ours with more in it would keep the user from making a real one. */
static int hold(struct protection *protection, char *part, size_t written)
{
  struct stat found;
  if (written == 0 || lstat(part, &found) == 0) return 0;
  for (size_t at = written + 1;; at++) {
    char here = part[at];
    if (here != '/' && here != '\0') continue;
    part[at] = '\0';
    if (lstat(part, &found) < 0) return errno == ENOENT ? make(protection, part) : -errno;
    if (!S_ISDIR(found.st_mode) || is_empty_folder(part)) return 0;
    part[at] = here;
    if (here == '\0') return 0;
  }
}

int protection_hold(struct protection *protection, const char **path)
{
  for (size_t i = 0; i < protection->of->protect_count; i++) {
    *path = protection->of->protects[i];
    char *part = strdup(*path);
    if (part == NULL) return -ENOMEM;
    int status = hold(protection, part, written_part(protection->of, *path));
    free(protection->held[i]);
    protection->held[i] = part;
    if (status < 0) return status;
  }
  return 0;
}

static uint64_t mix(uint64_t digest, uint64_t word)
{
  return (digest ^ word) * DIGEST_PRIME;
}

/* With the time of its birth, since a number of an inode is used again. Not of its content: that may change. */
static uint64_t mix_file(uint64_t digest, const char *path, int flags)
{
  struct statx found = { 0 };
  if (statx(AT_FDCWD, path, flags, STATX_INO | STATX_BTIME | STATX_TYPE, &found) < 0) return mix(digest, (uint64_t)errno);
  digest = mix(mix(digest, found.stx_ino), (uint64_t)found.stx_dev_major << 32 | found.stx_dev_minor);
  if (S_ISLNK(found.stx_mode)) digest = mix_file(digest, path, 0);
  return mix(mix(digest, (uint64_t)found.stx_btime.tv_sec), found.stx_btime.tv_nsec);
}

uint64_t protection_digest(const struct protection *protection)
{
  uint64_t digest = DIGEST_START;
  for (size_t i = 0; i < protection->of->protect_count; i++)
    if (protection->held[i] != NULL) digest = mix_file(digest, protection->held[i], AT_SYMLINK_NOFOLLOW);
  return digest;
}

void protection_release(struct protection *protection)
{
  while (protection->made_count > 0) {
    char *made = protection->made[--protection->made_count];
    (void)rmdir(made);
    free(made);
  }
  for (size_t i = 0; i < SANDBOX_PATHS_MAX; i++) {
    free(protection->held[i]);
    protection->held[i] = NULL;
  }
}
