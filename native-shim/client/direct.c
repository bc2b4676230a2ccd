#include "direct.h"

#include "sys.h"
#include "text.h"

#define EXIT_CANNOT_RUN 126
#define EXIT_NOT_FOUND 127
#define DEFAULT_PATH "/bin:/usr/bin" /* of execvp where PATH is not set */

/* A script without #! is run by the shell, as execvp does. */
static int exec_by_shell(const char *path, char **argv, char *const *env)
{
  size_t argc = 0;
  while (argv[argc] != NULL) argc++;
  char **shell_argv = sys_map((argc + 2) * sizeof *shell_argv);
  if (shell_argv == NULL) return -ENOMEM;
  shell_argv[0] = "/bin/sh";
  shell_argv[1] = (char *)path;
  for (size_t i = 1; i <= argc; i++) shell_argv[i + 1] = argv[i];
  return sys_execve("/bin/sh", shell_argv, env);
}

static int exec_path(const char *path, char **argv, char *const *env)
{
  int error = sys_execve(path, argv, env);
  return error == -ENOEXEC ? exec_by_shell(path, argv, env) : error;
}

/* Tries one folder of PATH; an empty one is the current folder. */
static int exec_in(const char *folder, size_t length, char **argv, char *const *env)
{
  struct line path;
  line_start(&path);
  line_add_bytes(&path, folder, length);
  if (length > 0) line_add(&path, "/");
  line_add(&path, argv[0]);
  return path.is_cut ? -ENAMETOOLONG : exec_path(path.bytes, argv, env);
}

static int exec_search(char **argv, char *const *env)
{
  const char *path = text_environment(env, "PATH");
  int is_denied = 0;
  for (const char *at = path != NULL ? path : DEFAULT_PATH;; at++) {
    size_t length = 0;
    while (at[length] != 0 && at[length] != ':') length++;
    int error = exec_in(at, length, argv, env);
    if (error == -EACCES) is_denied = 1;
    else if (error != -ENOENT && error != -ENOTDIR && error != -ENAMETOOLONG) return error;
    at += length;
    if (*at == 0) return is_denied ? -EACCES : -ENOENT;
  }
}

static int exec_by_name(char **argv, char *const *env)
{
  if (argv[0][0] == 0) return -ENOENT;
  for (const char *at = argv[0]; *at != 0; at++)
    if (*at == '/') return exec_path(argv[0], argv, env);
  return exec_search(argv, env);
}

int exec_hook(char **argv, char *const *env)
{
  int error = exec_by_name(argv, env);
  struct line line;
  line_start(&line);
  line_add(&line, argv[0]);
  line_add(&line, ": ");
  line_add_error(&line, error);
  complain(line.bytes);
  return error == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}
