/* Fills the holes that importing has left in the zygote's memory. A child's first objects would go there, each hole in
 * another page, and the kernel would copy every such page for each child: so they lie together, in pages of its own. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "native.h"

extern void *PyObject_Malloc(size_t size_bytes);
extern void PyObject_Free(void *block);
/* As glibc has it since 2.33; elsewhere the holes of malloc stay. */
struct mallinfo2_of_glibc {
  size_t other[9], keepcost;
};
extern struct mallinfo2_of_glibc mallinfo2(void) __attribute__((weak));
extern int malloc_trim(size_t pad_bytes) __attribute__((weak));

#define POOL_HEADER_BYTES 48
#define SMALL_MAX_BYTES 512 /* what the interpreter's own allocator serves; the rest it leaves to malloc */
#define STEP_BYTES 16
#define LARGE_BYTES (64u * 1024)
#define BLOCKS_MAX 65536 /* of one size: an end, should an allocator be other than we think */

/* Takes blocks until one is the first of its pool. */
static void fill_pools(size_t size_bytes, size_t pool_bytes)
{
  for (int count = 0; count < BLOCKS_MAX; count++) {
    void *block = PyObject_Malloc(size_bytes);
    if (block != NULL && ((uintptr_t)block & (pool_bytes - 1)) != POOL_HEADER_BYTES) continue;
    PyObject_Free(block);
    return;
  }
}

/* Takes blocks until one is cut off the end of the heap. */
static void fill_heap(size_t size_bytes, uintptr_t heap_end)
{
  for (int count = 0; count < BLOCKS_MAX; count++) {
    void *block = malloc(size_bytes);
    if (block != NULL && (uintptr_t)block < heap_end) continue;
    free(block);
    return;
  }
}

/* fill_holes(size of a pool of the interpreter's allocator): what it takes is never given back, though of large holes only
 * the edges keep their memory. */
object *fill_holes(object *self, object *args)
{
  int pool_bytes;
  (void)self;
  if (!PyArg_ParseTuple(args, "i", &pool_bytes)) return NULL;
  for (size_t size = STEP_BYTES; size <= SMALL_MAX_BYTES; size += STEP_BYTES) fill_pools(size, (size_t)pool_bytes);
  if (mallinfo2 == NULL) return none();
  if (malloc_trim != NULL) malloc_trim(0);
  uintptr_t heap_end = (uintptr_t)sbrk(0) - mallinfo2().keepcost;
  for (size_t size = LARGE_BYTES; size > SMALL_MAX_BYTES * 2; size -= SMALL_MAX_BYTES) fill_heap(size, heap_end);
  for (size_t size = SMALL_MAX_BYTES * 2; size > 0; size -= STEP_BYTES) fill_heap(size, heap_end);
  return none();
}
