/* test_model.c - the shortest saliency test: a network, some inputs, one assertion.
 * usage: first_check [METHOD]    gradient passes, guided-backprop does not */
#include <salcheck/cmocka.h>
#include <salcheck/salcheck.h>

#include "small_cnn.h"

static const char *method = SAL_GRADIENT;

static int load_model(void **state)
{
    return small_cnn_load((small_cnn **)state);
}

static int release_model(void **state)
{
    small_cnn_release(*state);
    return 0;
}

static void map_depends_on_the_model(void **state)
{
    const small_cnn *net = *state;
    assert_saliency_depends_on_params(net->model, net->inputs, method);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(map_depends_on_the_model)};
    if (argc > 1) method = argv[1];
    return !!cmocka_run_group_tests(tests, load_model, release_model);
}
