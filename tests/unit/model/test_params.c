/* Parameter sets: values shared until one of the sets is written to; digests of bits. */
#include "nets.h"
#include "support.h"

#include "model/model.h"

#include <string.h>

static void clones_share_until_written(void **state)
{
    (void)state;
    test_net net = small_cnn(NULL, 1);
    sal_params *copy = NULL;
    assert_int_equal(sal_params_clone(net.params, &copy, NULL), SAL_OK);
    size_t n = sal_params_count(copy);
    assert_int_equal(n, 8);
    for (size_t i = 0; i < n; i++)
        assert_ptr_equal(sal_params_get(copy, i), sal_params_get(net.params, i));
    float bias[4] = {1, 2, 3, 4}, old[4];
    assert_int_equal(sal_params_size(copy, 7), 4);
    memcpy(old, sal_params_get(net.params, 7), sizeof old);
    assert_int_equal(sal_params_set(copy, 7, bias, NULL), SAL_OK);
    assert_memory_equal(sal_params_get(copy, 7), bias, sizeof bias);
    assert_memory_equal(sal_params_get(net.params, 7), old, sizeof old);
    for (size_t i = 0; i + 1 < n; i++) /* one layer was written, the others are still shared */
        assert_ptr_equal(sal_params_get(copy, i), sal_params_get(net.params, i));
    const float *own = sal_params_get(copy, 7);
    assert_int_equal(sal_params_set(copy, 7, old, NULL), SAL_OK);
    assert_ptr_equal(sal_params_get(copy, 7), own); /* its own already: written in place */
    sal_params_free(copy);
    free_net(&net);
}

static void the_original_may_go_first(void **state)
{
    (void)state;
    test_net net = small_cnn(NULL, 1);
    sal_params *copy = NULL, *third = NULL;
    assert_int_equal(sal_params_clone(net.params, &copy, NULL), SAL_OK);
    assert_int_equal(sal_params_clone(copy, &third, NULL), SAL_OK);
    uint64_t digest = sal_params_digest_(copy);
    free_net(&net);
    sal_params_free(copy);
    assert_true(sal_params_digest_(third) == digest);
    sal_params_free(third);
    sal_params_free(NULL);
}

static void sharing_one_tensor(void **state)
{
    (void)state;
    test_net a = small_cnn(NULL, 1), b = small_cnn(NULL, 2);
    sal_params_share_(a.params, 0, b.params);
    assert_ptr_equal(sal_params_get(a.params, 0), sal_params_get(b.params, 0));
    sal_params_share_(a.params, 0, b.params); /* again: nothing is lost */
    assert_ptr_not_equal(sal_params_get(a.params, 1), sal_params_get(b.params, 1));
    free_net(&b);
    assert_non_null(sal_params_get(a.params, 0));
    free_net(&a);
}

static void digests(void **state)
{
    (void)state;
    test_net a = small_cnn(NULL, 1), same = small_cnn(NULL, 1), other = small_cnn(NULL, 2);
    assert_true(sal_params_digest_(a.params) == sal_params_digest_(same.params));
    assert_true(sal_params_digest_(a.params) != sal_params_digest_(other.params));
    float *values;
    for (size_t i = 0; i < sal_params_count(same.params); i++) { /* every element counts */
        assert_int_equal(sal_params_edit_(same.params, i, &values, NULL), SAL_OK);
        size_t last = sal_params_size(same.params, i) - 1;
        float keep = values[last];
        values[last] = keep < 1 ? 2.0f : 0.5f;
        if (sal_params_digest_(a.params) == sal_params_digest_(same.params))
            fail_msg("parameter %zu does not count", i);
        values[last] = keep;
    }
    assert_true(sal_params_digest_(a.params) == sal_params_digest_(same.params));
    free_net(&a);
    free_net(&same);
    free_net(&other);
}

static void mistakes(void **state)
{
    (void)state;
    sal_error err = {SAL_OK, ""};
    sal_params *copy = NULL;
    float v[1] = {0};
    test_net net = small_cnn(NULL, 1);
    assert_int_equal(sal_params_clone(NULL, &copy, &err), SAL_E_ARG);
    assert_int_equal(sal_params_create(NULL, &copy, &err), SAL_E_ARG);
    assert_int_equal(sal_params_set(net.params, 8, v, &err), SAL_E_ARG);
    assert_string_equal(err.text, "no parameter 8");
    assert_int_equal(sal_params_set(net.params, 0, NULL, &err), SAL_E_ARG);
    assert_int_equal(sal_params_size(net.params, 8), 0);
    assert_null(sal_params_get(net.params, 8));
    free_net(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clones_share_until_written),
        cmocka_unit_test(the_original_may_go_first),
        cmocka_unit_test(sharing_one_tensor),
        cmocka_unit_test(digests),
        cmocka_unit_test(mistakes),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
