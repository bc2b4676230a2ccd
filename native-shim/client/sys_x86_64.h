/* Raw system calls and process entry for x86-64 Linux. Included by sys.h only. */
#ifndef HOOK_SUPERVISOR_SYS_X86_64_H
#define HOOK_SUPERVISOR_SYS_X86_64_H

static inline long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result = number;
  __asm__ volatile("syscall"
                   : "+a"(result)
                   : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

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
