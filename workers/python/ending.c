/* The end of most hooks: nothing is left to happen but the flushing of the streams. The answer waits for this question, so
 * it is asked in C; where the end is not plain, ending.py looks closer, and decides. */
#define _GNU_SOURCE
#include <string.h>

#include "native.h"

#define KINDS_MAX 128 /* of objects; a hook with more is looked at closer */

/* From note_plain_end() in ending.py, for good. */
static struct {
  object *unraisable_hook, *gc_callbacks;
  object *get_objects, *get_trace, *get_profile, *count_threads, *count_exit_handlers, *is_unknown_extension;
  object *known_modules;  /* dict: name -> module that needs no closer look */
  object *names;          /* tuple: modules, beside which an end is not plain */
  object *parents;        /* tuple: types, beside whose objects it is not plain either, nor beside those of derived ones */
  object *filters;        /* list: of warnings */
  object *filters_quiet;  /* tuple: what was in it when no ResourceWarning was shown */
  object *name_of_del;    /* "__del__" */
  object *streams[3];     /* only compared: a reference would keep a stream alive through the tear-down */
} plain;

static const char *const stream_names[] = {"stdin", "stdout", "stderr"};

object *set_plain_end(object *self, object *args)
{
  (void)self;
  if (!PyArg_ParseTuple(args, "OOOOOOOOOOOOOO", &plain.unraisable_hook, &plain.gc_callbacks, &plain.get_objects,
                        &plain.get_trace, &plain.get_profile, &plain.count_threads, &plain.count_exit_handlers,
                        &plain.is_unknown_extension, &plain.known_modules, &plain.names, &plain.parents, &plain.filters,
                        &plain.filters_quiet, &plain.name_of_del))
    return NULL;
  Py_IncRef(args); /* keeps all of them */
  for (int i = 0; i < 3; i++) plain.streams[i] = PySys_GetObject(stream_names[i]);
  return none();
}

/* What a function without arguments answers is None, or 0. */
static int says_nothing(object *function)
{
  object *answer = PyObject_CallObject(function, NULL);
  int is_nothing = answer != NULL && PyObject_IsTrue(answer) == 0;
  if (answer != NULL) Py_DecRef(answer);
  return is_nothing;
}

static int has_usual_state(void)
{
  for (int i = 0; i < 3; i++)
    if (plain.streams[i] == NULL || PySys_GetObject(stream_names[i]) != plain.streams[i]) return 0;
  return PySys_GetObject("unraisablehook") == plain.unraisable_hook && PyList_Size(plain.gc_callbacks) == 0 &&
         says_nothing(plain.get_trace) && says_nothing(plain.get_profile) && says_nothing(plain.count_threads) &&
         says_nothing(plain.count_exit_handlers);
}

static int has_usual_filters(object *modules)
{
  object *module = PyDict_GetItemString(modules, "warnings");
  if (module == NULL) module = PyDict_GetItemString(modules, "_warnings"); /* as the C code looks them up */
  object *filters = module == NULL ? NULL : PyObject_GetAttrString(module, "filters");
  if (filters == NULL) return 0;
  int is_usual = filters == plain.filters && PyList_Size(filters) == PyTuple_Size(plain.filters_quiet);
  for (ptrdiff_t i = 0; is_usual && i < PyList_Size(filters); i++)
    is_usual = PyList_GetItem(filters, i) == PyTuple_GetItem(plain.filters_quiet, i);
  Py_DecRef(filters);
  return is_usual;
}

static int has_usual_modules(void)
{
  object *modules = PySys_GetObject("modules");
  if (modules == NULL || modules->type != &PyDict_Type || !has_usual_filters(modules)) return 0;
  for (ptrdiff_t i = 0; i < PyTuple_Size(plain.names); i++)
    if (PyDict_GetItem(modules, PyTuple_GetItem(plain.names, i)) != NULL) return 0;
  object *beyond = modules_not_in(plain.known_modules);
  int is_usual = beyond != NULL && beyond != &_Py_NoneStruct;
  for (ptrdiff_t i = 0; is_usual && i < PyList_Size(beyond); i++) {
    object *is_unknown = PyObject_CallObject(plain.is_unknown_extension, PyList_GetItem(beyond, i));
    is_usual = is_unknown != NULL && PyObject_IsTrue(is_unknown) == 0;
    if (is_unknown != NULL) Py_DecRef(is_unknown);
  }
  if (beyond != NULL) Py_DecRef(beyond);
  return is_usual;
}

/* Whether objects of this type go without doing anything. */
static int is_quiet(void *kind)
{
  for (ptrdiff_t i = 0; i < PyTuple_Size(plain.parents); i++)
    if (PyType_IsSubtype(kind, PyTuple_GetItem(plain.parents, i))) return 0;
  return !PyObject_HasAttr(kind, plain.name_of_del);
}

static int has_usual_objects(void)
{
  void *kinds[KINDS_MAX];
  size_t count = 0;
  object *objects = PyObject_CallObject(plain.get_objects, NULL);
  int is_usual = objects != NULL;
  for (ptrdiff_t i = 0; is_usual && i < PyList_Size(objects); i++) {
    void *kind = PyList_GetItem(objects, i)->type;
    size_t at = 0;
    while (at < count && kinds[at] != kind) at++;
    if (at < count) continue;
    is_usual = count < KINDS_MAX && is_quiet(kind);
    if (is_usual) kinds[count++] = kind;
  }
  if (objects != NULL) Py_DecRef(objects);
  return is_usual;
}

/* False if one refuses, so that the tear-down meets the same refusal. */
static int flush(object *stream)
{
  object *is_closed = PyObject_GetAttrString(stream, "closed");
  int may_flush = is_closed != NULL && PyObject_IsTrue(is_closed) == 0;
  if (is_closed != NULL) Py_DecRef(is_closed);
  object *flushed = may_flush ? PyObject_CallMethod(stream, "flush", NULL) : NULL;
  if (flushed != NULL) Py_DecRef(flushed);
  return flushed != NULL;
}

enum plain_end plain_end(void)
{
  enum plain_end end = END_NOT_PLAIN;
  if (plain.get_objects != NULL && has_usual_state() && has_usual_modules() && has_usual_objects())
    end = flush(plain.streams[1]) && flush(plain.streams[2]) ? END_PLAIN : END_REFUSED;
  PyErr_Clear();
  return end;
}

/* plain_end(): for rehearsals. */
object *plain_end_rehearsed(object *self, object *args)
{
  (void)self, (void)args;
  (void)plain_end();
  return none();
}
