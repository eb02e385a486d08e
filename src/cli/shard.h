/* cli/shard.h - which part of a run this machine does. */
#ifndef SAL_CLI_SHARD_H
#define SAL_CLI_SHARD_H

#include "cli/cli.h"

/* Sets shard and shards from --shard: "3/7", or "auto", what GitLab or Slurm has set; 0 and 0 without
 * it. Returns 0 or END_USAGE. */
int shard_read(const settings *s, size_t *shard, size_t *shards);

#endif
