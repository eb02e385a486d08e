/* cli/git.h - what a file was in past commits. */
#ifndef SAL_CLI_GIT_H
#define SAL_CLI_GIT_H

#include "cli/cli.h"

#include <stdio.h>

typedef struct past {
    char commit[65], date[21];
} past;

/* The commits of repository `folder` that changed `path` (relative to the folder), oldest first, along
 * first parents. *out is the caller's, to be freed. */
sal_status git_commits(const char *folder, const char *path, past **out, size_t *n, sal_error *err);

/* Writes the file as it was in a commit to `to`; *there = false: the commit has none. */
sal_status git_file(const char *folder, const char *path, const char *commit, FILE *to, bool *there,
                    sal_error *err);

#endif
