/* The part of CPython's C interface that hs_frames uses, declared by hand: only functions of the stable ABI and a handful
 * that every CPython 3.8 to 3.13 exports, so that one file serves every interpreter of the machine. The layouts are those of
 * the default 64-bit builds; debug and free-threaded builds are refused by zygote.py before hs_frames is loaded. */
#ifndef HOOK_SUPERVISOR_PYTHON_ABI_H
#define HOOK_SUPERVISOR_PYTHON_ABI_H

#include <stddef.h>

typedef struct object {
  ptrdiff_t refcount;
  void *type;
} object;
typedef object *(*function)(object *self, object *args);
struct method {
  const char *name;
  function call;
  int flags;
  const char *doc;
};
#define METH_VARARGS 1
struct module_def {
  object base;
  object *(*init)(void);
  ptrdiff_t index;
  object *copy;
  const char *name;
  const char *doc;
  ptrdiff_t size;
  struct method *methods;
  void *slots;
  void *traverse;
  void *clear;
  void *free;
};
extern object *PyModuleDef_Init(struct module_def *def);
extern void Py_IncRef(object *o), Py_DecRef(object *o);
extern int PyArg_ParseTuple(object *args, const char *format, ...);
extern object *PyTuple_GetItem(object *tuple, ptrdiff_t index);
extern object *PyTuple_Pack(ptrdiff_t n, ...);
extern ptrdiff_t PyTuple_Size(object *tuple);
extern ptrdiff_t PyList_Size(object *list);
extern object *PyList_GetItem(object *list, ptrdiff_t index);
extern char *PyBytes_AsString(object *bytes);
extern ptrdiff_t PyBytes_Size(object *bytes);
extern long PyLong_AsLong(object *number);
extern object *PyDict_GetItem(object *dict, object *key);
extern object *PyDict_New(void);
extern int PyDict_DelItem(object *dict, object *key), PyDict_Update(object *dict, object *other);
extern void PyDict_Clear(object *dict);
extern int PyDict_SetItem(object *dict, object *key, object *value);
extern int PyDict_DelItemString(object *dict, const char *key);
extern int PyDict_Next(object *dict, ptrdiff_t *at, object **key, object **value);
extern object *PyDict_GetItemString(object *dict, const char *key);
extern int PyType_IsSubtype(void *type, void *parent);
extern int PyObject_HasAttr(object *o, object *name);
extern int PyUnicode_Compare(object *a, object *b);
extern object *PyObject_Call(object *callable, object *args, object *kwargs);
extern object *PyObject_CallObject(object *callable, object *args);
extern object *PyObject_GetAttrString(object *o, const char *name);
extern object *PyObject_CallFunction(object *callable, const char *format, ...);
extern object *PyObject_CallMethod(object *o, const char *name, const char *format, ...);
#define Py_EQ 2
extern int PyObject_RichCompareBool(object *a, object *b, int operator);
extern int PySys_Audit(const char *event, const char *format, ...);
extern int PyList_Insert(object *list, ptrdiff_t index, object *item);
extern int PyMapping_SetItemString(object *mapping, const char *key, object *value);
extern int PyObject_SetItem(object *container, object *key, object *value);
extern int PyObject_SetAttrString(object *o, const char *name, object *value);
extern int PyObject_SetAttr(object *o, object *name, object *value);
extern int PyObject_IsInstance(object *o, object *type);
extern int PyObject_IsTrue(object *o);
extern object *PyModule_GetDict(object *module);
extern object *PySys_GetObject(const char *name);
extern void PySys_WriteStderr(const char *format, ...);
extern int PyFile_WriteObject(object *value, object *file, int flags);
extern object *PyEval_EvalCode(object *code, object *globals, object *locals);
extern object *PyImport_ImportModule(const char *name);
extern object *PyImport_GetImporter(object *path);
extern object *PyErr_Occurred(void);
extern int PyErr_ExceptionMatches(object *type), PyErr_CheckSignals(void);
extern object *PyErr_SetFromErrno(object *type);
extern void PyErr_Fetch(object **type, object **value, object **traceback);
extern void PyErr_NormalizeException(object **type, object **value, object **traceback);
extern void PyErr_Restore(object *type, object *value, object *traceback);
extern void PyErr_Clear(void), PyErr_Print(void);
extern object *PyInterpreterState_Main(void);
extern object *PyThreadState_Get(void), *PyThreadState_New(object *interpreter), *PyThreadState_Swap(object *state);
extern void PyThreadState_Clear(object *state), PyThreadState_Delete(object *state);
extern void PyThreadState_DeleteCurrent(void), PyEval_RestoreThread(object *state);
extern const char *Py_GetVersion(void);
extern int Py_FinalizeEx(void);
extern object _Py_NoneStruct, PyLong_Type, PyUnicode_Type, PyList_Type, PyDict_Type;
extern object *PyExc_SystemExit, *PyExc_KeyboardInterrupt, *PyExc_OSError;
extern object *PyList_New(ptrdiff_t size);
extern int PyList_Append(object *list, object *item);
extern unsigned long long PyLong_AsUnsignedLongLong(object *number);
extern object *PyBytes_FromString(const char *text);
extern object *PyBytes_FromStringAndSize(const char *text, ptrdiff_t size);
extern const char *PyUnicode_AsUTF8AndSize(object *text, ptrdiff_t *length);
extern object *PyUnicode_DecodeFSDefault(const char *text), *PyUnicode_EncodeFSDefault(object *text);
extern object *PyLong_FromLong(long number), *PyBool_FromLong(long number);
extern object *Py_BuildValue(const char *format, ...);

static inline object *none(void)
{
  Py_IncRef(&_Py_NoneStruct);
  return &_Py_NoneStruct;
}

#endif
