/* salcheck run and salcheck merge: shards merged are the single run byte for byte, and everything that is
 * wrong with a suite is one line that says where. */
#define _XOPEN_SOURCE 700
#include "program.h"
#include "small_nets.h"

#include <salcheck/salcheck.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Networks and inputs that all tests share; false, and why, where the build cannot write them. */
static bool make_files(const scratch *s)
{
    char path[128];
    sal_error err = {0};
    small_world w;
    bool made = true;
    make_world(&w, NULL);
    const test_net *nets[] = {&w.net, &w.twin};
    static const char *const names[] = {"net", "twin"};
    for (size_t i = 0; i < 2 && made; i++) {
        snprintf(path, sizeof path, "%s/%s.onnx", s->folder, names[i]);
        made = sal_onnx_save(nets[i]->g, sal_graph_find(nets[i]->g, "fc2"), nets[i]->params, path,
                             &err) == SAL_OK;
    }
    snprintf(path, sizeof path, "%s/bars.npy", s->folder);
    if (made && sal_npy_write_tensor(w.inputs, path, &err) != SAL_OK) fail_msg("%s", err.text);
    if (!made && err.status == SAL_E_UNSUPPORTED)
        print_message("this build has no ONNX\n");
    else if (!made)
        fail_msg("%s", err.text);
    free_world(&w);
    return made;
}

static void clean(const scratch *s)
{
    char line[200];
    snprintf(line, sizeof line, "cd '%s' && rm -rf -- *", s->folder);
    assert_int_equal(system(line), 0);
}

static void write_suite(const scratch *s, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/suite.yaml", s->folder);
    write_bytes(path, text, strlen(text));
}

static char *text_of(const scratch *s, const char *name)
{
    char path[128];
    size_t n;
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    char *text = (char *)read_bytes(path, &n), *end = realloc(text, n + 1);
    end[n] = '\0';
    return end;
}

/* Six lines. */
#define HEAD                                                                                       \
    "version: 1\n"                                                                                 \
    "defaults: {model: net}\n"                                                                     \
    "models:\n"                                                                                    \
    "  [{name: net, file: net.onnx}, {name: twin, file: twin.onnx}]\n"                             \
    "inputs:\n"                                                                                    \
    "  - {name: bars, files: [bars.npy]}\n"

/* Three, without defaults. */
#define SHORT                                                                                      \
    "version: 1\n"                                                                                 \
    "models: [{name: a, file: net.onnx}, {name: b, file: net.onnx}]\n"                             \
    "inputs: [{name: bars, files: [bars.npy]}]\n"

/* ---- shards ----------------------------------------------------------------------------------- */

static const char suite[] =
    "version: 1\n"
    "defaults: {draws: 100, min-draws: 20, model: net, methods: [gradient, sobel], alpha: 0.05}\n"
    "models:\n"
    "  - {name: net, file: net.onnx}\n"
    "  - {name: twin, file: ./twin.onnx}\n"
    "inputs:\n"
    "  - name: bars\n"
    "    files: [bars.npy]\n"
    "checks:\n"
    "  - check: params\n"
    "    methods: [gradient, guided-backprop, constant, \"smoothgrad:samples=3,spread=0.1\"]\n"
    "  - {check: params, randomisation: cascade}\n"
    "  - {check: edges, methods: [input, random]}\n"
    "  - {check: reproducible, methods: [random], seed: 0x77}\n"
    "  - {check: faithful}\n"
    "  - {check: sane, methods: [gradient], name: all in one}\n"
    "  - {check: labels, twin: twin, metric: pearson}\n"
    "  - {check: params, model: twin, target: 1, controls: true, limit: 0.2, methods: [gradient]}\n"
    "  - {check: params, methods: [sobel], name: by default, draws: 300}\n";

static void measure(const scratch *s, size_t shards, const char *more)
{
    for (size_t k = 1; k <= shards; k++)
        expect(salcheck(s, "run suite.yaml --shard %zu/%zu --out part-%02zu.jsonl %s", k, shards, k,
                        more),
               "a shard", 0, "");
}

static void shards_merged_are_the_single_run(void **state)
{
    static const size_t counts[] = {1, 2, 7};
    static const char *const parts[] = {
        "\"id\":\"net/params/gradient\"",
        "\"id\":\"net/params/smoothgrad:samples=3,spread=0.1\"",
        "\"id\":\"net/params:cascade/sobel\"",
        "\"id\":\"all in one\"",
        "\"id\":\"net/labels/gradient\"",
        "\"seed\":\"0000000000000077\"",
        "\"outcome\":\"pass\"",
        "\"outcome\":\"fail\"",
        "\"outcome\":\"invalid\"",
        "\"min_draws\":20,\"max_draws\":100",
        "\"min_draws\":20,\"max_draws\":300",
        "\"metric\":\"pearson\"",
        "\"limit\":0.2",
    };
    const scratch *s = *state;
    if (!make_files(s)) skip();
    write_suite(s, suite);
    const answer *a = salcheck(s, "run suite.yaml --out whole.jsonl");
    expect(a, "the single run", 1, "");
    assert_non_null(strstr(a->out, "16 checks: "));
    char *whole = text_of(s, "whole.jsonl"), *table = strdup(a->out);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!strstr(whole, parts[i])) fail_msg("no %s", parts[i]);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        measure(s, counts[i], i ? "--threads 1" : "");
        a = salcheck(s, "merge part-*.jsonl --out merged.jsonl && false || exit $?");
        expect(a, "merge", 1, "");
        assert_string_equal(a->out, table); /* what people read, too */
        char *merged = text_of(s, "merged.jsonl");
        if (strcmp(merged, whole) != 0) fail_msg("%zu shards give another file", counts[i]);
        free(merged);
        expect(salcheck(s, "report part-01.jsonl --tap x.tap"), "report", 4, "merge first");
    }
    free(whole);
    free(table);
    clean(s);
}

static void parts_that_do_not_belong_together(void **state)
{
    const scratch *s = *state;
    if (!make_files(s)) skip();
    write_suite(s, HEAD "checks:\n  - {check: params, methods: [gradient, sobel]}\n");
    measure(s, 3, "");
    expect(salcheck(s, "merge part-01.jsonl part-03.jsonl --out m.jsonl"), "lost", 4,
           "shard 2 of 3 is missing among part-01.jsonl, part-03.jsonl\n");
    expect(salcheck(s, "merge part-03.jsonl"), "two lost", 4,
           "shards 1, 2 of 3 are missing among part-03.jsonl\n");
    expect(salcheck(s, "merge part-*.jsonl part-02.jsonl"), "overlap", 4,
           "part-02.jsonl: shard 2 of 3, as is part-02.jsonl\n");
    expect(salcheck(s, "run suite.yaml --shard 2/3 --seed 9 --out part-02.jsonl"), "seed", 0, "");
    expect(salcheck(s, "merge part-*.jsonl"), "foreign", 4,
           "part-02.jsonl: 'net/params/gradient' has another seed than in part-01.jsonl\n");
    expect(salcheck(s, "run suite.yaml --shard 2/4 --out part-02.jsonl"), "shards", 0, "");
    expect(salcheck(s, "merge part-*.jsonl"), "another number", 4,
           "part-02.jsonl: shard 2 of 4, but part-01.jsonl is one of 3\n");
    expect(salcheck(s, "run suite.yaml --out part-02.jsonl"), "whole", 1, "");
    expect(salcheck(s, "merge part-*.jsonl"), "a whole one", 4,
           "part-02.jsonl: line 1: a whole verdict, wanted what a shard has measured\n");
    write_suite(s, HEAD "checks:\n  - {check: params, methods: [sobel]}\n");
    expect(salcheck(s, "run suite.yaml --shard 2/3 --out part-02.jsonl"), "less", 0, "");
    expect(salcheck(s, "merge part-*.jsonl"), "another suite", 4,
           "part-02.jsonl: shard 2 of 3 lacks the check 'net/params/gradient' of part-01.jsonl\n");
    write_suite(s, HEAD "checks:\n  - {check: params, methods: [sobel, gradient]}\n");
    expect(salcheck(s, "run suite.yaml --shard 2/3 --out part-02.jsonl"), "order", 0, "");
    expect(salcheck(s, "merge part-*.jsonl"), "another order", 4,
           "part-02.jsonl: another order of checks than in part-01.jsonl\n");
    expect(salcheck(s, "merge absent.jsonl"), "absent", 4, "absent.jsonl: cannot be opened");
    expect(salcheck(s, "merge"), "nothing", 2, "an argument is missing");
    clean(s);
}

static void shards_that_the_surroundings_name(void **state)
{
    static const struct {
        const char *variables, *shard, *text; /* NULL: a mistake with this text */
    } rows[] = {
        {"", "auto", "neither CI_NODE_INDEX nor SLURM_ARRAY_TASK_ID is set"},
        {"CI_NODE_INDEX=2 CI_NODE_TOTAL=3", "auto", NULL},
        {"CI_NODE_TOTAL=1", "auto", "neither CI_NODE_INDEX"},
        {"CI_NODE_INDEX=2", "auto", "CI_NODE_TOTAL is not set"},
        {"CI_NODE_INDEX=4 CI_NODE_TOTAL=3", "auto", "shard 4 of 3"},
        {"CI_NODE_INDEX=x CI_NODE_TOTAL=3", "auto", "CI_NODE_INDEX is 'x', wanted a whole number"},
        {"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=0", "auto", NULL},
        {"SLURM_ARRAY_TASK_ID=9 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=5 "
         "SLURM_ARRAY_TASK_STEP=4",
         "auto", NULL},
        {"SLURM_ARRAY_TASK_ID=9 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=1", "auto",
         "is no range"},
        {"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_MIN=1", "auto", "SLURM_ARRAY_TASK_COUNT is not"},
        {"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=2", "auto", "SLURM_ARRAY_TASK_MIN is not"},
        {"CI_NODE_INDEX=2 CI_NODE_TOTAL=3 SLURM_ARRAY_TASK_ID=1", "auto", "both CI_NODE_INDEX"},
        {"", "2/3", NULL},
        {"", "0/3", "shard 0 of 3"},
        {"", "4/3", "shard 4 of 3"},
        {"", "2", "wanted I/N"},
        {"", "2/3x", "wanted I/N"},
        {"", "1/99999", "at most 65536"},
    };
    const scratch *s = *state;
    if (!make_files(s)) skip();
    write_suite(s, HEAD "checks:\n  - {check: params, methods: [sobel], draws: 48}\n");
    unsetenv("CI_NODE_INDEX");
    unsetenv("SLURM_ARRAY_TASK_ID");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char script[600];
        snprintf(script, sizeof script,
                 "methods >/dev/null && { env %s '%s' run suite.yaml --shard "
                 "%s --out p.jsonl; }",
                 rows[i].variables, SAL_PROGRAM, rows[i].shard);
        const answer *a = salcheck(s, "%s", script);
        expect(a, rows[i].variables, rows[i].text ? 2 : 0, rows[i].text ? rows[i].text : "");
        if (!rows[i].text && !strstr(a->out, "shard 2 of 3")) fail_msg("%s", a->out);
    }
    expect(salcheck(s, "run suite.yaml --shard 1/2"), "no file", 2, "a shard needs --out");
    expect(salcheck(s, "run suite.yaml --shard 1/2 --out a --pictures b"), "pictures", 2,
           "a shard draws no pictures");
    clean(s);
}

/* ---- suites --------------------------------------------------------------------------------------- */

static void everything_wrong_has_a_line(void **state)
{
    static const struct {
        const char *text, *error;
        int code;
    } rows[] = {
        {HEAD "checks:\n  - {check: params, methods: [sobel], limits: 0.5}\n",
         "suite.yaml: line 8: unexpected key: limits", 2},
        {HEAD "checks:\n  - {check: params, methods: sobel}\n",
         "suite.yaml: line 8: wanted a list, got one value", 2},
        {HEAD "checks:\n  - {check: params, methods: [sobel], limit: [1]}\n",
         "suite.yaml: line 8: wanted one value, got a list", 2},
        {HEAD "checks:\n  - {check: params, methods: [sobel], limit: half}\n",
         "suite.yaml: line 8: limit is 'half', wanted a number between 0 and 1", 2},
        {HEAD "checks:\n  - check: params\n    methods: [sobel]\n    draws: 0\n",
         "suite.yaml: line 10: draws is '0', wanted a whole number from 1 on", 2},
        {HEAD "checks:\n  - check: params\n    methods: [sobel]\n    controls: perhaps\n",
         "suite.yaml: line 10: controls is 'perhaps', wanted true or false", 2},
        {SHORT "defaults:\n  draws: 16\n  alpha: 2\n"
               "checks:\n  - {check: params, model: a, methods: [sobel]}\n",
         "suite.yaml: line 6: alpha is '2', wanted a number between 0 and 1", 2},
        {HEAD "checks:\n  - {check: params, methods: []}\n",
         "suite.yaml: line 8: the list is empty", 2},
        {HEAD "checks: []\n", "suite.yaml: line 7: the list is empty", 2},
        {HEAD "checks:\n  - {check: params}\n", "suite.yaml: line 8: the check has no 'methods'",
         2},
        {HEAD "checks:\n  - {methods: [sobel]}\n",
         "suite.yaml: line 8: missing required mapping field: check", 2},
        {HEAD "checks:\n  - {check: param, methods: [sobel], model: net}\n",
         "suite.yaml: line 8: unknown check 'param'; did you mean 'params'?", 2},
        {HEAD "checks:\n  - check: params\n    model: nett\n    methods: [sobel]\n",
         "suite.yaml: line 9: unknown model 'nett'; did you mean 'net'?", 2},
        {SHORT "checks:\n  - {check: params, methods: [sobel]}\n",
         "suite.yaml: line 5: the check has no 'model', and there are several", 2},
        {HEAD "checks:\n  - {check: params, model: net, inputs: x, methods: [sobel]}\n",
         "suite.yaml: line 8: unknown inputs 'x'", 2},
        {HEAD "checks:\n  - check: params\n    model: net\n    methods:\n    - soble\n",
         "suite.yaml: line 11: unknown method 'soble'; did you mean 'sobel'?", 2},
        {HEAD
         "checks:\n  - {check: params, model: net, methods: [smoothgrad:samples=3,spread=1]}\n",
         "suite.yaml: line 8: method 'spread=1': put one with commas into quotes", 2},
        {HEAD "checks:\n  - {check: params, model: net, methods: [sobel]}\n"
              "  - {check: params, model: net, methods: [input, sobel]}\n",
         "suite.yaml: line 9: 'net/params/sobel' is there already, in line 8", 2},
        {HEAD "checks:\n  - {check: params, model: net, methods: [sobel, sobel]}\n",
         "suite.yaml: line 8: 'net/params/sobel' is there already, in line 8", 2},
        {HEAD "  - {name: bars, files: [b.npy]}\nchecks:\n  - {check: params, methods: [sobel]}\n",
         "suite.yaml: line 7: inputs 'bars' is there already, in line 6", 2},
        {HEAD "checks:\n  - {check: labels, model: net, methods: [gradient]}\n",
         "suite.yaml: line 8: a check 'labels' needs a 'twin'", 2},
        {HEAD
         "checks:\n  - {check: params, model: net, methods: [sobel], min-draws: 9, draws: 8}\n",
         "suite.yaml: line 8: min-draws is 9 and draws 8", 2},
        {"version: 2\nmodels: [{name: a, file: b}]\ninputs: [{name: a, files: [b]}]\n"
         "checks: [{check: params}]\n",
         "suite.yaml: line 1: version is '2', wanted 1", 2},
        {HEAD "checks:\n  - {check: params, check: edges}\n", "mapping field already seen: check",
         2},
        {HEAD "checks:\n  - &a {check: params, methods: [sobel], name: *a}\n",
         "aliases (*name) are not read", 2},
        {HEAD "checks:\n\t- a\n", "line ", 2},
        {"", "suite.yaml: nothing in it", 2},
        {"a\n", "wanted keys and values, got one value", 2},
        {HEAD "checks:\n  - {check: params, model: net, methods: [sobel]}\n---\nversion: 1\n",
         "suite.yaml: more than one document", 2},
        {"version: 1\nmodels:\n  - {name: net, file: net.onnx}\ninputs:\n"
         "  - {name: bars, files: [bars.npy], mean: [1, 2]}\nchecks:\n"
         "  - {check: params, methods: [sobel]}\n",
         "suite.yaml: line 5: mean has 2 numbers, wanted 1, or 3", 2},
        {"version: 1\nmodels:\n  - {name: net, file: net.onnx}\ninputs:\n"
         "  - {name: bars, files: [bars.npy], scale: 1/0}\nchecks:\n"
         "  - {check: params, methods: [sobel]}\n",
         "suite.yaml: line 5: scale is '1/0', wanted a number or a fraction", 2},
        /* what only running shows: the other checks are run */
        {"version: 1\nmodels:\n  - {name: net, file: absent.onnx}\ninputs:\n"
         "  - {name: bars, files: [bars.npy]}\nchecks:\n  - {check: params, methods: [sobel]}\n",
         "suite.yaml: line 7: absent.onnx: cannot be opened", 4},
        {HEAD "checks:\n  - {check: params, model: net, methods: [gradcam], layer: nothing}\n"
              "  - {check: params, model: net, methods: [random-from-params]}\n",
         "suite.yaml: line 8: net/params/gradcam: ", 4},
    };
    const scratch *s = *state;
    if (!make_files(s)) skip();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        write_suite(s, rows[i].text);
        const answer *a = salcheck(s, "run suite.yaml --out v.jsonl --quiet");
        expect(a, rows[i].text, rows[i].code, rows[i].error);
        if (strchr(a->err, '\n')[1]) fail_msg("more than one line: %s", a->err);
    }
    expect(salcheck(s, "run absent.yaml"), "no suite", 4, "absent.yaml: cannot be opened");
    char *known = text_of(s, "v.jsonl"); /* of the last row: what could be run */
    assert_non_null(strstr(known, "\"id\":\"net/params/random-from-params\""));
    free(known);
    clean(s);
}

/* Pictures of noise and labels, for the options that need them. */
static void make_more_files(const scratch *s)
{
    char path[128], text[400];
    uint32_t state = 7;
    for (size_t i = 0; i < 4; i++) {
        size_t n = (size_t)sprintf(text, "P6 10 10 255\n");
        for (size_t k = 0; k < 300; k++)
            text[n++] = (char)((state = state * 1664525 + 1013904223) >> 24);
        snprintf(path, sizeof path, "%s/%zu.ppm", s->folder, i);
        write_bytes(path, text, n);
    }
    int64_t labels[BARS_INPUTS];
    int n =
        sprintf(text, "\x93NUMPY%c%cv%c{'descr': '<i8', 'fortran_order': False, 'shape': (%d,), }",
                1, 0, 0, BARS_INPUTS);
    memset(text + n, ' ', 128 - (size_t)n); /* 'v' is 118, what follows it and a 0 */
    text[127] = '\n';
    for (int64_t i = 0; i < BARS_INPUTS; i++) labels[i] = i % BARS_CLASSES;
    memcpy(text + 128, labels, sizeof labels);
    snprintf(path, sizeof path, "%s/l.npy", s->folder);
    write_bytes(path, text, 128 + sizeof labels);
    snprintf(path, sizeof path, "%s/b.txt", s->folder);
    write_bytes(path, "early=conv*\nlate=fc*\n", 21);
}

/* Every option, in a suite and on the command line: the same line but for the id. */
static void a_suite_says_what_check_says(void **state)
{
    static const struct {
        const char *model, *inputs, *check, *line; /* of the suite; the arguments of check */
    } rows[] = {
        {"", "files: [bars.npy]", "check: params, methods: [gradient]",
         "params net.onnx bars.npy --method gradient"},
        {"blocks: b.txt", "files: [bars.npy]",
         "check: params, methods: [gradient], randomisation: cascade, initialiser: permute",
         "params net.onnx bars.npy --method gradient --blocks b.txt --randomisation cascade "
         "--initialiser permute"},
        {"blocks: 'a=conv*'", "files: [bars.npy]",
         "check: params, methods: [input], randomisation: bottom-up",
         "params net.onnx bars.npy --method input --blocks 'a=conv*' --randomisation bottom-up"},
        {"", "files: [bars.npy], scale: 1/3, mean: [0.25], std: [2]",
         "check: params, methods: [gradcam], layer: conv1, target: 1, alpha: 0.2, limit: 0.3, "
         "metric: spearman, draws: 70, seed: 99, batch: 3",
         "params net.onnx bars.npy --scale 1/3 --mean 0.25 --std 2 --method gradcam --layer conv1 "
         "--target 1 --alpha 0.2 --limit 0.3 --metric spearman --draws 70 --seed 99 --batch 3"},
        {"output: relu3", "files: [bars.npy]", "check: faithful, methods: [gradient]",
         "faithful net.onnx bars.npy --output relu3 --method gradient"},
        {"", "files: [0.ppm, 1.ppm, 2.ppm, 3.ppm], grey: true, resize: area, stretch: yes, bgr: no",
         "check: edges, methods: [sobel]",
         "edges net.onnx 0.ppm 1.ppm 2.ppm 3.ppm --grey --resize area --stretch --method sobel"},
        {"", "files: [.], size: 10x10, grey: true", "check: edges, methods: [gradient]",
         "edges net.onnx . --size 10x10 --grey --method gradient"},
        {"", "files: [bars.npy]", "check: labels, twin: t, methods: [gradient]",
         "labels net.onnx twin.onnx bars.npy --method gradient"},
        {"", "files: [bars.npy], labels: l.npy",
         "check: labels, twin: t, methods: [gradient], train: bars.npy, train-labels: l.npy, "
         "permuted-labels: l.npy",
         "labels net.onnx twin.onnx bars.npy --method gradient --labels l.npy --train bars.npy "
         "--train-labels l.npy --permuted-labels l.npy"},
        {"", "files: [bars.npy]",
         "check: params, methods: [gradient], labels: l.npy, controls: true",
         "params net.onnx bars.npy --method gradient --labels l.npy --controls"},
    };
    const scratch *s = *state;
    if (!make_files(s)) skip();
    make_more_files(s);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[1200];
        snprintf(text, sizeof text,
                 "version: 1\nmodels: [{name: m, file: net.onnx%s%s}, {name: t, file: twin.onnx}]\n"
                 "inputs: [{name: i, %s}]\ndefaults: {min-draws: 0, model: m}\nchecks: [{%s}]\n",
                 rows[i].model[0] ? ", " : "", rows[i].model, rows[i].inputs, rows[i].check);
        write_suite(s, text);
        const answer *a = salcheck(s, "check %s --pictures '' --out a.jsonl", rows[i].line);
        if (a->code == 2 || a->code == 4) fail_msg("%s: %s", rows[i].line, a->err);
        a = salcheck(s, "run suite.yaml --out b.jsonl");
        if (a->code == 2 || a->code == 4) fail_msg("%s: %s", rows[i].line, a->err);
        char *one = text_of(s, "a.jsonl"), *two = text_of(s, "b.jsonl");
        for (char *x = one, *y = two; *x || *y;) {
            char *p = strstr(x, "\"check\":"), *q = strstr(y, "\"check\":");
            if (!p || !q) fail_msg("%s: another number of lines", rows[i].line);
            size_t n = strcspn(p, "\n") + 1;
            if (strncmp(p, q, n) != 0)
                fail_msg("%s:\n%.*s%.*s", rows[i].line, (int)n, p, (int)n, q);
            x = p + n;
            y = q + n;
        }
        if (!one[0]) fail_msg("%s: nothing", rows[i].line);
        free(one);
        free(two);
    }
    clean(s);
}

/* Paths are the suite's, wherever the program runs; pictures where they are asked for. */
static void paths_and_pictures(void **state)
{
    const scratch *s = *state;
    if (!make_files(s)) skip();
    write_suite(s, HEAD "checks:\n"
                        "  - {check: params, model: net, methods: [sobel, random-from-params], "
                        "draws: 40}\n");
    const answer *a = salcheck(s,
                               "methods >/dev/null && { mkdir -p deep && cd deep && '%s' run "
                               "../suite.yaml --out ../v.jsonl --pictures p; }",
                               SAL_PROGRAM);
    expect(a, "elsewhere", 1, "");
    assert_non_null(strstr(a->out, "2 checks: 1 pass, 1 fail\n"));
    char *text = text_of(s, "v.jsonl");
    assert_non_null(strstr(text, "\"picture\":\"net-params-sobel.png\""));
    assert_non_null(strstr(text, "\"min_draws\":40,\"max_draws\":40"));
    free(text);
    free(text_of(s, "deep/p/net-params-sobel.png"));
    a = salcheck(s, "run suite.yaml --json");
    json_t *first = json_loadb(a->out, strcspn(a->out, "\n"), 0, NULL);
    assert_string_equal(json_string_value(json_object_get(first, "id")), "net/params/sobel");
    json_decref(first);
    clean(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shards_merged_are_the_single_run),
        cmocka_unit_test(parts_that_do_not_belong_together),
        cmocka_unit_test(shards_that_the_surroundings_name),
        cmocka_unit_test(everything_wrong_has_a_line),
        cmocka_unit_test(a_suite_says_what_check_says),
        cmocka_unit_test(paths_and_pictures),
    };
    return cmocka_run_group_tests(tests, make_scratch, drop_scratch);
}
