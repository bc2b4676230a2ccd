#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "channel.h"

/* An unlinked file for where memfd_create is refused. */
static int open_unlinked(const char *folder)
{
  int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return fd < 0 ? -errno : fd;
  char *path; /* a file system without O_TMPFILE */
  if (asprintf(&path, "%s/.ring-XXXXXX", folder) < 0) return -ENOMEM;
  fd = mkostemp(path, O_CLOEXEC);
  int status = fd < 0 ? -errno : fd;
  if (fd >= 0) unlink(path);
  free(path);
  return status;
}

static int map_both(struct channel_memory *memory, uint32_t ring_size_bytes, uint64_t generation, const char **failed)
{
  if (*failed = "ftruncate", ftruncate(memory->fd, (off_t)memory->map_bytes) < 0) return -errno;
  /* Against a peer that cuts the file: our next access would be a SIGBUS. */
  const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  if (memory->is_memfd) memory->is_sealed = fcntl(memory->fd, F_ADD_SEALS, seals) == 0;
  *failed = "mmap";
  void *map = mmap(NULL, memory->map_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory->fd, 0);
  if (map == MAP_FAILED) return -errno;
  memory->map = map;
  /* Against a fork by whatever else lives in this process: its child has no business with our tasks. */
  if (*failed = "madvise", madvise(map, memory->map_bytes, MADV_DONTFORK) < 0) return -errno;
  *failed = "ring_format";
  int status = ring_format(map, ring_size_bytes, generation);
  if (status == 0) status = ring_format((void *)(memory->map + memory->direction_bytes), ring_size_bytes, generation);
  return status;
}

int channel_memory_create(struct channel_memory *memory, uint32_t ring_size_bytes, uint64_t generation,
                          const char *fallback_folder, const char **failed)
{
  size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
  *memory = (struct channel_memory){ .fd = -1 };
  memory->direction_bytes = (ring_bytes(ring_size_bytes) + page_bytes - 1) & ~(page_bytes - 1);
  memory->map_bytes = 2 * memory->direction_bytes;
  *failed = "memfd_create";
  memory->fd = memfd_create("hook-supervisor-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  memory->is_memfd = memory->fd >= 0;
  if (!memory->is_memfd) {
    *failed = "open";
    memory->fd = open_unlinked(fallback_folder);
    if (memory->fd < 0) return memory->fd;
  }
  int status = map_both(memory, ring_size_bytes, generation, failed);
  if (status < 0) channel_memory_free(memory);
  return status;
}

void channel_memory_free(struct channel_memory *memory)
{
  if (memory->map != NULL) munmap(memory->map, memory->map_bytes);
  if (memory->fd >= 0) close(memory->fd);
  memory->map = NULL;
  memory->fd = -1;
}
