#include "order.h"

#include "order_read.h"
#include "sys.h"

#define SHELL "/bin/sh"
#define EXIT_CANNOT_RUN 126
#define EXIT_NOT_FOUND 127

/* As a shell, or env, answers for a program it cannot run. */
_Noreturn static void cannot_execute(const char *path, int error)
{
  struct line line;
  line_start(&line);
  line_add(&line, path);
  line_add(&line, ": ");
  line_add_error(&line, error);
  complain(line.bytes);
  sys_exit(error == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN);
}

static int enter_by_path(int cwd_fd)
{
  struct order_folder folder;
  int status = order_folder(cwd_fd, &folder);
  return status < 0 ? status : order_folder_enter(&folder);
}

void order_run(unsigned char *memory, const struct own_state *own)
{
  struct room room = { memory, ORDER_ROOM_BYTES };
  struct order order;
  order_read(&room, &order);

  const struct order_head *head = &order.head;
  int is_confined = (head->flags & ORDER_CONFINED) != 0;
  if ((is_confined ? enter_by_path(order.fds.cwd) : SYS6(SYS_fchdir, order.fds.cwd, 0, 0, 0, 0, 0)) < 0) order_decline();
  if ((head->flags & ORDER_MERGED_OUTPUT) && sys_dup3(1, 2, 0) < 0) order_decline();
  if (apply_inherited(&head->inherited, own, is_confined) < 0) order_decline();
  if ((head->flags & ORDER_PEER_ENDS) && order_place_peer_ends(&order.fds, 0) < 0) order_decline();

  int error = sys_execve(order.path, order.argv, order.env);
  if (error == -ENOEXEC) { /* a script without #!, which execvp hands to the shell */
    order.argv[-1] = SHELL;
    order.argv[0] = order.path;
    error = sys_execve(SHELL, order.argv - 1, order.env);
  }
  cannot_execute(order.path, error);
}
