/* tests/cli/test_usage.c - help, misuse, exit codes, lists, completion, output that cannot be
 * written. */
#include "program.h"

#include <salcheck/salcheck.h>

#include <stdio.h>
#include <string.h>

static const char *const commands[] = {
    "methods", "metrics",  "checks",    "randomisations", "info",       "predict",
    "explain", "compare",  "randomise", "check",          "run",        "merge",
    "report",  "baseline", "gate",      "history",        "completion", "man"};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void every_command_has_help_with_an_example(void **state)
{
    const scratch *s = *state;
    for (size_t i = 0; i < COMMANDS; i++) {
        char usage[64], example[64];
        snprintf(usage, sizeof usage, "usage: salcheck %s", commands[i]);
        snprintf(example, sizeof example, "\nexample:\n");
        for (int how = 0; how < 3; how++) {
            const answer *a = how == 0   ? salcheck(s, "%s --help", commands[i])
                              : how == 1 ? salcheck(s, "%s -h", commands[i])
                                         : salcheck(s, "help %s", commands[i]);
            expect(a, commands[i], 0, "");
            if (a->err[0]) fail_msg("%s: stderr: %s", commands[i], a->err);
            if (strncmp(a->out, usage, strlen(usage)) != 0)
                fail_msg("%s: starts with %.60s", commands[i], a->out);
            const char *at = strstr(a->out, example);
            if (!at || !strstr(at, commands[i])) fail_msg("%s: no example", commands[i]);
            if (!strstr(a->out, "--seed") || !strstr(a->out, "--threads"))
                fail_msg("%s: no --seed or --threads", commands[i]);
            for (const char *line = a->out; *line; line += strcspn(line, "\n") + 1)
                if (strcspn(line, "\n") > 118)
                    fail_msg("%s: a line is too long: %.118s", commands[i], line);
        }
    }
}

static void the_overview_lists_every_command(void **state)
{
    const scratch *s = *state;
    const answer *a = salcheck(s, "--help");
    expect(a, "--help", 0, "");
    for (size_t i = 0; i < COMMANDS; i++) {
        char row[32];
        snprintf(row, sizeof row, "\n  %s ", commands[i]);
        if (!strstr(a->out, row)) fail_msg("%s is not in the overview", commands[i]);
    }
    expect(salcheck(s, "%s", ""), "nothing", 2, "usage: salcheck COMMAND");
    a = salcheck(s, "--version");
    assert_string_equal(a->out, "salcheck " SAL_VERSION "\n");
}

static void misuse_is_named(void **state)
{
    static const struct {
        const char *arguments, *part;
    } cases[] = {
        {"compre", "unknown command 'compre'; did you mean 'compare'?"},
        {"zzzzzzzz", "unknown command 'zzzzzzzz'"},
        {"compare --metrc x", "unknown option '--metrc'; did you mean '--metric'?"},
        {"compare --metrc=x", "unknown option '--metrc'; did you mean '--metric'?"},
        {"compare --zzzzzzzz", "unknown option '--zzzzzzzz'"},
        {"compare -m x", "unknown option '-m'"},
        {"compare --method x", "unknown option '--method'"},
        {"compare a.npy", "an argument is missing: compare A.npy B.npy"},
        {"compare a b c", "one argument too many: 'c'"},
        {"compare a b", "--metric is missing"},
        {"compare a b --metric", "--metric needs a value"},
        {"metrics --json=yes", "--json takes no value"},
        {"metrics --threads 0", "--threads is '0', wanted a whole number from 1 on"},
        {"metrics --threads many", "--threads is 'many', wanted a whole number"},
        {"metrics --seed -1", "--seed is '-1', wanted a whole number"},
        {"metrics --seed 99999999999999999999", "--seed is '9999"},
        {"metrics extra", "one argument too many: 'extra'"},
        {"check params m.onnx x.npy", "--method is missing"},
        {"check params m.onnx", "an argument is missing"},
        {"check parms m.onnx x.npy --method gradient",
         "unknown check 'parms'; did you mean 'params'?"},
        {"check params m.onnx x.npy --method gradient --alpha a",
         "--alpha is 'a', wanted a number"},
        {"explain m.onnx x.npy --out y.npy", "--method is missing"},
        {"explain m.onnx x.npy --method gradient", "--out FILE.npy is missing"},
        {"explain m.onnx x.npy --scale 1/0", "--scale is '1/0', wanted a number"},
        {"explain m.onnx x.npy --size 3x", "--size is '3x', wanted a size"},
        {"explain m.onnx x.npy --size 0", "--size is '0', wanted a size"},
        {"explain m.onnx x.npy --mean 1,2", "--mean is '1,2', wanted one number, or three"},
        {"explain m.onnx x.npy --mean 1,2,3,", "--mean is '1,2,3,', wanted one number, or three"},
        {"explain m.onnx x.npy --std nan", "--std is 'nan', wanted one number"},
        {"randomise m.onnx --out n.onnx", "--mode is missing"},
        {"randomize m.onnx --mode full", "--out NEW.onnx is missing"},
        {"completion zsh", "unknown shell 'zsh'"},
    };
    const scratch *s = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const answer *a = salcheck(s, "%s", cases[i].arguments);
        expect(a, cases[i].arguments, 2, cases[i].part);
        if (a->out[0]) fail_msg("%s: stdout: %s", cases[i].arguments, a->out);
    }
}

static void what_cannot_be_read_ends_with_4(void **state)
{
    static const struct {
        const char *arguments, *part;
    } cases[] = {
        {"compare no.npy no.npy --metric mse", "no.npy: cannot be opened: No such file"},
        {"compare no.npz:x no.npz --metric mse", "no.npz: cannot be opened: No such file"},
        {"info no.onnx", "no.onnx"},
        {"predict no.onnx x.npy", "no.onnx"},
        {"explain no.onnx x.npy --method gradient --out y.npy", "no.onnx"},
        {"randomise no.onnx --mode full --out y.onnx", "no.onnx"},
        {"check params no.onnx x.npy --method gradient", "no.onnx"},
    };
    const scratch *s = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect(salcheck(s, "%s", cases[i].arguments), cases[i].arguments, 4, cases[i].part);
}

/* The name of row i of each table; NULL beyond the last. */
static const char *method(size_t i)
{
    return sal_method_get(i) ? sal_method_get(i)->name : NULL;
}

static const char *metric(size_t i)
{
    return sal_metric_get(i) ? sal_metric_get(i)->name : NULL;
}

static const char *check(size_t i)
{
    return sal_check_get(i) ? sal_check_get(i)->name : NULL;
}

static const char *randomisation(size_t i)
{
    return sal_randomisation_get(i) ? sal_randomisation_get(i)->name : NULL;
}

static void lists_are_the_tables(void **state)
{
    static const struct {
        const char *command;
        const char *(*name)(size_t i);
    } lists[] = {{"methods", method},
                 {"metrics", metric},
                 {"checks", check},
                 {"randomisations", randomisation},
                 {"randomizations", randomisation}};
    const scratch *s = *state;
    for (size_t c = 0; c < sizeof lists / sizeof lists[0]; c++) {
        const answer *a = salcheck(s, "%s --json", lists[c].command);
        expect(a, lists[c].command, 0, "");
        json_t *all = json_of_answer(a, lists[c].command);
        size_t n = 0;
        for (; lists[c].name(n); n++) {
            json_t *row = json_array_get(all, n);
            const char *name = json_string_value(json_object_get(row, "name"));
            if (!name || strcmp(name, lists[c].name(n)) != 0)
                fail_msg("%s: row %zu is %s", lists[c].command, n, name ? name : "absent");
            if (!json_is_string(json_object_get(row, "summary"))) fail_msg("%s: no summary", name);
        }
        if (json_array_size(all) != n) fail_msg("%s: %zu rows", lists[c].command, n);
        json_decref(all);
        a = salcheck(s, "%s", lists[c].command);
        const char *at = a->out;
        for (size_t i = 0; i < n; i++) {
            at = strstr(at, lists[c].name(i));
            if (!at) fail_msg("%s: the text lacks %s", lists[c].command, lists[c].name(i));
        }
    }
}

static void output_that_cannot_be_written_is_noticed(void **state)
{
    const scratch *s = *state;
    expect(salcheck(s, "methods >/dev/full"), "full disk", 4,
           "standard output cannot be written: No space left");
    expect(salcheck(s, "methods --json >/dev/full"), "full disk, JSON", 4,
           "standard output cannot be written");
    expect(salcheck(s, "methods >&-"), "closed", 4, "standard output cannot be written");
    expect(
        salcheck(s, "--version; (sleep 0.2; '" SAL_PROGRAM "' methods; echo ended $? >&2) | true"),
        "closed pipe", 0, "Broken pipe");
    expect(
        salcheck(s, "--version; (sleep 0.2; '" SAL_PROGRAM "' methods; echo ended $? >&2) | true"),
        "closed pipe", 0, "ended 4");
}

static void completion_is_a_script(void **state)
{
    const scratch *s = *state;
    const answer *a = salcheck(s, "completion bash >some.file && bash -n some.file");
    expect(a, "syntax", 0, "");
    static const struct {
        const char *words, *part;
    } cases[] = {{"salcheck comp", "compare"},
                 {"salcheck check lab", "labels"},
                 {"salcheck explain --method vargr", "vargrad"},
                 {"salcheck compare --metric pearson-f", "pearson-folded"},
                 {"salcheck check params m.onnx --randomisation casc", "cascade"},
                 {"salcheck explain m.onnx --bg", "--bgr"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        a = salcheck(s,
                     "completion bash >some.file; bash -c 'source ./some.file; COMP_WORDS=(%s); "
                     "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _salcheck; echo \"${COMPREPLY[*]}\"'",
                     cases[i].words);
        if (!strstr(a->out, cases[i].part)) fail_msg("%s: %s", cases[i].words, a->out);
    }
}

static void manual_pages_say_what_the_help_says(void **state)
{
    const scratch *s = *state;
    const answer *a = salcheck(s, "man");
    expect(a, "man", 0, "");
    for (size_t i = 0; i < COMMANDS; i++) {
        char part[64];
        snprintf(part, sizeof part, ".BR salcheck\\-%s (1)\n", commands[i]);
        if (!strstr(a->out, part)) fail_msg("no %s in %s", part, a->out);
    }
    a = salcheck(s, "man check");
    expect(a, "man check", 0, "");
    assert_ptr_equal(strstr(a->out, ".TH SALCHECK\\-CHECK 1 \"\" \"salcheck "), a->out);
    assert_non_null(strstr(a->out, "\\fB\\-\\-min\\-draws\\fR N\ngo on after the decision\n"));
    assert_non_null(strstr(a->out, "\\(aqsalcheck methods\\(aq"));
    assert_null(strstr(a->out, "--"));
    expect(salcheck(s, "man chek"), "man", 2, "no command 'chek'");
    expect(salcheck(s, "man check info"), "man", 2, "one argument too many: 'info'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_has_help_with_an_example),
        cmocka_unit_test(the_overview_lists_every_command),
        cmocka_unit_test(misuse_is_named),
        cmocka_unit_test(what_cannot_be_read_ends_with_4),
        cmocka_unit_test(lists_are_the_tables),
        cmocka_unit_test(output_that_cannot_be_written_is_noticed),
        cmocka_unit_test(completion_is_a_script),
        cmocka_unit_test(manual_pages_say_what_the_help_says),
    };
    return !!cmocka_run_group_tests(tests, make_scratch, drop_scratch);
}
