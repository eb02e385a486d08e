/* cli/options.h - one parser and one table of options; a command names those it takes. */
#ifndef SAL_CLI_OPTIONS_H
#define SAL_CLI_OPTIONS_H

#include "cli/cli.h"

typedef enum option_kind {
    OPTION_FLAG,    /* bool */
    OPTION_TEXT,    /* const char * */
    OPTION_COUNT,   /* size_t, 1 or more */
    OPTION_INDEX,   /* size_t */
    OPTION_SEED,    /* uint64_t, decimal or 0x */
    OPTION_NUMBER,  /* double, or a fraction: 1/255 */
    OPTION_SIZE,    /* int64_t [2]: 224 or HEIGHTxWIDTH */
    OPTION_CHANNELS /* float [3]: one number, or one per channel */
} option_kind;

typedef struct option {
    const char *name; /* without the dashes */
    option_kind kind;
    const char *value; /* for the help, NULL = a flag */
    const char *help;
    size_t offset;  /* in settings */
    bool is_format; /* of a report: a command that takes one takes all */
} option;

/* Row i of the table of options, the formats of reports behind it, or NULL beyond the last. */
const option *option_get(size_t i);

/* Does the command take this option? Every command takes --help, --seed and --threads. */
bool takes(const command *c, const option *o);

/* Sets settings from argv, which keeps arguments in front; 0 or END_USAGE. */
int options_parse(const command *c, int argc, char **argv, settings *s);

#endif
