/* Starting processes through supervisor-confine, and finding them behind it. */
#include "keeper.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "layers.h"

#define OWN_ARGUMENTS_MAX 14
#define TEXT(number) #number
#define TEXT_OF(macro) TEXT(macro)
#define NODE_ORDER_TEXT TEXT_OF(NODE_ORDER_FD)

int confining_setup(struct keeper *keeper)
{
  keeper->protection.of = &keeper->options.confinement;
  keeper->confine_program_fd = -1;
  if (!is_confined(keeper)) return 0;
  int *door = &keeper->options.confinement.door_fd;
  if (*door >= 0 && (*door = out_of_the_way(*door)) < 0) return *door;
  return open_program("supervisor-confine", &keeper->confine_program_fd);
}

static size_t add(char **argv, size_t count, const char *argument)
{
  argv[count] = (char *)argument;
  return count + 1;
}

/* What it has to execute: supervisor-parked by its descriptor, or a Node by its file. */
static size_t add_program(const struct keeper *keeper, char **argv, size_t count)
{
  char *const *command = keeper->options.zygote_argv;
  if (command == NULL) {
    static const char *const parked[] = { "--order-fd", "3", "--program", "open", "--", "supervisor-parked" };
    for (size_t i = 0; i < sizeof parked / sizeof parked[0]; i++) count = add(argv, count, parked[i]);
    return count;
  }
  static const char *const node[] = { "--order-fd", NODE_ORDER_TEXT, "--name" };
  for (size_t i = 0; i < sizeof node / sizeof node[0]; i++) count = add(argv, count, node[i]);
  count = add(argv, add(argv, add(argv, count, command[1]), "--"), command[0]);
  for (command += 2; *command != NULL; command++) count = add(argv, count, *command);
  return count;
}

char **confining_argv(const struct keeper *keeper, const struct slot *slot)
{
  const struct confinement *confinement = &keeper->options.confinement;
  size_t command_count = 0, count = 0;
  for (char *const *command = keeper->options.zygote_argv; command != NULL && *command != NULL; command++) command_count++;
  size_t max = confinement->argument_count + 2 * confinement->protect_count + command_count + OWN_ARGUMENTS_MAX;
  char **argv = calloc(max, sizeof *argv);
  if (argv == NULL) return NULL;
  count = add(argv, count, "supervisor-confine");
  for (size_t i = 0; i < confinement->argument_count; i++) count = add(argv, count, confinement->arguments[i]);
  for (size_t i = 0; i < confinement->protect_count; i++)
    count = add(argv, add(argv, count, "--protect"), keeper->protection.held[i]);
  count = add(argv, add(argv, count, "--tell"), "keeper");
  if (outer_is_kept(keeper)) count = add(argv, add(argv, count, "--outer"), slot->outer_fds[OUTER_NET] < 0 ? "new" : "kept");
  (void)add_program(keeper, argv, count);
  return argv;
}

/* The only child of a process that has one; 0: it cannot be told. */
static pid_t child_of(pid_t parent)
{
  char name[48];
  int child = 0;
  snprintf(name, sizeof name, "/proc/%d/task/%d/children", (int)parent, (int)parent);
  FILE *list = fopen(name, "re");
  if (list == NULL) return 0;
  if (fscanf(list, "%d", &child) != 1) child = 0;
  fclose(list);
  return child;
}

int has_own_pids(const struct keeper *keeper)
{
  return (keeper->options.confinement.layers & LAYER_BIT(LAYER_PID)) != 0;
}

pid_t confined_pid(const struct keeper *keeper, const struct slot *slot)
{
  if (!has_own_pids(keeper)) return slot->pid;
  pid_t init = child_of(slot->pid), inner = init == 0 ? 0 : child_of(init);
  return inner == 0 ? slot->pid : inner;
}
