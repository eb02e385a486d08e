/* cli/git.c - see git.h. The program git is asked, without a shell in between. */
#define _POSIX_C_SOURCE 200809L
#include "cli/git.h"

#include "cli/inputs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void become(char *const *argv, int out)
{
    int nothing = open("/dev/null", O_RDWR);
    setenv("TZ", "UTC0", 1); /* dates of commits */
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDERR_FILENO) < 0 ||
        dup2(out, STDOUT_FILENO) < 0)
        _exit(127);
    execvp(argv[0], argv);
    _exit(127);
}

/* Runs git with its output into `to`; its exit code, or 127 when there is none. */
static int run_git(char *const *argv, FILE *to)
{
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    if (child < 0) return 127;
    if (child == 0) become(argv, fileno(to));
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 127;
    return WEXITSTATUS(status);
}

/* argv is not written to, though exec wants it so. */
static char *word(const char *text)
{
    return (char *)(uintptr_t)text;
}

static sal_status read_list(FILE *f, past **out, size_t *n, sal_error *err)
{
    size_t room = 0;
    char line[128];
    past *all = NULL;
    for (*n = 0; fgets(line, sizeof line, f);) {
        past one;
        if (sscanf(line, "%64[0-9a-f] %20[0-9TZ:-]", one.commit, one.date) != 2) continue;
        if (*n == room) {
            room = room ? 2 * room : 64;
            past *more = realloc(all, room * sizeof *more);
            if (!more) {
                free(all);
                return refuse(err, SAL_E_NOMEM, "out of memory for commits");
            }
            all = more;
        }
        all[(*n)++] = one;
    }
    *out = all;
    return SAL_OK;
}

sal_status git_commits(const char *folder, const char *path, past **out, size_t *n, sal_error *err)
{
    char *argv[] = {word("git"),
                    word("-C"),
                    word(folder),
                    word("log"),
                    word("--reverse"),
                    word("--first-parent"),
                    word("--format=%H %cd"),
                    word("--date=format-local:%Y-%m-%dT%H:%M:%SZ"),
                    word("--"),
                    word(path),
                    NULL};
    FILE *f = tmpfile();
    if (!f) return refuse(err, SAL_E_IO, "no temporary file can be made");
    int code = run_git(argv, f);
    sal_status st;
    rewind(f);
    if (code == 127)
        st = refuse(err, SAL_E_IO, "the program git cannot be run");
    else if (code)
        st = refuse(err, SAL_E_IO, "%.150s: git knows no commits here", folder);
    else
        st = read_list(f, out, n, err);
    (void)fclose(f);
    return st;
}

sal_status git_file(const char *folder, const char *path, const char *commit, FILE *to, bool *there,
                    sal_error *err)
{
    char *name = malloc(strlen(path) + 80);
    if (!name) return refuse(err, SAL_E_NOMEM, "out of memory for a name");
    snprintf(name, strlen(path) + 80, "%s:./%s", commit, path);
    char *argv[] = {word("git"), word("-C"), word(folder), word("show"), name, NULL};
    int code = run_git(argv, to);
    free(name);
    *there = code == 0;
    return code == 127 ? refuse(err, SAL_E_IO, "the program git cannot be run") : SAL_OK;
}
