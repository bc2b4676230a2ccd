/* Which memory a forked process gives up, by /proc/self/maps. */
#include "private_memory.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

#define OURS "ours.so"
#define A_RANGE "1000-2000 rw-p " /* as a line begins; nothing of ours lies there */
#define PAGE 4096

static struct private_memory found;

static int is_found(const void *at)
{
  for (size_t i = 0; i < found.count; i++)
    if (found.ranges[i].start <= (uintptr_t)at && (uintptr_t)at < found.ranges[i].end) return 1;
  return 0;
}

static const char *path_of(const char *folder, const char *name)
{
  static char path[PATH_MAX];
  CHECK(snprintf(path, sizeof path, "%s/%s", folder, name) < PATH_MAX);
  return path;
}

/* The only page of a new file of that name in that folder. */
static void *map_file(const char *folder, const char *name, int protection, int flags)
{
  const char *path = path_of(folder, name);
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  CHECK(fd >= 0);
  CHECK_EQUAL(ftruncate(fd, PAGE), 0);
  void *mapped = mmap(NULL, PAGE, protection, flags, fd, 0);
  CHECK(mapped != MAP_FAILED);
  close(fd);
  return mapped;
}

static void remove_file(const char *folder, const char *name, void *mapped)
{
  munmap(mapped, PAGE);
  unlink(path_of(folder, name));
}

TEST(memory_of_ours_that_may_be_written_to_is_found_and_no_other)
{
  char folder[] = "/tmp/private-memory-XXXXXX", on_stack;
  CHECK(mkdtemp(folder) != NULL);
  static int in_data = 1;
  void *written = map_file(folder, "a", PROT_READ | PROT_WRITE, MAP_PRIVATE);
  void *shared = map_file(folder, "b", PROT_READ | PROT_WRITE, MAP_SHARED);
  void *read = map_file(folder, "c", PROT_READ, MAP_PRIVATE);
  private_memory_find(&found, OURS);
  CHECK(is_found(&in_data));
  CHECK(is_found(written));
  CHECK(!is_found(shared));
  CHECK(!is_found(read));
  CHECK(!is_found(&on_stack));
  CHECK(!is_found((void *)(uintptr_t)private_memory_find));
  remove_file(folder, "a", written), remove_file(folder, "b", shared), remove_file(folder, "c", read);
  rmdir(folder);
}

TEST(a_path_of_any_length_is_one_line)
{
  char folder[PATH_MAX] = "/tmp/private-memory-XXXXXX", name[NAME_MAX + 1];
  CHECK(mkdtemp(folder) != NULL);
  size_t top = strlen(folder);
  /* So many that a range begins at each multiple of what a buffer could be. */
  for (int i = 0; i < 12; i++) {
    for (size_t at = 0; at < 240; at += strlen(A_RANGE)) strcpy(name + at, A_RANGE);
    strcat(strcat(folder, "/"), name);
    CHECK_EQUAL(mkdir(folder, 0700), 0);
  }
  void *kept = map_file(folder, OURS, PROT_READ | PROT_WRITE, MAP_PRIVATE);
  void *given_up = map_file(folder, "other.so", PROT_READ | PROT_WRITE, MAP_PRIVATE);
  private_memory_find(&found, OURS);
  CHECK(!is_found(kept));
  CHECK(is_found(given_up));
  CHECK(!is_found((void *)0x1000));
  remove_file(folder, OURS, kept), remove_file(folder, "other.so", given_up);
  while (strlen(folder) >= top) {
    rmdir(folder);
    *strrchr(folder, '/') = '\0';
  }
}
