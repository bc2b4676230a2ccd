#include "own_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"

#define MORE_KIB (16u * 1024)
/* What is shared with others costs less as soon as there are more of them. */
#define SHARED_KIB 1024u

TEST(own_memory_is_told_in_kib_and_grows_by_what_is_touched)
{
  uint32_t before_kib = own_memory_kib();
  CHECK(before_kib > 0);
  void *more = mmap(NULL, MORE_KIB * 1024, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  CHECK(more != MAP_FAILED);
  uint32_t grown_kib = own_memory_kib() - before_kib;
  munmap(more, MORE_KIB * 1024);
  CHECK(grown_kib > MORE_KIB - SHARED_KIB && grown_kib < MORE_KIB + SHARED_KIB);
}

TEST(own_memory_leaves_no_file_open)
{
  int before = dup(0);
  close(before);
  (void)own_memory_kib();
  int after = dup(0);
  close(after);
  CHECK_EQUAL(after, before);
}
