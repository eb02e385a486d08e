/* Writing to parameter sets: what is refused, and that a refusal changes nothing. Sharing and digests
 * are tested with models. */
#include "short_memory.h"
#include "support.h"

#include "graph/graph.h"

#include <math.h>
#include <string.h>

static sal_graph *two_tensors(const sal_env *env)
{
    sal_graph *g = NULL;
    assert_int_equal(sal_graph_create(env, "net", &g, NULL), SAL_OK);
    sal_graph_param(g, &(sal_param_info){.name = "w", .rank = 2, .dims = {2, 3}});
    sal_graph_param(g, &(sal_param_info){.name = "b", .rank = 1, .dims = {2}});
    assert_int_equal(sal_graph_check(g, NULL), SAL_OK);
    return g;
}

static void a_new_set_is_zero(void **state)
{
    (void)state;
    sal_graph *g = two_tensors(NULL);
    sal_params *p = NULL;
    assert_int_equal(sal_params_create(g, &p, NULL), SAL_OK);
    sal_graph_free(g); /* a set does not need its graph */
    assert_int_equal(sal_params_count(p), 2);
    assert_int_equal(sal_params_size(p, 0), 6);
    assert_int_equal(sal_params_size(p, 1), 2);
    for (size_t i = 0; i < 6; i++) assert_true(sal_params_get(p, 0)[i] == 0);
    sal_params_free(p);
}

static void only_finite_numbers(void **state)
{
    static const struct {
        const char *name;
        float bad;
        size_t at;
        const char *text;
    } cases[] = {{"NaN", NAN, 0, "parameter 0: element 0 is not finite"},
                 {"infinity", INFINITY, 3, "parameter 0: element 3 is not finite"},
                 {"minus infinity", -INFINITY, 5, "parameter 0: element 5 is not finite"}};
    (void)state;
    sal_graph *g = two_tensors(NULL);
    sal_params *p = NULL;
    float v[6] = {1, 2, 3, 4, 5, 6};
    assert_int_equal(sal_params_create(g, &p, NULL), SAL_OK);
    assert_int_equal(sal_params_set(p, 0, v, NULL), SAL_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_error err = {SAL_OK, ""};
        float other[6] = {9, 9, 9, 9, 9, 9};
        other[cases[i].at] = cases[i].bad;
        if (sal_params_set(p, 0, other, &err) != SAL_E_VALUE || strcmp(err.text, cases[i].text))
            fail_msg("%s: status %d, '%s'", cases[i].name, err.status, err.text);
        if (memcmp(sal_params_get(p, 0), v, sizeof v)) fail_msg("%s: was written", cases[i].name);
    }
    sal_params_free(p);
    sal_graph_free(g);
}

/* From a set's own memory: as it is, and while it is shared. */
static void from_its_own_memory(void **state)
{
    (void)state;
    sal_graph *g = two_tensors(NULL);
    sal_params *p = NULL, *copy = NULL;
    float v[2] = {1, 2};
    assert_int_equal(sal_params_create(g, &p, NULL), SAL_OK);
    assert_int_equal(sal_params_set(p, 1, v, NULL), SAL_OK);
    assert_int_equal(sal_params_set(p, 1, sal_params_get(p, 1), NULL), SAL_OK);
    assert_memory_equal(sal_params_get(p, 1), v, sizeof v);
    assert_int_equal(sal_params_clone(p, &copy, NULL), SAL_OK);
    assert_int_equal(sal_params_set(p, 1, sal_params_get(copy, 1), NULL), SAL_OK);
    assert_memory_equal(sal_params_get(p, 1), v, sizeof v);
    sal_params_free(copy);
    sal_params_free(p);
    sal_graph_free(g);
}

static void no_memory_for_a_copy(void **state)
{
    (void)state;
    short_memory memory = {.after = SIZE_MAX};
    sal_env env = short_memory_env(&memory);
    sal_graph *g = two_tensors(&env);
    sal_params *p = NULL, *copy = NULL;
    float v[2] = {1, 2}, other[2] = {3, 4};
    assert_int_equal(sal_params_create(g, &p, NULL), SAL_OK);
    assert_int_equal(sal_params_set(p, 1, v, NULL), SAL_OK);
    assert_int_equal(sal_params_clone(p, &copy, NULL), SAL_OK);
    memory.after = memory.asked;
    assert_int_equal(sal_params_set(copy, 1, other, NULL), SAL_E_NOMEM);
    assert_ptr_equal(sal_params_get(copy, 1), sal_params_get(p, 1)); /* as before */
    assert_memory_equal(sal_params_get(p, 1), v, sizeof v);
    sal_params *third = NULL;
    assert_int_equal(sal_params_clone(p, &third, NULL), SAL_E_NOMEM);
    assert_null(third);
    sal_params_free(copy);
    sal_params_free(p);
    sal_graph_free(g);
    assert_int_equal(memory.alive, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_set_is_zero),
        cmocka_unit_test(only_finite_numbers),
        cmocka_unit_test(from_its_own_memory),
        cmocka_unit_test(no_memory_for_a_copy),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
