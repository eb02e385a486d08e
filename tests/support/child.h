/* tests/support/child.h - running a program and keeping what it says. */
#ifndef SAL_TESTS_CHILD_H
#define SAL_TESTS_CHILD_H

#include <stddef.h>

enum { CHILD_OUTPUT = 1 << 16 };

/* Runs argv (ends with NULL) in `folder` (NULL: here) with further NAME=value settings (ends with
 * NULL), without CMocka's own. Standard output and error go, mixed, into output[CHILD_OUTPUT], cut
 * there. Returns the exit status, or 256 plus a signal's number; fails the test when the program
 * cannot be run. */
int run_child(char *const *argv, const char *folder, const char *const *settings, char *output);

#endif
