/* The job of a script whose code the zygote has learned, see learned.py: what prepare_script() in run.py makes of any script,
 * in C, since the answer waits for it. Whatever else a script may be is left to run.py. */
#define _GNU_SOURCE
#include <string.h>

#include "native.h"

static const char archive_mark[] = "PK\5\6"; /* as in run.py: it may be an archive, whatever it was learned as */

/* From run.py, for good. */
static struct {
  object *table;             /* dict: path -> [source, code] */
  object *loader;            /* class */
  object *may_skip_teardown;
  object *start;
  int has_path0;
  long path_max_bytes;
} learned;

object *set_learned(object *self, object *args)
{
  (void)self;
  if (!PyArg_ParseTuple(args, "OOOOil", &learned.table, &learned.loader, &learned.may_skip_teardown, &learned.start,
                        &learned.has_path0, &learned.path_max_bytes))
    return NULL;
  Py_IncRef(args); /* keeps all of them */
  return none();
}

/* The entry of these very bytes, with its code still there; borrowed, or NULL. */
static object *entry_of(object *path, object *content)
{
  object *entry = PyDict_GetItem(learned.table, path);
  if (entry == NULL || PyList_Size(entry) != 2) return NULL;
  object *source = PyList_GetItem(entry, 0);
  size_t length = (size_t)PyBytes_Size(content);
  const char *bytes = PyBytes_AsString(content);
  if ((size_t)PyBytes_Size(source) != length || memcmp(PyBytes_AsString(source), bytes, length) != 0) return NULL;
  return memmem(bytes, length, archive_mark, sizeof archive_mark - 1) == NULL ? entry : NULL;
}

/* The main module of a script; NULL with an exception. */
static object *main_of(object *path)
{
  object *main = PyObject_CallMethod(learned.start, "take_main", NULL);
  object *loader = main == NULL ? NULL : PyObject_CallFunction(learned.loader, "sO", "__main__", path);
  if (loader == NULL) return NULL;
  int status = PyObject_SetAttrString(main, "__loader__", loader);
  Py_DecRef(loader);
  if (status == 0) status = PyObject_SetAttrString(main, "__file__", path);
  if (status == 0) status = PyObject_SetAttrString(main, "__cached__", &_Py_NoneStruct);
  return status == 0 ? main : NULL;
}

/* In the order of prepare_script(). NULL with an exception. */
static object *job_of(object *entry, object *path, object *content, object *folder)
{
  if (PyObject_SetItem(PySys_GetObject("path_importer_cache"), path, &_Py_NoneStruct) < 0) return NULL;
  if (PySys_Audit("compile", "OO", content, path) < 0) return NULL;
  object *code = PyObject_CallMethod(entry, "pop", NULL); /* no longer ours: a hook may count references */
  if (code == NULL || (learned.has_path0 && PyList_Insert(PySys_GetObject("path"), 0, folder) < 0)) return NULL;
  object *main = main_of(path);
  if (main == NULL || PyMapping_SetItemString(PySys_GetObject("modules"), "__main__", main) < 0) return NULL;
  return Py_BuildValue("(iNNiOi)", JOB_CODE, code, main, 1, learned.may_skip_teardown, 1);
}

/* job_of_learned(path): as job() in run.py; None, with nothing changed, where the script is not learned. */
object *job_of_learned(object *self, object *args)
{
  object *path, *content, *folder;
  (void)self;
  if (learned.table == NULL) return none();
  if (!PyArg_ParseTuple(args, "O", &path)) return NULL;
  object *name = PyDict_GetItem(learned.table, path) == NULL ? NULL : PyUnicode_EncodeFSDefault(path);
  const char *text = name == NULL ? "" : PyBytes_AsString(name);
  int is_read = *text == '/' && PyBytes_Size(name) <= learned.path_max_bytes && script_read(text, &content, &folder) == 0;
  if (name != NULL) Py_DecRef(name);
  if (!is_read) return PyErr_Clear(), none();
  object *entry = entry_of(path, content);
  object *job = entry == NULL ? none() : job_of(entry, path, content, folder);
  Py_DecRef(content);
  Py_DecRef(folder);
  return job;
}
