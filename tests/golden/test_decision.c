/* The rule against a plain reference: outcome, deciding draw, interval and wealth of 12 sequences.
 * How they were made: decision/PROVENANCE.md. */
#include "support.h"

#include "base/base.h"
#include "stats/betting.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static int load(void **state)
{
    json_error_t error;
    json_t *root = json_load_file(SAL_TESTS_DIR "/golden/decision/decision.json", 0, &error);
    if (!root) print_error("decision.json:%d: %s\n", error.line, error.text);
    *state = root;
    return root ? 0 : -1;
}

static int unload(void **state)
{
    json_decref(*state);
    return 0;
}

static double number(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static size_t count(const json_t *object, const char *key)
{
    return (size_t)json_integer_value(json_object_get(object, key));
}

static sal_rule rule_of(const json_t *c)
{
    return (sal_rule){.limit = number(c, "limit"),
                      .alpha = number(c, "alpha"),
                      .lowest = number(c, "m"),
                      .highest = number(c, "M"),
                      .fixed_r = json_is_true(json_object_get(c, "fixed_r")),
                      .steps = count(c, "steps")};
}

static sal_draw *draws_of(const json_t *c, size_t *n)
{
    const json_t *list = json_object_get(c, "draws");
    *n = json_array_size(list);
    sal_draw *draws = calloc(*n, sizeof *draws);
    for (size_t j = 0; j < *n; j++) {
        const json_t *d = json_array_get(list, j);
        if (json_is_null(d)) continue;
        draws[j] = (sal_draw){json_number_value(json_array_get(d, 0)),
                              json_number_value(json_array_get(d, 1)),
                              json_number_value(json_array_get(d, 2)), true};
    }
    return draws;
}

static void compare(const json_t *root, const json_t *c)
{
    const char *name = json_string_value(json_object_get(c, "name"));
    const json_t *want = json_object_get(c, "want"), *loose = json_object_get(root, "tolerance");
    sal_rule rule = rule_of(c);
    sal_decision got;
    sal_error err = {SAL_OK, ""};
    size_t n;
    sal_draw *draws = draws_of(c, &n);
    sal_status st = sal_decide(&rule, draws, n, 0, &got, &err);
    free(draws);
    if (st != SAL_OK) fail_msg("%s: %s", name, err.text);
    const char *outcome = json_string_value(json_object_get(want, "outcome"));
    if (strcmp(sal_outcome_name(got.outcome), outcome))
        fail_msg("%s: %s, wanted %s", name, sal_outcome_name(got.outcome), outcome);
    if (got.stop != count(want, "stop") || got.defined != count(want, "defined"))
        fail_msg("%s: stop %zu, defined %zu, wanted %zu, %zu", name, got.stop, got.defined,
                 count(want, "stop"), count(want, "defined"));
    double ends = number(loose, rule.fixed_r ? "ends" : "ends_grid");
    double wealth = number(loose, "log_wealth");
    assert_near(name, got.low, number(want, "low"), ends);
    assert_near(name, got.high, number(want, "high"), ends);
    assert_near(name, got.log_up, number(want, "log_up"), wealth);
    assert_near(name, got.log_down, number(want, "log_down"), wealth);
    assert_near(name, got.statistic, number(want, "D"), 1e-12);
    assert_near(name, got.mean_r, number(want, "r"), 1e-12);
    assert_near(name, got.mean_a, number(want, "a"), 1e-12);
    assert_near(name, got.mean_u, number(want, "u"), 1e-12);
}

static void sequences_are_decided_as_the_reference_does(void **state)
{
    const json_t *root = *state, *cases = json_object_get(root, "cases");
    assert_int_equal(json_array_size(cases), 12);
    for (size_t i = 0; i < json_array_size(cases); i++) compare(root, json_array_get(cases, i));
}

static void bets_are_those_of_the_reference(void **state)
{
    const json_t *root = *state;
    for (size_t i = 0; i < SAL_BETS; i++) {
        const json_t *bets = json_object_get(root, "bets");
        const json_t *weights = json_object_get(root, "weights");
        assert_near("bet", sal_bet_sizes_[i], json_number_value(json_array_get(bets, i)), 0);
        assert_near("weight", sal_bet_weights_[i], json_number_value(json_array_get(weights, i)),
                    0);
    }
}

static void words(const json_t *list, size_t n, uint32_t *out)
{
    assert_int_equal(json_array_size(list), n);
    for (size_t i = 0; i < n; i++)
        out[i] = (uint32_t)strtoul(json_string_value(json_array_get(list, i)), NULL, 16);
}

static void philox_gives_the_published_words(void **state)
{
    const json_t *root = *state, *cases = json_object_get(root, "philox4x32_10");
    assert_int_equal(json_array_size(cases), 3);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *c = json_array_get(cases, i);
        uint32_t counter[4], key[2], want[4], got[4];
        words(json_object_get(c, "counter"), 4, counter);
        words(json_object_get(c, "key"), 2, key);
        words(json_object_get(c, "out"), 4, want);
        sal_philox_(counter, key, got);
        if (memcmp(got, want, sizeof want)) fail_msg("philox case %zu differs", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequences_are_decided_as_the_reference_does),
        cmocka_unit_test(bets_are_those_of_the_reference),
        cmocka_unit_test(philox_gives_the_published_words),
    };
    return !!cmocka_run_group_tests(tests, load, unload);
}
