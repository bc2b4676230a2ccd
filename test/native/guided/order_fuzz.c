/* Coverage-guided: START records, as the keeper judges them before it hands the order on. */
#include <stdlib.h>
#include <string.h>

#include "order_form.h"

#define MUST(condition) do { if (!(condition)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length)
{
  unsigned char *payload = malloc(length > 0 ? length : 1);
  MUST(payload != NULL);
  memcpy(payload, bytes, length);
  if (order_is_sound(payload, length)) { /* what act_run and the parked process rely on */
    struct start_head start;
    struct order_head order;
    memcpy(&start, payload, sizeof start);
    memcpy(&order, payload + sizeof start, sizeof order);
    const unsigned char *blobs = payload + sizeof start + sizeof order;
    const unsigned char *input = blobs + order.path_bytes + order.argv_bytes + order.env_bytes;
    MUST(input == payload + sizeof start + start.order_bytes && input + start.stdin_bytes == payload + length);
    MUST(start.stdin_bytes <= CREDIT_WINDOW_BYTES);
  }
  free(payload);
  return 0;
}
