#include "order.h"

#include <stdlib.h>
#include <string.h>

#include "io.h"

#define ORDER_MAX_BYTES (FRAME_CALL_MAX_BYTES + sizeof(struct order_head))

/* count strings out of exactly length bytes; NULL if they do not add up. */
static char **split(char *blob, uint32_t length, uint32_t count)
{
  if (count > length) return NULL;
  char **strings = calloc((size_t)count + 1, sizeof *strings);
  if (strings == NULL) return NULL;
  char *at = blob, *end = blob + length;
  for (uint32_t i = 0; i < count; i++) {
    char *nul = memchr(at, '\0', (size_t)(end - at));
    if (nul == NULL) break;
    strings[i] = at;
    at = nul + 1;
  }
  if (at == end && (count == 0 || strings[count - 1] != NULL)) return strings;
  free(strings);
  return NULL;
}

enum order_state order_receive(int order_fd, struct order *order)
{
  struct order_head *head = &order->head;
  size_t fd_count;
  order->cwd_fd = -1;
  ssize_t got = receive_with_fds(order_fd, head, sizeof *head, &order->cwd_fd, 1, &fd_count, 0);
  if (got <= 0 || read_exactly(order_fd, (char *)head + got, sizeof *head - (size_t)got) < 0) return ORDER_NONE;

  uint64_t blobs_bytes = (uint64_t)head->path_bytes + head->argv_bytes + head->env_bytes;
  if (head->total_bytes > ORDER_MAX_BYTES || sizeof *head + blobs_bytes != head->total_bytes) return ORDER_UNSOUND;
  char *blobs = malloc(blobs_bytes + 1);
  if (blobs == NULL) return ORDER_UNSOUND;
  if (read_exactly(order_fd, blobs, blobs_bytes) < 0) return ORDER_NONE;
  order->argv = split(blobs + head->path_bytes, head->argv_bytes, head->argc);
  order->env = split(blobs + head->path_bytes + head->argv_bytes, head->env_bytes, head->envc);
  return fd_count == 1 && order->argv != NULL && order->env != NULL ? ORDER_SOUND : ORDER_UNSOUND;
}
