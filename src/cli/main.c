/* cli/main.c - the program: a table of commands, their help, and the end of it all. */
#define _POSIX_C_SOURCE 200809L
#include "cli/options.h"
#include "cli/progress.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_OPTIONS "scale mean std size resize stretch bgr grey "
#define MODEL_OPTIONS "output quiet "

#define INPUTS_TEXT                                                                                \
    "INPUTS is a .npy file or FILE.npz[:ARRAY] of shape (N, ...), or pictures (PNG, JPEG, PPM: "   \
    "files\n"                                                                                      \
    "and folders), or an IDX or CIFAR file. Pictures get the model's size.\n"

static const char inputs_text[] = INPUTS_TEXT;

static const char check_text[] = INPUTS_TEXT
    "\nMaps that another program made are judged without a model:\n"
    "  salcheck check --maps trained.npy --maps-randomised random0.npy,random1.npy,...\n"
    "Each file has the maps of the same inputs, (N, ...), and each randomised file is one draw of "
    "a\n"
    "randomised model: independent, and chosen before its maps were looked at.\n";

static const command commands[] = {
    {"methods", NULL, "", "lists explanation methods and controls", "", "salcheck methods", "json ",
     0, 0, run_methods},
    {"metrics", NULL, "", "lists similarities", "", "salcheck metrics --json", "json ", 0, 0,
     run_metrics},
    {"checks", NULL, "", "lists checks", "", "salcheck checks", "json ", 0, 0, run_checks},
    {"randomisations", "randomizations", "", "lists randomisations of parameters", "",
     "salcheck randomisations", "json ", 0, 0, run_randomisations},
    {"info", NULL, "MODEL.onnx", "prints a network's shapes and layers", "",
     "salcheck info model.onnx", MODEL_OPTIONS "blocks size json ", 1, 1, run_info},
    {"predict", NULL, "MODEL.onnx INPUTS...", "prints the largest logits of every input",
     inputs_text, "salcheck predict model.onnx photos/ --classes names.txt --top 3",
     MODEL_OPTIONS INPUT_OPTIONS "out classes top json ", 2, SIZE_MAX, run_predict},
    {"explain", NULL, "MODEL.onnx INPUTS... --method NAME --out MAPS.npy", "makes saliency maps",
     inputs_text,
     "salcheck explain model.onnx x.npy --method smoothgrad:samples=50 --out maps.npy --png sheets",
     MODEL_OPTIONS INPUT_OPTIONS "method target layer batch out png ", 2, SIZE_MAX, run_explain},
    {"compare", NULL, "A.npy B.npy --metric NAME",
     "prints how similar maps are: a line per pair, then the mean",
     "The first dimension counts pairs; what follows is [F], [H, W] or [C, H, W]. A value that is\n"
     "not defined prints as 'undefined' and is not in the mean.\n",
     "salcheck compare before.npy after.npy --metric ssim:window=gaussian", "metric signals json ",
     2, 2, run_compare},
    {"randomise", "randomize", "MODEL.onnx --mode NAME --out NEW.onnx",
     "writes the network with random parameters", "",
     "salcheck randomise model.onnx --mode cascade --step 2 --out random.onnx",
     MODEL_OPTIONS "blocks size mode step initialiser out ", 1, 1, run_randomise},
    {"check", NULL, "CHECK MODEL.onnx [TWIN.onnx] INPUTS... --method NAME[,NAME...]",
     "checks methods: params, labels, edges, reproducible, faithful or sane", check_text,
     "salcheck check params model.onnx photos/ --method gradient,gradcam --out verdicts.jsonl",
     MODEL_OPTIONS INPUT_OPTIONS
     "method metric layer target labels train train-labels permuted-labels alpha limit draws "
     "min-draws randomisation initialiser blocks controls batch out pictures json maps "
     "maps-randomised signals ",
     0, SIZE_MAX, run_check},
    {"run", NULL, "SUITE.yaml", "runs all checks of a suite file",
     "The file names networks, inputs and checks: docs/suite.md. A part of it (--shard) leaves "
     "what\n"
     "it has measured for 'salcheck merge'.\n",
     "salcheck run suite.yaml --out verdicts.jsonl --pictures salcheck-out",
     "shard out pictures json quiet ", 1, 1, run_run},
    {"merge", NULL, "PART.jsonl...", "judges what all shards of a run have measured",
     "The verdicts are those of one run without --shard, byte for byte.\n",
     "salcheck merge part-*.jsonl --out verdicts.jsonl", "out json ", 1, SIZE_MAX, run_merge},
    {"report", NULL, "VERDICTS.jsonl... --FORMAT FILE [--FORMAT FILE...]",
     "writes reports of kept verdicts; runs nothing again",
     "VERDICTS is what 'salcheck check --out' has written. Pictures are looked for in the folder\n"
     "given, else in 'salcheck-out' beside each file. Verdicts that are inconclusive or invalid "
     "do\n"
     "not pass in a report either; the program ends with 0 once the reports are written.\n",
     "salcheck report verdicts.jsonl --junit junit.xml --html report.html --title \"Release 2.1\"",
     "FORMATS pictures title history ", 1, SIZE_MAX, run_report},
    {"baseline", NULL, "update VERDICTS.jsonl | show, --baseline FILE",
     "keeps verdicts that later ones are compared with", "",
     "salcheck baseline update verdicts.jsonl --baseline salcheck-baseline.jsonl",
     "baseline prune json ", 1, 2, run_baseline},
    {"gate", NULL, "VERDICTS.jsonl --baseline FILE [--waivers FILE]",
     "fails when a check fails or got worse than the baseline",
     "Verdicts need a fixed sample: 'salcheck check ... --min-draws 256'. 'sees' is the drop that\n"
     "would have been seen in 90 % of cases.\n",
     "salcheck gate verdicts.jsonl --baseline salcheck-baseline.jsonl --waivers waivers.jsonl",
     "baseline waivers margin alpha test today json ", 1, 1, run_gate},
    {"history", NULL, "add DB VERDICTS.jsonl | rebuild DB PATH | show DB | plot DB",
     "keeps verdicts per commit and shows trends",
     "rebuild makes the database again from PATH in the past of the repository --from-git.\n",
     "salcheck history plot history.db --out trends.svg", "commit date from-git only out json ", 2,
     3, run_history},
    {"completion", NULL, "bash", "prints a completion script for the shell", "",
     "source <(salcheck completion bash)", "", 1, 1, run_completion},
    {"man", NULL, "[COMMAND]", "prints a manual page for man or groff", "",
     "salcheck man check | man -l -", "", 0, 1, run_man},
};

const command *command_get(size_t i)
{
    return i < sizeof commands / sizeof commands[0] ? &commands[i] : NULL;
}

static void print_overview(FILE *to)
{
    fprintf(to, "usage: salcheck COMMAND [ARGUMENTS] [OPTIONS]\n\n"
                "Checks whether saliency maps depend on what a network has learned.\n\n");
    for (size_t i = 0; command_get(i); i++)
        fprintf(to, "  %-15s %s\n", commands[i].name, commands[i].summary);
    fprintf(to,
            "\n'salcheck COMMAND --help' says more. Ends with 0: all pass, 1: a check failed, 2: "
            "misused,\n3: inconclusive or invalid, 4: could not run.\n");
}

static int print_help(const command *c)
{
    printf("usage: salcheck %s%s%s [OPTIONS]\n\n%s\n%s%s\n", c->name, c->arguments[0] ? " " : "",
           c->arguments, c->summary, c->text[0] ? "\n" : "", c->text);
    for (size_t i = 0; option_get(i); i++) {
        const option *o = option_get(i);
        char left[64];
        if (!takes(c, o)) continue;
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? " " : "",
                 o->value ? o->value : "");
        printf("  %-32s %s%s\n", left,
               strlen(left) > 32 ? "\n                                   " : "", o->help);
    }
    printf("\nexample:\n  %s\n", c->example);
    return END_PASS;
}

static const command *find(const char *name)
{
    for (size_t i = 0; command_get(i); i++)
        if (!strcmp(commands[i].name, name) ||
            (commands[i].other && !strcmp(commands[i].other, name)))
            return &commands[i];
    return NULL;
}

static int unknown(const char *name, const settings *s)
{
    const char *names[sizeof commands / sizeof commands[0] + 1] = {NULL};
    for (size_t i = 0; command_get(i); i++) names[i] = commands[i].name;
    const char *near = nearest(name, names);
    return near ? misused(s, "unknown command '%s'; did you mean '%s'?", name, near)
                : misused(s, "unknown command '%s'", name);
}

static int run(int argc, char **argv, settings *s)
{
    if (argc < 2) {
        print_overview(stderr);
        return END_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        const command *about = argc > 2 ? find(argv[2]) : NULL;
        if (about) return print_help(about);
        print_overview(stdout);
        return END_PASS;
    }
    if (!strcmp(argv[1], "--version")) {
        printf("salcheck %s\n", sal_version());
        return END_PASS;
    }
    const command *c = find(argv[1]);
    if (!c) return unknown(argv[1], s);
    s->command = argv[1];
    int end = options_parse(c, argc - 2, argv + 2, s);
    if (end) return end;
    s->environment.threads = s->threads;
    if (s->help) return print_help(c);
    if (s->n < c->least || s->n > c->most)
        return s->n < c->least ? misused(s, "an argument is missing: %s %s", c->name, c->arguments)
                               : misused(s, "one argument too many: '%s'", s->arguments[c->most]);
    return c->run(s);
}

int main(int argc, char **argv)
{
    settings s = {.arguments = argv}; /* arguments move to the front of argv */
    s.env = &s.environment;
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error we see */
    watch_interrupt();
    int end = run(argc, argv, &s);
    errno = 0;
    if (fflush(stdout) || ferror(stdout) || fclose(stdout)) {
        complain(&s, "standard output cannot be written: %s",
                 errno ? strerror(errno) : "an earlier error");
        return END_ERROR;
    }
    return end;
}
