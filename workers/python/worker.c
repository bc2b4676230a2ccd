/* From the zygote of resident workers to one of them. In C, since each page that Python code touches here would be copied for
 * every worker, and held by it for as long as it lives. */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "become.h"
#include "native.h"
#include "request.h"

/* The words of the worker; the environment is that of the order from here on. */
static object *take_over(const struct became *became, object *locale, object *environs)
{
  struct strings env = {became->env, became->env_end, became->env_count};
  struct strings words = {became->words, became->env, 0};
  object *environ = PyDict_New();
  if (environ == NULL || environ_fill(&env, environ, NULL) < 0) return NULL;
  if (environ_take(&env, environ, locale, environs) < 0) return NULL;
  Py_DecRef(environ);
  return argument_list(&words);
}

/* serve_workers(address of resident_become, LC_CTYPE or None, dictionaries): forks for its keeper until that closes its end.
 * Returns only in a worker that has its order, in its place and its sandbox: the words after `--`. */
object *serve_workers(object *self, object *args)
{
  unsigned long long address;
  object *locale, *environs;
  struct became became;
  (void)self;
  if (!PyArg_ParseTuple(args, "KOO", &address, &locale, &environs)) return NULL;
  int status;
  do {
    status = request_receive();
    if (status < 0) return NULL;
    if (status == 0) _exit(0);
  } while (!request_fork());
  status = request_take_place(-1);
  if (status >= 0) status = report_to_keeper(PARK_READY);
  if (status < 0) return none_or_error(status);
  ((resident_become_function *)(uintptr_t)address)(&became);
  object *words = take_over(&became, locale, environs);
  munmap(became.room, became.room_bytes);
  return words;
}
