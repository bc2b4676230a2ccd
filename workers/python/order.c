/* An order: checked, compared with how the zygote was started, and taken over. In C, since the answer waits for all of it. */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "native.h"
#include "stamp.h"
#include "wire.h"

/* What else decides how an interpreter starts must be equal in an order: the pool key holds these, we only verify. */
static const char *const key_prefixes[] = {"PYTHON", "LD_", "LC_", "MALLOC_", "SSL_CERT_"};
static const char *const key_names[] = {
    "LANG", "LANGUAGE", "TZ", "TZDIR", "LOCPATH", "HOME", "GLIBC_TUNABLES", "OPENSSL_CONF", "VIRTUAL_ENV",
    "SETUPTOOLS_USE_DISTUTILS", "COVERAGE_PROCESS_START",
};
#define COUNT(array) (sizeof(array) / sizeof *(array))

static int is_key_variable(const char *name, size_t length)
{
  for (size_t i = 0; i < COUNT(key_prefixes); i++)
    if (strncmp(name, key_prefixes[i], strlen(key_prefixes[i])) == 0) return 1;
  for (size_t i = 0; i < COUNT(key_names); i++)
    if (strlen(key_names[i]) == length && memcmp(name, key_names[i], length) == 0) return 1;
  return 0;
}

static const char *after(const char *text) { return text + strlen(text) + 1; }

static int add_up(const struct strings *strings)
{
  const char *at = strings->first;
  uint32_t count = 0;
  for (; at < strings->end; count++) {
    const char *zero = memchr(at, 0, (size_t)(strings->end - at));
    if (zero == NULL) return 0;
    at = zero + 1;
  }
  return count == strings->count;
}

struct order {
  struct order_head head;
  struct strings argv, env;
};

/* 0 if the bytes contradict themselves. */
static int read_order(object *data, struct order *order)
{
  const char *bytes = PyBytes_AsString(data);
  size_t length = (size_t)PyBytes_Size(data);
  struct order_head *head = &order->head;
  if (length < sizeof *head) return 0;
  memcpy(head, bytes, sizeof *head);
  uint64_t total_bytes = sizeof *head + (uint64_t)head->path_bytes + head->argv_bytes + head->env_bytes;
  if (total_bytes != length || head->total_bytes != length) return 0;
  const char *argv = bytes + sizeof *head + head->path_bytes, *env = argv + head->argv_bytes;
  order->argv = (struct strings){argv, env, head->argc};
  order->env = (struct strings){env, env + head->env_bytes, head->envc};
  return add_up(&order->argv) && add_up(&order->env) && head->program_index > 0 && head->program_index < head->argc;
}

/* How the zygote was started: the tuple of StartState.native(). */
enum { START_FLAGS, START_KEY_VARIABLES, START_EXECUTABLE, START_IS_EXECUTABLE, START_STAMPS, START_ABSENT, START_LOCALE, START_ENVIRONS, START_STACK };

static int is_text(object *bytes, const char *text)
{
  return strlen(text) == (size_t)PyBytes_Size(bytes) && memcmp(PyBytes_AsString(bytes), text, strlen(text)) == 0;
}

static int has_same_flags(object *flags, const struct order *order)
{
  static const char *const of_mode[] = {[ORDER_SCRIPT] = NULL, [ORDER_COMMAND] = "-c", [ORDER_MODULE] = "-m"};
  const char *at = after(order->argv.first);
  ptrdiff_t count = PyList_Size(flags);
  if (order->head.mode < ORDER_SCRIPT || order->head.mode > ORDER_MODULE) return 0;
  const char *mode_flag = of_mode[order->head.mode];
  if ((ptrdiff_t)order->head.program_index != 1 + count + (mode_flag != NULL)) return 0;
  for (ptrdiff_t i = 0; i < count; i++, at = after(at))
    if (!is_text(PyList_GetItem(flags, i), at)) return 0;
  return mode_flag == NULL || strcmp(at, mode_flag) == 0;
}

int environ_fill(const struct strings *entries, object *environ, object *keys)
{
  for (const char *at = entries->first; at < entries->end; at = after(at)) {
    const char *equals = strchr(at, '=');
    if (equals == NULL) continue;
    object *name = PyBytes_FromStringAndSize(at, equals - at), *value = PyBytes_FromString(equals + 1);
    if (name == NULL || value == NULL) return -1;
    int status = 0;
    if (PyDict_GetItem(environ, name) == NULL) {
      status = PyDict_SetItem(environ, name, value);
      if (status == 0 && keys != NULL && is_key_variable(at, (size_t)(equals - at))) status = PyDict_SetItem(keys, name, value);
    }
    Py_DecRef(name);
    Py_DecRef(value);
    if (status < 0) return -1;
  }
  return 0;
}

/* environ_of(strings, each with its NUL): (os.environ as bytes, the variables that decide how an interpreter starts). */
object *environ_of(object *self, object *args)
{
  object *blob, *environ = PyDict_New(), *keys = PyDict_New();
  (void)self;
  if (environ == NULL || keys == NULL || !PyArg_ParseTuple(args, "O", &blob)) return NULL;
  struct strings entries = {PyBytes_AsString(blob), PyBytes_AsString(blob) + PyBytes_Size(blob), 0};
  return environ_fill(&entries, environ, keys) < 0 ? NULL : Py_BuildValue("(NN)", environ, keys);
}

/* Whether sys.executable would be that of the zygote. */
static int has_same_executable(object *start, const struct order *order, object *environ)
{
  const char *name = order->argv.first;
  if (strchr(name, '/') != NULL) return is_text(PyTuple_GetItem(start, START_EXECUTABLE), name);
  object *arguments = Py_BuildValue("(yO)", name, environ);
  object *answer = arguments == NULL ? NULL : PyObject_CallObject(PyTuple_GetItem(start, START_IS_EXECUTABLE), arguments);
  int is_same = answer != NULL && PyObject_IsTrue(answer) == 1;
  if (arguments != NULL) Py_DecRef(arguments);
  if (answer != NULL) Py_DecRef(answer);
  else PyErr_Clear();
  return is_same;
}

/* Whether the zygote was started as the direct run would be, and would be today. */
static int has_same_start(object *start, const struct order *order, object *environ, object *keys)
{
  object *stamps = PyTuple_GetItem(start, watch_is_quiet() ? START_ABSENT : START_STAMPS);
  return has_same_flags(PyTuple_GetItem(start, START_FLAGS), order) &&
         PyObject_RichCompareBool(keys, PyTuple_GetItem(start, START_KEY_VARIABLES), Py_EQ) == 1 &&
         /* thread stacks were sized by it at exec */
         order->head.inherited.rlimits[RLIMIT_STACK].soft == PyLong_AsUnsignedLongLong(PyTuple_GetItem(start, START_STACK)) &&
         has_same_executable(start, order, environ) && stamps_unchanged(PyBytes_AsString(stamps), PyBytes_Size(stamps));
}

int environ_take(const struct strings *entries, object *environ, object *locale, object *environs)
{
  const char *coerced = locale == &_Py_NoneStruct ? NULL : PyBytes_AsString(locale);
  if (environ_become(entries->first, entries->end, entries->count, "LC_CTYPE", coerced) < 0) return -1;
  if (coerced != NULL) {
    object *name = PyBytes_FromString("LC_CTYPE");
    if (PyDict_GetItem(environ, name) != NULL) (void)PyDict_DelItem(environ, name); /* it comes last */
    int status = PyDict_SetItem(environ, name, locale);
    Py_DecRef(name);
    if (status < 0) return -1;
  }
  for (ptrdiff_t i = 0; i < PyTuple_Size(environs); i++) {
    object *known = PyTuple_GetItem(environs, i);
    if (PyObject_RichCompareBool(known, environ, Py_EQ) == 1) continue;
    PyDict_Clear(known);
    if (PyDict_Update(known, environ) < 0) return -1;
  }
  return 0;
}

object *argument_list(const struct strings *argv)
{
  object *list = PyList_New(0);
  for (const char *at = argv->first; list != NULL && at < argv->end; at = after(at)) {
    object *argument = PyUnicode_DecodeFSDefault(at);
    if (argument == NULL || PyList_Append(list, argument) < 0) return NULL;
    Py_DecRef(argument);
  }
  return list;
}

/* take_order(start, order, cwd descriptor): the process is as a direct run of it would have begun, but for the signals that
 * are ignored. (mode, index of the program, arguments, ignored signals); None, with nothing changed that matters, where the
 * zygote was started otherwise or the kernel refuses a part. */
object *take_order(object *self, object *args)
{
  object *start, *data, *environ = PyDict_New(), *keys = PyDict_New();
  int cwd_fd, is_taken;
  struct order order;
  (void)self;
  if (environ == NULL || keys == NULL || !PyArg_ParseTuple(args, "OOi", &start, &data, &cwd_fd)) return NULL;
  is_taken = read_order(data, &order);
  if (is_taken && environ_fill(&order.env, environ, keys) < 0) return NULL;
  is_taken = is_taken && has_same_start(start, &order, environ, keys) && inherit(&order.head, cwd_fd) == 0;
  object *locale = PyTuple_GetItem(start, START_LOCALE), *environs = PyTuple_GetItem(start, START_ENVIRONS);
  if (is_taken && environ_take(&order.env, environ, locale, environs) < 0) return NULL;
  Py_DecRef(environ);
  Py_DecRef(keys);
  if (!is_taken) return PyErr_Clear(), none();
  object *arguments = argument_list(&order.argv);
  if (arguments == NULL) return NULL;
  uint64_t ignored = order.head.inherited.ignored_signals & ~RESERVED_SIGNALS;
  return Py_BuildValue("(IINK)", order.head.mode, order.head.program_index, arguments, (unsigned long long)ignored);
}
