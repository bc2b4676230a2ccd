/* Importing what the zygote has imported and then hidden: put back in C, since a hook waits for every import at its top.
 * What may be put back is decided here and nowhere else; the plans (plan_for() in modules.py) say what that depends on. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/stat.h>

#include "native.h"
#include "stamp.h"
#include "stems.h"

#define FOLDERS_MAX 16
#define ENTRIES_MAX 512 /* of a plan; plan_for() makes no longer ones */

/* From modules.py, for good. */
static struct {
  object *hidden;   /* dict: name -> module */
  object *plans;    /* dict: name -> plan or None */
  object *restored; /* dict: name -> module put back */
  object *plan_for, *import_by_path;
  object *library;               /* str, as it stands in sys.path */
  object *dynload;               /* list of str */
  object *meta_path, *path_hooks; /* lists: as the zygote left them */
} known;

object *set_import(object *self, object *args)
{
  (void)self;
  if (!PyArg_ParseTuple(args, "OOOOOOOOO", &known.hidden, &known.plans, &known.restored, &known.plan_for, &known.import_by_path,
                        &known.library, &known.dynload, &known.meta_path, &known.path_hooks))
    return NULL;
  Py_IncRef(args); /* keeps all of them */
  return none();
}

static int is_string(const object *o) { return o->type == &PyUnicode_Type; }

static int is_equal(object *a, object *b)
{
  return a == b || PyUnicode_Compare(a, b) == 0;
}

static int has_path(object *path, object *wanted)
{
  for (ptrdiff_t i = 0; i < PyList_Size(path); i++)
    if (is_string(PyList_GetItem(path, i)) && is_equal(PyList_GetItem(path, i), wanted)) return 1;
  return 0;
}

static int is_as_left(const char *name, object *list)
{
  object *now = PySys_GetObject(name);
  return now != NULL && now->type == &PyList_Type && PyObject_RichCompareBool(now, list, Py_EQ) == 1;
}

/* Whether the import system is as the zygote left it, and so is all that was put back. */
static int is_undisturbed(object *path, object *modules)
{
  object *name, *module;
  for (ptrdiff_t i = 0; i < PyList_Size(known.dynload); i++)
    if (!has_path(path, PyList_GetItem(known.dynload, i))) return 0;
  if (!is_as_left("meta_path", known.meta_path) || !is_as_left("path_hooks", known.path_hooks)) return 0;
  for (ptrdiff_t at = 0; PyDict_Next(known.restored, &at, &name, &module);)
    if (PyDict_GetItem(modules, name) == NULL) return 0;
  return 1;
}

/* ---- Folders that are searched before the library -------------------------------------------------------------- */

struct folder {
  object *name;
  struct packed_stamp stamp;
  struct stems stems;
  int status; /* of the reading of stems; 1: not read */
};
static struct folder folders[FOLDERS_MAX];
static size_t folder_count;

/* What is kept of it; an unread entry where nothing is. */
static struct folder *folder_of(object *name)
{
  for (size_t i = 0; i < folder_count; i++)
    if (is_equal(folders[i].name, name)) return &folders[i];
  if (folder_count == FOLDERS_MAX) Py_DecRef(folders[--folder_count].name);
  struct folder *folder = &folders[folder_count++];
  Py_IncRef(name);
  folder->name = name;
  folder->status = 1;
  return folder;
}

/* The first parts of the names in a folder of sys.path, which was looked at this moment; *stems is NULL where nothing lies
 * there. -1: it is something else, an archive. */
static int look_into(object *name, const struct stems **stems)
{
  struct packed_stamp now;
  *stems = NULL;
  object *encoded = PyUnicode_EncodeFSDefault(name);
  const char *path = encoded == NULL ? NULL : PyBytes_AsString(encoded);
  if (path == NULL || strlen(path) != (size_t)PyBytes_Size(encoded)) return PyErr_Clear(), -1;
  if (*path == '\0') path = ".";
  struct folder *folder = stamp_take(path, &now) == 0 ? folder_of(name) : NULL;
  if (folder != NULL && (folder->status == 1 || !stamp_equal(&folder->stamp, &now))) {
    folder->status = stems_read(&folder->stems, path);
    folder->stamp = now;
  }
  Py_DecRef(encoded);
  if (folder == NULL) return 0;
  *stems = &folder->stems;
  return folder->status < 0 ? -1 : 0;
}

/* Whether an import of these first parts would come to the library: 0 also where the library is not searched at all. */
static int is_found_in_library(object *path, object *tops)
{
  for (ptrdiff_t i = 0; i < PyList_Size(path); i++) {
    object *entry = PyList_GetItem(path, i);
    const struct stems *stems;
    if (!is_string(entry)) return 0;
    if (is_equal(entry, known.library)) return 1;
    if (look_into(entry, &stems) < 0) return 0;
    for (ptrdiff_t top = 0; stems != NULL && top < PyTuple_Size(tops); top++) {
      ptrdiff_t length;
      const char *part = PyUnicode_AsUTF8AndSize(PyTuple_GetItem(tops, top), &length);
      if (part == NULL || stems_has(stems, part, (size_t)length)) return PyErr_Clear(), 0;
    }
  }
  return 0;
}

/* ---- Plans: (entries, visible, absent, tops), see plan_for() ----------------------------------------------------- */

enum { ENTRY_NAME, ENTRY_MODULE, ENTRY_STAMP, ENTRY_PARENT, ENTRY_CHILD, ENTRY_RENEW };

static int is_none(const object *o) { return o == &_Py_NoneStruct; }

/* What is in sys.modules already is what it would have become; the files of the rest are as they were. */
static int may_enter(object *entries, object *modules)
{
  int is_known = watch_was_quiet();
  for (ptrdiff_t i = 0; i < PyTuple_Size(entries); i++) {
    object *entry = PyTuple_GetItem(entries, i), *stamp = PyTuple_GetItem(entry, ENTRY_STAMP);
    object *loaded = PyDict_GetItem(modules, PyTuple_GetItem(entry, ENTRY_NAME));
    if (loaded != NULL && loaded != PyTuple_GetItem(entry, ENTRY_MODULE)) return 0;
    if (loaded != NULL || is_none(stamp) || is_known) continue;
    if (!stamps_unchanged(PyBytes_AsString(stamp), PyBytes_Size(stamp))) return 0;
  }
  return 1;
}

static int is_possible(object *plan, object *path, object *modules)
{
  object *visible = PyTuple_GetItem(plan, 1), *absent = PyTuple_GetItem(plan, 2);
  for (ptrdiff_t i = 0; i < PyTuple_Size(visible); i++) {
    object *pair = PyTuple_GetItem(visible, i);
    if (PyDict_GetItem(modules, PyTuple_GetItem(pair, 0)) != PyTuple_GetItem(pair, 1)) return 0;
  }
  for (ptrdiff_t i = 0; i < PyTuple_Size(absent); i++)
    if (PyDict_GetItem(modules, PyTuple_GetItem(absent, i)) != NULL) return 0;
  return is_undisturbed(path, modules) && is_found_in_library(path, PyTuple_GetItem(plan, 3)) &&
         may_enter(PyTuple_GetItem(plan, 0), modules);
}

/* -1 with an exception. */
static int bind_to_parent(object *entry, object *modules)
{
  object *name = PyTuple_GetItem(entry, ENTRY_PARENT);
  object *parent = is_none(name) ? NULL : PyDict_GetItem(modules, name);
  if (parent == NULL) return 0;
  return PyObject_SetAttr(parent, PyTuple_GetItem(entry, ENTRY_CHILD), PyTuple_GetItem(entry, ENTRY_MODULE));
}

/* First all enter, then they are bound and do what they do anew in each process. -1 with an exception. */
static int enter(object *entries, object *modules)
{
  object *wanted[ENTRIES_MAX];
  ptrdiff_t count = 0;
  for (ptrdiff_t i = 0; i < PyTuple_Size(entries) && count < ENTRIES_MAX; i++) {
    object *entry = PyTuple_GetItem(entries, i), *name = PyTuple_GetItem(entry, ENTRY_NAME);
    if (PyDict_GetItem(modules, name) == NULL) wanted[count++] = entry;
  }
  for (ptrdiff_t i = 0; i < count; i++) {
    object *name = PyTuple_GetItem(wanted[i], ENTRY_NAME), *module = PyTuple_GetItem(wanted[i], ENTRY_MODULE);
    if (PyDict_SetItem(modules, name, module) < 0 || PyDict_SetItem(known.restored, name, module) < 0) return -1;
  }
  for (ptrdiff_t i = 0; i < count; i++)
    if (bind_to_parent(wanted[i], modules) < 0) return -1;
  for (ptrdiff_t i = 0; i < count; i++) {
    object *renew = PyTuple_GetItem(wanted[i], ENTRY_RENEW);
    if (is_none(renew)) continue;
    object *arguments = PyTuple_Pack(1, PyTuple_GetItem(wanted[i], ENTRY_MODULE));
    object *result = PyObject_CallObject(renew, arguments);
    Py_DecRef(arguments);
    if (result == NULL) return -1;
    Py_DecRef(result);
  }
  return 0;
}

/* The plan for a name, made at its first import; NULL with an exception. */
static object *plan_of(object *name)
{
  object *plan = PyDict_GetItem(known.plans, name);
  if (plan != NULL) return plan;
  object *arguments = PyTuple_Pack(1, name);
  plan = PyObject_CallObject(known.plan_for, arguments);
  Py_DecRef(arguments);
  if (plan == NULL || PyDict_SetItem(known.plans, name, plan) < 0) return NULL;
  Py_DecRef(plan); /* held by the dictionary */
  return plan;
}

/* Stands in for importlib's _find_and_load: a module that the zygote has imported and then hidden is put back, with what its
 * import pulls in. Nothing is put back that the import system would not have found just now: any doubt, and the import
 * happens by path as ever. */
object *find_and_load(object *self, object *args)
{
  (void)self;
  object *name = PyTuple_GetItem(args, 0);
  if (name == NULL) return NULL;
  object *path = PySys_GetObject("path"), *modules = PySys_GetObject("modules");
  if (PyDict_GetItem(known.hidden, name) != NULL && path != NULL && path->type == &PyList_Type && modules != NULL &&
      modules->type == &PyDict_Type) {
    object *plan = plan_of(name);
    if (plan == NULL) return NULL;
    if (!is_none(plan) && is_possible(plan, path, modules)) {
      if (enter(PyTuple_GetItem(plan, 0), modules) < 0) return NULL;
      object *module = PyDict_GetItem(modules, name);
      Py_IncRef(module);
      return module;
    }
    PyErr_Clear(); /* of a comparison with something odd */
  }
  return PyObject_Call(known.import_by_path, args, NULL);
}

object *modules_not_in(object *expected)
{
  object *name, *module, *found = PyList_New(0), *modules = PySys_GetObject("modules");
  if (found == NULL) return NULL;
  if (modules == NULL || modules->type != &PyDict_Type) return Py_DecRef(found), none();
  for (ptrdiff_t at = 0; PyDict_Next(modules, &at, &name, &module);) {
    if (is_string(name) && PyDict_GetItem(expected, name) == module) continue;
    object *pair = PyTuple_Pack(2, name, module);
    int status = pair == NULL ? -1 : PyList_Append(found, pair);
    if (pair != NULL) Py_DecRef(pair);
    if (status < 0) return NULL;
  }
  return found;
}

/* modules_beyond(known): the (name, module) of sys.modules that are not in this dictionary, the very same, as a list; None if
 * it is no dictionary itself. A hook has some hundred modules, and all but a few are known. */
object *modules_beyond(object *self, object *args)
{
  object *expected;
  (void)self;
  return PyArg_ParseTuple(args, "O", &expected) ? modules_not_in(expected) : NULL;
}
