#include "park.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fresh.h"
#include "stage.h"
#include "wire.h"

#define ORDER_FD 3
#define PROGRAM_FD 4
#define CONFINE_FD 5
#define DOOR_FD 6

_Noreturn static void die_at(int error_fd, enum stage stage)
{
  struct setup_failure failure = { .stage = stage, .errnum = errno };
  (void)!write(error_fd, &failure, sizeof failure); /* below PIPE_BUF, so it arrives whole */
  _exit(126);
}

/* The keeper holds 0 to 2 open, so none of the descriptors given lies there; the program's is above PROGRAM_FD. */
static int take_descriptors(const struct exec_park *park)
{
  if (dup2(park->input, 0) < 0 || dup2(park->output, 1) < 0 || dup2(park->error, 2) < 0) return -1;
  /* At its place already: close-on-exec must go, what is copied there has none. */
  int moved = park->order == ORDER_FD ? fcntl(ORDER_FD, F_SETFD, 0) : dup2(park->order, ORDER_FD);
  if (moved >= 0 && park->confining != NULL) moved = dup3(park->confine, CONFINE_FD, O_CLOEXEC);
  if (moved >= 0 && park->outer_net >= 0) moved = dup2(park->outer_user, OUTER_USER_FD);
  if (moved >= 0 && park->outer_net >= 0) moved = dup2(park->outer_net, OUTER_NET_FD);
  if (moved >= 0 && park->door >= 0) moved = dup2(park->door, DOOR_FD);
  if (moved < 0 || park->command != NULL) return moved;
  return park->confining != NULL ? dup2(park->program, PROGRAM_FD) : dup3(park->program, PROGRAM_FD, O_CLOEXEC);
}

/* A Node, with the keeper's environment, which is the one it is to start with. */
_Noreturn static void become_node(char *const *command)
{
  if (dup2(ORDER_FD, NODE_ORDER_FD) < 0) die_at(2, STAGE_SOCKETPAIR);
  close(ORDER_FD);
  execv(command[0], command + 1);
  die_at(2, STAGE_EXEC);
}

/* By the descriptor, with an environment that holds nothing, but for a Node. */
_Noreturn static void become(int program, char *const *argv, int is_node)
{
  char *none[] = { NULL };
  (void)syscall(SYS_execveat, program, "", argv, is_node ? environ : none, AT_EMPTY_PATH);
  die_at(2, STAGE_EXEC);
}

/* The first descriptor that is closed before the program. */
static int first_closed(const struct exec_park *park)
{
  if (park->outer_net >= 0) return OUTER_NET_FD + 1;
  if (park->door >= 0) return DOOR_FD + 1;
  if (park->confining != NULL) return CONFINE_FD + 1;
  return park->command != NULL ? ORDER_FD + 1 : PROGRAM_FD + 1;
}

void exec_park(const struct exec_park *park)
{
  /* Into the leaf first: memory is charged where it is first touched. */
  if (park->leaf_procs >= 0 && write(park->leaf_procs, "0", 1) < 0) die_at(park->error, STAGE_LEAF_ENTER);
  if (fresh_session() < 0) die_at(park->error, STAGE_SETSID);
  if (take_descriptors(park) < 0) die_at(park->error, STAGE_STDIO);
  if (fresh_descriptors(first_closed(park)) < 0) die_at(2, STAGE_CLOSE_RANGE);
  if (fresh_death_signal(park->keeper) < 0) die_at(2, STAGE_DEATH_SIGNAL); /* execve keeps it */
  if (fresh_signals() < 0) die_at(2, STAGE_SETSID);

  if (park->confining != NULL) become(CONFINE_FD, park->confining, park->command != NULL);
  if (park->command != NULL) become_node(park->command);
  become(PROGRAM_FD, (char *[]){ "supervisor-parked", NULL }, 0);
}
