/* lib/tree on a made-up table and on real processes. */
#include "harness.h"
#include "tree.h"

#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(closure_marks_all_generations_below_and_nothing_beside)
{
  struct tree_process table[] = {
    { .pid = 10, .parent = 1 },  { .pid = 20, .parent = 30 }, { .pid = 30, .parent = 40 },
    { .pid = 40, .parent = 10 }, { .pid = 50, .parent = 10 }, { .pid = 60, .parent = 20 },
  };
  struct tree tree = { .count = sizeof table / sizeof *table, .processes = table };
  tree_mark(&tree, 40);
  tree_mark_closure(&tree);
  const int wanted[] = { 0, 1, 1, 1, 0, 1 }; /* parents may have higher numbers than their children */
  for (size_t i = 0; i < tree.count; i++) CHECK_EQUAL(table[i].marked, wanted[i]);
}

static void mark_one(struct tree *tree, void *pid) { tree_mark(tree, *(pid_t *)pid); }

/* Each member forks the next and waits; all end by themselves if the test fails. */
_Noreturn static void fork_chain(void)
{
  for (int length = 0; length < 3000; length++) {
    alarm(5); /* a fork does not inherit it */
    if (fork() > 0) pause();
    usleep(200);
  }
  _exit(0);
}

TEST(kill_catches_a_chain_that_forks_while_it_is_killed)
{
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  pid_t pid = fork();
  if (pid == 0) fork_chain();
  usleep(20000);
  struct tree tree = { 0 };
  CHECK(tree_kill(&tree, mark_one, &pid) >= 2);
  usleep(100000);
  while (waitpid(-1, NULL, WNOHANG) > 0) {}
  CHECK_EQUAL(tree_read(&tree), 0);
  for (size_t i = 0; i < tree.count; i++) CHECK(tree.processes[i].parent != getpid());
  tree_free(&tree);
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST(children_lists_the_living)
{
  int list_fd = tree_open_children();
  pid_t pids[4] = { 0 }, pid = fork();
  if (pid == 0) {
    pause();
    _exit(0);
  }
  CHECK_EQUAL(tree_children(list_fd, pids, 4), 1);
  CHECK_EQUAL(pids[0], pid);
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  CHECK_EQUAL(tree_children(list_fd, pids, 4), 0);
  close(list_fd);
}

TEST(children_lists_more_than_one_read_takes)
{
  enum { CHILDREN = 700 };
  static pid_t pids[CHILDREN], listed[CHILDREN + 1];
  int list_fd = tree_open_children(), go[2];
  char byte;
  CHECK_EQUAL(pipe(go), 0);
  for (int i = 0; i < CHILDREN; i++) {
    pids[i] = fork();
    if (pids[i] != 0) continue;
    close(go[1]);
    (void)!read(go[0], &byte, 1);
    _exit(0);
  }
  CHECK_EQUAL(tree_children(list_fd, listed, CHILDREN + 1), CHILDREN);
  for (int i = 0; i < CHILDREN; i++) CHECK_EQUAL(listed[i], pids[i]);
  close(go[1]);
  for (int i = 0; i < CHILDREN; i++) waitpid(pids[i], NULL, 0);
  CHECK_EQUAL(tree_children(list_fd, listed, CHILDREN + 1), 0);
  close(go[0]);
  close(list_fd);
}
