/* cli/cli.h - what the files of the program share: exit codes, settings, commands. Answers go to
 * stdout, everything else to stderr. */
#ifndef SAL_CLI_CLI_H
#define SAL_CLI_CLI_H

#include <salcheck/salcheck.h>

/* Ends of the program; a failed check counts more than one that could not run. */
enum { END_PASS = 0, END_FAIL = 1, END_USAGE = 2, END_UNDECIDED = 3, END_ERROR = 4 };

enum { MOST_FORMATS = 16 };

/* The values of all options; 0 or NULL when not given. Texts are borrowed from argv. */
typedef struct settings {
    const char *command; /* as it was called */
    size_t n;            /* arguments that are no options */
    char **arguments;
    sal_env environment;
    const sal_env *env; /* the same, for the library */
    /* how it runs */
    bool help, json, quiet;
    uint64_t seed;
    size_t threads, batch;
    /* the network */
    const char *output, *blocks;
    /* its inputs */
    double scale;
    int64_t size[2];
    float mean[3], std[3];
    bool bgr, grey, stretch, signals;
    const char *resize, *classes;
    /* the question */
    const char *method, *metric, *layer, *target, *mode, *randomisation, *initialiser;
    const char *labels, *train, *train_labels, *permuted_labels;
    const char *maps, *maps_randomised;
    double alpha, limit;
    size_t draws, min_draws, top, step;
    bool controls;
    /* what comes of it */
    const char *out, *png, *pictures, *title, *shard;
    const char *reports[MOST_FORMATS]; /* a file for each format, or NULL */
    /* how it compares with what was */
    const char *baseline, *waivers, *test, *today, *commit, *date, *from_git, *only;
    const char *history;
    double margin;
    bool prune;
} settings;

typedef struct command {
    const char *name, *other; /* other: a second spelling, or NULL */
    const char *arguments;    /* for the usage line */
    const char *summary;      /* one line */
    const char *text;         /* lines below it in --help, or "" */
    const char *example;
    const char *options; /* names with a space after each */
    size_t least, most;  /* arguments */
    int (*run)(const settings *s);
} command;

/* Row i of the table of commands, or NULL beyond the last. */
const command *command_get(size_t i);

int run_methods(const settings *s);
int run_metrics(const settings *s);
int run_checks(const settings *s);
int run_randomisations(const settings *s);
int run_info(const settings *s);
int run_predict(const settings *s);
int run_explain(const settings *s);
int run_compare(const settings *s);
int run_randomise(const settings *s);
int run_check(const settings *s);
int run_check_maps(const settings *s);
int run_run(const settings *s);
int run_merge(const settings *s);
int run_report(const settings *s);
int run_baseline(const settings *s);
int run_gate(const settings *s);
int run_history(const settings *s);
int run_completion(const settings *s);
int run_man(const settings *s);

/* ---- messages (message.c) ------------------------------------------------------------------- */

/* "salcheck COMMAND: text" on stderr, one line, without control characters. */
void complain(const settings *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Complains and returns END_USAGE, with where the help is. */
int misused(const settings *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Complains about an error of the library; its exit code: a bad argument is a misuse. */
int failed(const settings *s, const sal_error *err);

/* Known name nearest to name, or NULL; names ends with NULL. */
const char *nearest(const char *name, const char *const *names);

bool colours(void); /* stdout is a terminal and NO_COLOR is not set */

#endif
