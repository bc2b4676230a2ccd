/* Process entry for x86-64 Linux. Included by sys.h only. */
#ifndef HOOK_SUPERVISOR_SYS_X86_64_H
#define HOOK_SUPERVISOR_SYS_X86_64_H

/* The kernel enters with argc at the stack pointer; the C side wants it as its argument and an aligned stack. */
#define SYS_START                  \
  __asm__(".globl _start\n"        \
          ".type _start,@function\n" \
          "_start:\n"              \
          "  xor %ebp, %ebp\n"     \
          "  mov %rsp, %rdi\n"     \
          "  and $-16, %rsp\n"     \
          "  call client_start\n"  \
          "  hlt\n")

#endif
