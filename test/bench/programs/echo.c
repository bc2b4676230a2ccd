/* A hook that does nothing but prove that it ran: it copies its stdin to its stdout. Built without a C library, as the
 * client is, so that what remains is the price of any process at all. */
#include "sys.h"

_Noreturn __attribute__((used)) void client_start(long *stack)
{
  char bytes[4096];
  (void)stack;
  for (;;) {
    long got = sys_read(0, bytes, sizeof bytes);
    if (got <= 0) sys_exit(got < 0);
    for (long sent = 0; sent < got;) {
      long put = sys_write(1, bytes + sent, (size_t)(got - sent));
      if (put < 0) sys_exit(1);
      sent += put;
    }
  }
}

SYS_START;
