/* The text of a failing check: its lines by outcome, and that none is too long, whatever the
 * names. */
#include "support.h"
#include "verdicts.h"

#include "report/report.h"

#include <stdio.h>
#include <string.h>

static const char *render(const made_verdict *m)
{
    static char text[4096];
    sal_text t = sal_text_into_(text, sizeof text);
    sal_verdict_text_(&m->v, &t);
    assert_false(t.truncated);
    return text;
}

/* The whole text, as wanted. */
static void expect_text(const char *name, const made_verdict *m, const char *want)
{
    const char *got = render(m);
    if (strcmp(got, want)) {
        fprintf(stderr, "%s:\n%swanted:\n%s", name, got, want); /* fail_msg has no room for it */
        fail_msg("%s: another text", name);
    }
    expect_clean_text(name, got);
}

static void a_failure(void **state)
{
    (void)state;
    made_verdict m;
    make_verdict(&m);
    expect_text("fail", &m,
                "saliency check FAILED: guided-backprop does not depend on params\n"
                "  model        mnist_cnn, output layer \"fc2\" re-initialised\n"
                "  D            0.08   [0.06, 0.49] at 99 %   0 = map unchanged, 1 = nothing of it "
                "is left\n"
                "  needed       D above 0.50\n"
                "  similarity   0.93 after the change, 0.08 when unrelated, 1.00 when repeated   "
                "(pearson-folded)\n"
                "  draws        4 over 32 inputs, 1 undefined, seed 0x5a11\n"
                "  meaning      the map stays the same when the layer that separates the classes "
                "is random:\n"
                "               it shows the input's structure, not what the model learned\n");
    snprintf(m.v.picture, sizeof m.v.picture, "salcheck-out/test_guided.png");
    m.v.distinct = 15;
    m.v.measured_r = true;
    m.steps[0].mean_r = 0.951;
    expect_text(
        "picture, few inputs, measured r", &m,
        "saliency check FAILED: guided-backprop does not depend on params\n"
        "  model        mnist_cnn, output layer \"fc2\" re-initialised\n"
        "  D            0.08   [0.06, 0.49] at 99 %   0 = map unchanged, 1 = nothing of it is "
        "left\n"
        "  needed       D above 0.50\n"
        "  similarity   0.93 after the change, 0.08 when unrelated, 0.95 when repeated, measured\n"
        "               (pearson-folded)\n"
        "  draws        4 over 15 inputs, 1 undefined, seed 0x5a11\n"
        "  meaning      the map stays the same when the layer that separates the classes is "
        "random:\n"
        "               it shows the input's structure, not what the model learned\n"
        "  few inputs   this speaks for these 15 only\n"
        "  pictures     salcheck-out/test_guided.png\n");
}

static void a_pass_says_nothing(void **state)
{
    (void)state;
    made_verdict m;
    make_verdict(&m);
    m.v.outcome = m.steps[0].outcome = SAL_PASS;
    assert_string_equal(render(&m), "");
}

static void undecided(void **state)
{
    (void)state;
    made_verdict m;
    make_verdict(&m);
    m.v.outcome = m.steps[0].outcome = SAL_INCONCLUSIVE;
    snprintf(m.v.claim, sizeof m.v.claim, "does not clearly depend on params or not");
    snprintf(
        m.steps[0].reason, sizeof m.steps[0].reason,
        "undecided after 256 draws; about 900 would do at this distance and spread: .max_draws");
    m.steps[0].statistic = 0.52;
    m.steps[0].low = 0.4999;
    m.steps[0].high = 1.7;
    m.v.alpha = 0.001;
    expect_text(
        "inconclusive", &m,
        "saliency check INCONCLUSIVE: guided-backprop does not clearly depend on params or not\n"
        "  model        mnist_cnn, output layer \"fc2\" re-initialised\n"
        "  D            0.52   [0.4999, 1.00] at 99.9 %   0 = map unchanged, 1 = nothing of it is "
        "left\n"
        "  needed       D above 0.50\n"
        "  similarity   0.93 after the change, 0.08 when unrelated, 1.00 when repeated   "
        "(pearson-folded)\n"
        "  draws        4 over 32 inputs, 1 undefined, seed 0x5a11\n"
        "  because      undecided after 256 draws; about 900 would do at this distance and "
        "spread:\n"
        "               .max_draws\n");
}

static void invalid(void **state)
{
    (void)state;
    made_verdict m;
    make_verdict(&m);
    m.v.outcome = m.steps[0].outcome = SAL_INVALID;
    snprintf(m.v.claim, sizeof m.v.claim, "does not get a verdict on params");
    snprintf(m.steps[0].reason, sizeof m.steps[0].reason,
             "16 of 16 draws are undefined: a map is constant or has no value");
    m.steps[0].draws = m.steps[0].undefined = 16;
    m.steps[0].has_statistic = false;
    expect_text("all undefined", &m,
                "saliency check INVALID: guided-backprop does not get a verdict on params\n"
                "  model        mnist_cnn, output layer \"fc2\" re-initialised\n"
                "  D            not defined\n"
                "  draws        16 over 32 inputs, 16 undefined, seed 0x5a11\n"
                "  because      16 of 16 draws are undefined: a map is constant or has no value\n");
    m.steps[0].draws = m.steps[0].undefined = 0;
    m.steps[0].change[0] = '\0';
    snprintf(m.steps[0].reason, sizeof m.steps[0].reason, "logit 1 of input 2 is not finite");
    expect_text("before any draw", &m,
                "saliency check INVALID: guided-backprop does not get a verdict on params\n"
                "  model        mnist_cnn\n"
                "  because      logit 1 of input 2 is not finite\n");
}

/* R and F: no similarities to tell, scales of their own. */
static void means(void **state)
{
    (void)state;
    made_verdict m;
    make_verdict(&m);
    snprintf(m.v.claim, sizeof m.v.claim, "does not repeat itself");
    snprintf(m.steps[0].change, sizeof m.steps[0].change, "the map made again with fresh noise");
    snprintf(m.steps[0].scale, sizeof m.steps[0].scale,
             "0 = another map every time, 1 = the same map");
    snprintf(m.steps[0].meaning, sizeof m.steps[0].meaning, "one line");
    m.steps[0].statistic_name = 'R';
    expect_text("R", &m,
                "saliency check FAILED: guided-backprop does not repeat itself\n"
                "  model        mnist_cnn, the map made again with fresh noise\n"
                "  R            0.08   [0.06, 0.49] at 99 %   0 = another map every time, 1 = the "
                "same map\n"
                "  needed       R above 0.50\n"
                "  draws        4 over 32 inputs, 1 undefined, seed 0x5a11\n"
                "  meaning      one line\n");
}

/* The step that decides, not the first. */
static void the_decisive_step(void **state)
{
    (void)state;
    made_verdict m;
    make_verdict(&m);
    m.v.n_steps = 3;
    m.v.decisive = 2;
    m.steps[0].outcome = m.steps[1].outcome = SAL_PASS;
    snprintf(m.steps[2].change, sizeof m.steps[2].change, "compared with the input itself");
    const char *text = render(&m);
    assert_non_null(strstr(text, "mnist_cnn, compared with the input itself\n"));
    assert_null(strstr(text, "fc2"));
}

static void fill(char *field, size_t size, const char *with)
{
    for (size_t i = 0; i + 1 < size; i++) field[i] = with[i % strlen(with)];
    field[size - 1] = '\0';
}

/* Longest names, with spaces to break at or without. Lines stay short and nothing is lost. */
static void long_names(void **state)
{
    static const char *const fills[] = {"abcdefghi ", "abcdefghij", "a b", "\xc3\xa4\xe2\x82\xac"};
    (void)state;
    for (size_t i = 0; i < sizeof fills / sizeof fills[0]; i++)
        for (int outcome = SAL_FAIL; outcome <= SAL_INVALID; outcome++) {
            made_verdict m;
            make_verdict(&m);
            m.v.outcome = m.steps[0].outcome = (sal_outcome)outcome;
            fill(m.v.method, sizeof m.v.method - 3, fills[i]);
            fill(m.v.claim, sizeof m.v.claim - 3, fills[i]);
            fill(m.v.model, sizeof m.v.model - 3, fills[i]);
            fill(m.v.metric, sizeof m.v.metric - 3, fills[i]);
            fill(m.steps[0].change, sizeof m.steps[0].change - 3, fills[i]);
            fill(m.steps[0].scale, sizeof m.steps[0].scale - 3, fills[i]);
            fill(m.steps[0].meaning, sizeof m.steps[0].meaning - 3, fills[i]);
            fill(m.steps[0].reason, sizeof m.steps[0].reason - 3, fills[i]);
            m.steps[0].statistic = -123456.78;
            m.v.alpha = 1e-5;
            m.v.seed = UINT64_MAX;
            m.v.distinct = SIZE_MAX;
            m.steps[0].draws = m.steps[0].undefined = SIZE_MAX;
            m.steps[0].undefined--;
            const char *text = render(&m);
            /* characters may be cut by the fields' ends: those bytes are check_text's matter */
            size_t letters = 0, want = 0;
            const char *fields[] = {m.v.method, m.v.claim, m.v.model, m.steps[0].change};
            for (size_t k = 0; k < 4; k++)
                for (const char *c = fields[k]; *c; c++) want += *c != ' ';
            for (const char *c = text; *c; c++) letters += *c != ' ' && *c != '\n';
            if (letters < want) fail_msg("fill %zu: %zu letters of %zu", i, letters, want);
            for (const char *line = text; *line;) {
                size_t n = strcspn(line, "\n");
                if (n >= 100) fail_msg("fill %zu: a line of %zu bytes:\n%s", i, n, text);
                line += n + 1;
            }
        }
}

/* A path can be followed only whole: its line alone may be longer. */
static void long_paths(void **state)
{
    (void)state;
    made_verdict m;
    make_verdict(&m);
    fill(m.v.picture, sizeof m.v.picture, "/folder");
    const char *at = strstr(render(&m), "  pictures     ");
    assert_non_null(at);
    assert_int_equal(strncmp(at + 15, m.v.picture, strlen(m.v.picture)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure),  cmocka_unit_test(a_pass_says_nothing),
        cmocka_unit_test(undecided),  cmocka_unit_test(invalid),
        cmocka_unit_test(means),      cmocka_unit_test(the_decisive_step),
        cmocka_unit_test(long_names), cmocka_unit_test(long_paths),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
