/* cli/shard.c - see shard.h. */
#include "cli/shard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 16 };

static bool whole(const char *text, char end, size_t *out)
{
    char *stop;
    errno = 0;
    unsigned long long v = strtoull(text, &stop, 10);
    *out = (size_t)v;
    return text[0] >= '0' && text[0] <= '9' && *stop == end && !errno && v <= INT32_MAX;
}

/* A variable's number; NULL is none. */
static int number_of(const settings *s, const char *name, size_t *out)
{
    const char *text = getenv(name);
    if (text && whole(text, '\0', out)) return 0;
    return misused(s,
                   text ? "--shard auto: %s is '%s', wanted a whole number"
                        : "--shard auto: %s is not set%s",
                   name, text ? text : "");
}

static int from_gitlab(const settings *s, size_t *shard, size_t *shards)
{
    int bad = number_of(s, "CI_NODE_INDEX", shard);
    return bad ? bad : number_of(s, "CI_NODE_TOTAL", shards);
}

/* Tasks of an array are numbered from its least number on, in steps. */
static int from_slurm(const settings *s, size_t *shard, size_t *shards)
{
    size_t id = 0, least = 0, most, step = 1;
    int bad = number_of(s, "SLURM_ARRAY_TASK_ID", &id);
    if (!bad) bad = number_of(s, "SLURM_ARRAY_TASK_COUNT", shards);
    if (!bad) bad = number_of(s, "SLURM_ARRAY_TASK_MIN", &least);
    if (!bad && getenv("SLURM_ARRAY_TASK_STEP")) bad = number_of(s, "SLURM_ARRAY_TASK_STEP", &step);
    if (bad) return bad;
    most = least + (*shards - 1) * step;
    if (!*shards || !step || id < least || id > most || (id - least) % step)
        return misused(s,
                       "--shard auto: task %zu of an array of %zu from %zu in steps of %zu: the "
                       "array is no range, or the variables are of two jobs",
                       id, *shards, least, step);
    *shard = (id - least) / step + 1;
    return 0;
}

static int from_surroundings(const settings *s, size_t *shard, size_t *shards)
{
    bool gitlab = getenv("CI_NODE_INDEX") != NULL, slurm = getenv("SLURM_ARRAY_TASK_ID") != NULL;
    if (gitlab && slurm)
        return misused(s, "--shard auto: both CI_NODE_INDEX and SLURM_ARRAY_TASK_ID are set: give "
                          "--shard I/N");
    if (!gitlab && !slurm)
        return misused(s, "--shard auto: neither CI_NODE_INDEX nor SLURM_ARRAY_TASK_ID is set (is "
                          "the job 'parallel', or an array?)");
    return gitlab ? from_gitlab(s, shard, shards) : from_slurm(s, shard, shards);
}

int shard_read(const settings *s, size_t *shard, size_t *shards)
{
    *shard = *shards = 0;
    if (!s->shard) return 0;
    if (!strcmp(s->shard, "auto")) {
        int bad = from_surroundings(s, shard, shards);
        if (bad) return bad;
    } else {
        const char *slash = strchr(s->shard, '/');
        if (!slash || !whole(s->shard, '/', shard) || !whole(slash + 1, '\0', shards))
            return misused(s, "--shard is '%s', wanted I/N, such as 3/7, or auto", s->shard);
    }
    if (*shard && *shard <= *shards && *shards <= MOST) return 0;
    return misused(s, "shard %zu of %zu, wanted 1 to the number of shards, at most %d", *shard,
                   *shards, MOST);
}
