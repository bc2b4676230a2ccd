#include "notes.h"

#include "sys.h"
#include "wire.h"

enum note_kind { NOTE_FINISHED, NOTE_ENDED };

struct note {
  uint32_t kind;
  int32_t value; /* an exit code; a status as wait4 gives it */
};

uint64_t notes_signals(void)
{
  return SYS_SIGNAL_BIT(SIGCHLD) | SYS_SIGNAL_BIT(TASK_FINISHED_SIGNAL);
}

static void tell(int fd, uint32_t kind, int value)
{
  const struct note note = { .kind = kind, .value = value };
  sys_write(fd, &note, sizeof note); /* A is there: we die with it */
}

/* 1: the child is among the dead. */
static int reap(int fd, int child)
{
  for (;;) {
    int status;
    long dead = SYS6(SYS_wait4, -1, &status, WNOHANG, NULL, 0, 0);
    if (dead == -EINTR) continue;
    if (dead <= 0) return 0;
    if (dead != child) continue;
    tell(fd, NOTE_ENDED, status);
    return 1;
  }
}

void notes_take(int fd, int child)
{
  uint64_t signals = notes_signals();
  siginfo_t info;
  while (!reap(fd, child)) {
    long number = SYS6(SYS_rt_sigtimedwait, &signals, &info, NULL, 8, 0, 0);
    if (number == TASK_FINISHED_SIGNAL && info.si_code == SI_QUEUE && info.si_pid == child)
      tell(fd, NOTE_FINISHED, info.si_value.sival_int);
  }
}

/* As sigqueue: the keeper believes it of the process that it has started, and that is us. */
static void hand_on(int keeper, int exit_code)
{
  siginfo_t info = { .si_signo = TASK_FINISHED_SIGNAL, .si_code = SI_QUEUE };
  info.si_pid = sys_pid();
  info.si_uid = (uint32_t)SYS6(SYS_getuid, 0, 0, 0, 0, 0, 0);
  info.si_value.sival_int = exit_code;
  SYS6(SYS_rt_sigqueueinfo, keeper, TASK_FINISHED_SIGNAL, &info, 0, 0, 0);
}

int notes_relay(int fd, int keeper, int *status)
{
  for (;;) {
    struct note note;
    long length = sys_read(fd, &note, sizeof note);
    if (length == -EINTR) continue;
    if (length != sizeof note) return 0;
    if (note.kind == NOTE_FINISHED) {
      if (keeper != 0) hand_on(keeper, note.value);
      continue;
    }
    *status = note.value;
    return 1;
  }
}
