/* Process entry for aarch64 Linux. Included by sys.h only. */
#ifndef HOOK_SUPERVISOR_SYS_AARCH64_H
#define HOOK_SUPERVISOR_SYS_AARCH64_H

/* The kernel enters with argc at the (aligned) stack pointer; the C side wants it as its argument. */
#define SYS_START                  \
  __asm__(".globl _start\n"        \
          ".type _start,%function\n" \
          "_start:\n"              \
          "  mov x29, xzr\n"       \
          "  mov x30, xzr\n"       \
          "  mov x0, sp\n"         \
          "  bl client_start\n"    \
          "  brk 1\n")

#endif
