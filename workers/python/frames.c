/* hs_frames: what the Python zygote cannot do in Python. Above all: user code must run with no frame beneath it, or
 * print_stack, warnings' stacklevel, sys._getframe and the recursion depth would tell it from a direct run. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "native.h"
#include "wire.h"

/* Longer than the other hooks of one event take. */
#define EXIT_LATER_MS 12

/* ---- Running without a frame ---------------------------------------------------------------------------------- */

/* As CPython's flush_io(): between the end of a script and the printing of its exception; failures are forgotten. */
static void flush_streams_keeping_exception(void)
{
  static const char *const names[] = {"stderr", "stdout"};
  object *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  for (int i = 0; i < 2; i++) {
    object *stream = PySys_GetObject(names[i]);
    if (stream == NULL) continue;
    Py_IncRef(stream);
    object *result = PyObject_CallMethod(stream, "flush", NULL);
    if (result != NULL) Py_DecRef(result);
    else PyErr_Clear();
    Py_DecRef(stream);
  }
  PyErr_Restore(type, value, traceback);
}

/* As CPython's _Py_HandleSystemExit(): takes the pending SystemExit, returns the exit status. */
static int take_system_exit(void)
{
  int status = 0;
  object *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  /* 3.8 to 3.11 leave the value raw until somebody asks. */
  PyErr_NormalizeException(&type, &value, &traceback);
  fflush(stdout);
  object *code = value != NULL ? PyObject_GetAttrString(value, "code") : NULL;
  if (code == NULL) {
    PyErr_Clear();
    code = value;
    if (code != NULL) Py_IncRef(code);
  }
  if (code == NULL || code == &_Py_NoneStruct) {
    status = 0;
  } else if (PyObject_IsInstance(code, &PyLong_Type) > 0) {
    status = (int)PyLong_AsLong(code);
    if (PyErr_Occurred() != NULL) { /* too large, and versions differ in what they say of it */
      PyErr_Clear();
      PyErr_Restore(type, value, traceback);
      PyErr_Print(); /* exits */
    }
  } else {
    object *stream = PySys_GetObject("stderr");
    PyErr_Clear();
    if (stream != NULL && stream != &_Py_NoneStruct) {
      if (PyFile_WriteObject(code, stream, 1) < 0) PyErr_Clear();
      PySys_WriteStderr("\n");
    }
    status = 1;
  }
  if (code != NULL) Py_DecRef(code);
  PyErr_Restore(type, value, traceback);
  PyErr_Clear();
  return status;
}

/* As CPython's pymain_run_module(). */
static object *run_module(object *name, object *alter_argv)
{
  object *runpy = PyImport_ImportModule("runpy");
  if (runpy == NULL) return NULL;
  object *run = PyObject_GetAttrString(runpy, "_run_module_as_main");
  Py_DecRef(runpy);
  if (run == NULL) return NULL;
  object *arguments = PyTuple_Pack(2, name, alter_argv);
  object *result = PyObject_Call(run, arguments, NULL);
  Py_DecRef(arguments);
  Py_DecRef(run);
  return result;
}

/* See TASK_FINISHED_SIGNAL. All descriptors are closed first: so the keeper knows that nothing follows, and who hears the
 * answer finds locks and ports free, as after a direct run. */
static void tell_keeper(int status)
{
  if (keeper_pid == 0 || getppid() != keeper_pid) return;
  close_from(0);
  sigqueue(keeper_pid, TASK_FINISHED_SIGNAL, (union sigval){.sival_int = status & 255});
  /* Taking down our memory keeps a processor for a millisecond, on which the client may be waiting for its turn: the
   * answer goes out first. No thread of the hook runs meanwhile, since we hold the interpreter's lock. */
  nanosleep(&(struct timespec){.tv_nsec = EXIT_LATER_MS * 1000000L}, NULL);
}

/* Whether nobody could notice that there is no tear-down; then the standard streams are flushed. */
static int may_go(object *may_skip_teardown)
{
  enum plain_end end = plain_end();
  object *answer = end == END_NOT_PLAIN ? PyObject_CallObject(may_skip_teardown, NULL) : NULL;
  int skip = end == END_PLAIN || (answer != NULL && PyObject_IsTrue(answer) == 1);
  if (answer != NULL) Py_DecRef(answer);
  else PyErr_Clear();
  return skip;
}

/* Leaves the process. */
static void leave(int status, int interrupted, object *may_skip_teardown)
{
  int skip = may_go(may_skip_teardown);
  if (scout_fd >= 0) {
    tell_touched_pages(scout_fd);
    _exit(0);
  }
  if (skip) fflush(NULL);
  else if (Py_FinalizeEx() < 0) status = 120;
  if (interrupted) { /* CPython's exit_sigint(): the caller must see a death by SIGINT */
    signal(SIGINT, SIG_DFL);
    kill(getpid(), SIGINT);
    status = SIGINT + 128;
  }
  if (skip) {
    tell_keeper(status);
    _exit(status);
  }
  exit(status);
}

/* The main of a hook. job: (kind, code or module name, main module, is a file, may_skip_teardown, alter_argv).
 * References are dropped where CPython drops its own: the last one to the main module decides when the destructors of
 * its globals run. */
static void run_job(object *job)
{
  int kind = (int)PyLong_AsLong(PyTuple_GetItem(job, 0)), is_file = (int)PyLong_AsLong(PyTuple_GetItem(job, 3));
  int status = 0, interrupted = 0;
  object *program = PyTuple_GetItem(job, 1), *module = PyTuple_GetItem(job, 2);
  object *may_skip_teardown = PyTuple_GetItem(job, 4), *alter_argv = PyTuple_GetItem(job, 5);
  Py_IncRef(program);
  Py_IncRef(module);
  Py_IncRef(may_skip_teardown);
  Py_IncRef(alter_argv);
  Py_DecRef(job);
  object *globals = PyModule_GetDict(module);
  object *result = kind == JOB_CODE ? PyEval_EvalCode(program, globals, globals) : run_module(program, alter_argv);
  Py_DecRef(program);
  if (result == NULL) interrupted = PyErr_Occurred() == PyExc_KeyboardInterrupt;
  else Py_DecRef(result);
  if (is_file) flush_streams_keeping_exception();
  if (result == NULL && PyErr_ExceptionMatches(PyExc_SystemExit)) {
    Py_DecRef(module);
    leave(take_system_exit(), 0, may_skip_teardown);
  }
  if (result == NULL) {
    status = 1;
    PyErr_Print();
  }
  if (is_file) { /* as PyRun_SimpleFile() does, so exit handlers see the same globals */
    PyDict_DelItemString(globals, "__file__");
    PyErr_Clear();
    PyDict_DelItemString(globals, "__cached__");
    PyErr_Clear();
  }
  Py_DecRef(module);
  leave(status, interrupted, may_skip_teardown);
}

/* A new thread state, without frames, takes the place of the current one. */
static void replace_thread_state(void)
{
  object *before = PyThreadState_Get();
  PyThreadState_Swap(PyThreadState_New(PyInterpreterState_Main()));
  PyThreadState_Clear(before);
  PyThreadState_Delete(before);
}

/* As replace_thread_state(), by way of none at all. Made while there is no other, the new thread state lies in the
 * interpreter's place for the initial one, to which finalization since 3.13 switches; 3.11 and 3.12 cannot use it again. */
static void replace_last_thread_state(void)
{
  PyThreadState_Clear(PyThreadState_Get());
  PyThreadState_DeleteCurrent();
  PyEval_RestoreThread(PyThreadState_New(PyInterpreterState_Main()));
}

/* run(serve, frame): never returns. Continues the main thread on a thread state of its own, where no frame lies beneath,
 * and calls serve(), which returns only in a forked child with a job. */
static object *run(object *self, object *args)
{
  object *serve, *frame;
  (void)self;
  if (!PyArg_ParseTuple(args, "OO", &serve, &frame)) return NULL;
  Py_IncRef(serve);
  /* The caller's frame is never returned to, yet clearing its thread state drops a reference that is not owned. */
  Py_IncRef(frame);
  Py_IncRef(frame);
  /* Twice: PyGILState_Ensure() finds a thread state only if no other was registered when it was made. */
  replace_thread_state();
  if (strncmp(Py_GetVersion(), "3.13", 4) == 0) replace_last_thread_state();
  else replace_thread_state();
  object *job = PyObject_CallObject(serve, NULL);
  if (job == NULL) {
    PyErr_Print();
    _exit(70);
  }
  run_job(job);
  _exit(70);
}

/* ---- The module ---------------------------------------------------------------------------------------------- */

static object *get_importer(object *self, object *args)
{
  (void)self;
  return PyImport_GetImporter(PyTuple_GetItem(args, 0));
}

static struct method methods[] = {
    {"run", run, METH_VARARGS, NULL},
    {"find_and_load", find_and_load, METH_VARARGS, NULL},
    {"modules_beyond", modules_beyond, METH_VARARGS, NULL},
    {"set_plain_end", set_plain_end, METH_VARARGS, NULL},
    {"plain_end", plain_end_rehearsed, METH_VARARGS, NULL},
    {"set_import", set_import, METH_VARARGS, NULL},
    {"get_importer", get_importer, METH_VARARGS, NULL},
    {"receive_request", receive_request, METH_VARARGS, NULL},
    {"fork_away", fork_as_requested, METH_VARARGS, NULL},
    {"fork_scout", fork_scout, METH_VARARGS, NULL},
    {"touch_pages", touch_pages, METH_VARARGS, NULL},
    {"take_place", take_place, METH_VARARGS, NULL},
    {"report", report, METH_VARARGS, NULL},
    {"watch", watch, METH_VARARGS, NULL},
    {"settle_watch", settle_watch, METH_VARARGS, NULL},
    {"leave_parking", leave_parking, METH_VARARGS, NULL},
    {"receive_order", receive_order, METH_VARARGS, NULL},
    {"serve_workers", serve_workers, METH_VARARGS, NULL},
    {"set_environ", set_environ, METH_VARARGS, NULL},
    {"set_dumpable", set_dumpable, METH_VARARGS, NULL},
    {"take_order", take_order, METH_VARARGS, NULL},
    {"environ_of", environ_of, METH_VARARGS, NULL},
    {"read_script", read_script, METH_VARARGS, NULL},
    {"set_learned", set_learned, METH_VARARGS, NULL},
    {"job_of_learned", job_of_learned, METH_VARARGS, NULL},
    {"fill_holes", fill_holes, METH_VARARGS, NULL},
    {"unchanged", unchanged, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
static struct module_def definition = {.base = {1, NULL}, .name = "hs_frames", .methods = methods};

/* Multi-phase: importlib leaves no trace of such a module in sys.modules. */
__attribute__((visibility("default"))) object *PyInit_hs_frames(void)
{
  return PyModuleDef_Init(&definition);
}
