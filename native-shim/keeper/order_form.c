#include "order_form.h"

#include <string.h>

int order_is_sound(const unsigned char *payload, size_t length)
{
  struct start_head start;
  struct order_head order;
  if (length < sizeof start + sizeof order) return 0;
  memcpy(&start, payload, sizeof start);
  memcpy(&order, payload + sizeof start, sizeof order);
  uint64_t blobs = (uint64_t)order.path_bytes + order.argv_bytes + order.env_bytes;
  return start.order_bytes <= ORDER_MAX_BYTES && start.stdin_bytes <= CREDIT_WINDOW_BYTES &&
         (uint64_t)sizeof start + start.order_bytes + start.stdin_bytes == length &&
         order.total_bytes == start.order_bytes && sizeof order + blobs == order.total_bytes;
}
