/* cli/cmd_merge.c - salcheck merge: what all shards have measured becomes the verdicts of one run. */
#include "cli/tally.h"

#include <stdlib.h>

static int judge(const settings *s, const sal_records *const *files)
{
    sal_error err = {0};
    sal_records *all = NULL;
    tally t = {0};
    if (sal_check_merge(s->env, files, (const char *const *)s->arguments, s->n, &all, &err) !=
        SAL_OK)
        return failed(s, &err);
    int end = END_PASS;
    for (size_t i = 0; end == END_PASS && i < all->n; i++)
        if (!tally_add(s, &t, all->verdicts[i])) end = END_ERROR;
    if (end == END_ERROR) complain(s, "out of memory");
    tally_print(s, &t);
    if (end == END_PASS) end = tally_write(s, &t);
    if (end == END_PASS) end = tally_end(&t);
    tally_free(&t);
    sal_records_free(all);
    return end;
}

int run_merge(const settings *s)
{
    sal_error err = {0};
    int end = END_PASS;
    sal_records **files = calloc(s->n, sizeof(sal_records *));
    if (!files) {
        complain(s, "out of memory");
        return END_ERROR;
    }
    for (size_t i = 0; end == END_PASS && i < s->n; i++)
        if (sal_records_read_parts(s->env, s->arguments[i], &files[i], &err) != SAL_OK)
            end = failed(s, &err);
    if (end == END_PASS) end = judge(s, (const sal_records *const *)files);
    for (size_t i = 0; i < s->n; i++) sal_records_free(files[i]);
    free(files);
    return end;
}
