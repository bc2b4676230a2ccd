#include "ring_map.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int ring_map_peer(int ring_fd, uint32_t ring_size_bytes, uint64_t generation, struct ring *in, struct ring *out)
{
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t one = (ring_bytes(ring_size_bytes) + page - 1) / page * page;
  struct stat file;
  if (fstat(ring_fd, &file) < 0) return -errno;
  /* A mapping past the end of the file would kill us by SIGBUS. */
  if ((uint64_t)file.st_size < one + ring_bytes(ring_size_bytes)) return -EPROTO;
  unsigned char *memory = mmap(NULL, 2 * one, PROT_READ | PROT_WRITE, MAP_SHARED, ring_fd, 0);
  if (memory == MAP_FAILED) return -errno;
  if (madvise(memory, 2 * one, MADV_DONTFORK) < 0) return -errno;
  close(ring_fd);
  int status = ring_attach(in, (struct ring_shared *)memory, one, generation);
  return status == 0 ? ring_attach(out, (struct ring_shared *)(memory + one), one, generation) : status;
}
