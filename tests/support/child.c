/* tests/support/child.c - see child.h. */
#define _XOPEN_SOURCE 700
#include "child.h"
#include "support.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_RUN = 127 };

static void become(char *const *argv, const char *folder, const char *const *settings, int out)
{
    static const char *const cmocka[] = {"CMOCKA_MESSAGE_OUTPUT", "CMOCKA_XML_FILE",
                                         "CMOCKA_TEST_ABORT", "SALCHECK_OUT"};
    for (size_t i = 0; i < sizeof cmocka / sizeof cmocka[0]; i++) unsetenv(cmocka[i]);
    for (; *settings; settings++)
        if (putenv((char *)(uintptr_t)*settings)) _exit(NOT_RUN);
    if (folder && chdir(folder)) _exit(NOT_RUN);
    if (dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0) _exit(NOT_RUN);
    execv(argv[0], argv);
    _exit(NOT_RUN);
}

int run_child(char *const *argv, const char *folder, const char *const *settings, char *output)
{
    int ends[2], status = 0;
    size_t n = 0;
    if (pipe(ends)) fail_msg("%s: no pipe", argv[0]);
    pid_t child = fork();
    if (child < 0) fail_msg("%s: no process", argv[0]);
    if (child == 0) {
        close(ends[0]);
        become(argv, folder, settings, ends[1]);
    }
    close(ends[1]);
    for (ssize_t got = 1; got > 0;) {
        char beyond[4096];
        size_t room = CHILD_OUTPUT - 1 - n;
        got = read(ends[0], room ? output + n : beyond, room ? room : sizeof beyond);
        if (got > 0 && room) n += (size_t)got;
    }
    output[n] = '\0';
    close(ends[0]);
    if (waitpid(child, &status, 0) != child) fail_msg("%s: lost", argv[0]);
    int result = WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
    if (result == NOT_RUN) fail_msg("%s: cannot be run", argv[0]);
    return result;
}
