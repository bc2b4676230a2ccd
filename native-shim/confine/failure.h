/* The end of supervisor-confine when a step fails: nothing less confined than was asked for ever runs. */
#ifndef CONFINE_FAILURE_H
#define CONFINE_FAILURE_H

#include "options.h"
#include "stage.h"

#define EXIT_NOT_CONFINED 126

/* Told on standard error. status: -errno, or 0 for what was done and yet does not hold. */
_Noreturn void fail_at(const struct confine_options *options, enum stage stage, int status, const char *subject);
/* The same, if it is a failure. */
void must(const struct confine_options *options, enum stage stage, int status, const char *subject);

#endif
