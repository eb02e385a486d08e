/* check/reason.c - why a precondition does not hold. */
#include "check/check.h"

#include <stdio.h>

void sal_run_invalid_(sal_run *run, const char *format, ...)
{
    if (run->invalid[0]) return; /* the first reason stands */
    va_list args;
    va_start(args, format);
    vsnprintf(run->invalid, sizeof run->invalid, format, args);
    va_end(args);
}
