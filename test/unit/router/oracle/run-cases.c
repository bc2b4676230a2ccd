/* Runs many shell texts with exact environments, which node:child_process cannot give (duplicates, names without '=').
 * stdin: for each case shell, text, number of variables, the variables, each NUL-terminated.
 * stdout: for each case a line "STATUS BYTES\n" (STATUS as waitpid gives it) and that many bytes of stdout + stderr. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { VARIABLES_MAX = 256, OUTPUT_BYTES_MAX = 1 << 20 };

static char *read_field(void)
{
  char *field = NULL;
  size_t capacity = 0;
  return getdelim(&field, &capacity, 0, stdin) < 0 ? NULL : field;
}

static void run(char *shell, char *text, char **env)
{
  static char output[OUTPUT_BYTES_MAX];
  int fds[2];
  if (pipe(fds) < 0) exit(1);
  pid_t pid = fork();
  if (pid < 0) exit(1);
  if (pid == 0) {
    int null = open("/dev/null", O_RDONLY);
    dup2(null, 0);
    dup2(fds[1], 1);
    dup2(fds[1], 2);
    close(null);
    close(fds[0]);
    close(fds[1]);
    execve(shell, (char *[]){shell, "-c", text, NULL}, env);
    _exit(127);
  }
  close(fds[1]);
  size_t total = 0;
  for (;;) {
    ssize_t got = read(fds[0], output + total, sizeof output - total);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    total += (size_t)got;
  }
  close(fds[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  printf("%d %zu\n", status, total);
  fwrite(output, 1, total, stdout);
  fflush(stdout);
}

int main(void)
{
  for (char *shell; (shell = read_field()) != NULL;) {
    char *text = read_field();
    char *count_field = read_field();
    if (text == NULL || count_field == NULL) return 1;
    int count = atoi(count_field);
    if (count < 0 || count > VARIABLES_MAX) return 1;
    char *env[VARIABLES_MAX + 1];
    for (int i = 0; i < count; i++)
      if ((env[i] = read_field()) == NULL) return 1;
    env[count] = NULL;
    run(shell, text, env);
    for (int i = 0; i < count; i++) free(env[i]);
    free(count_field);
    free(text);
    free(shell);
  }
  return 0;
}
