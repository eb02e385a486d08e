/* A test program whose assertions fail, one by one: test_texts.c runs it and compares what it says.
 * No printed number depends on a machine's arithmetic: the network and the inputs are of whole
 * numbers, the maps are made without a model or of counted noise.
 * usage: texts_program TEST */
#include "mixed_method.h"
#include "small_nets.h"

#include <salcheck/cmocka.h>

typedef struct {
    test_net net, twin, odd, nameless, one;
    sal_tensor *inputs, *few;
} fixture;

static const char long_name[] = "a_network_whose_name_is_as_long_as_a_path_in_some_other_project/"
                                "checkpoints/epoch=99-step=1000000";

static int make(void **state)
{
    static fixture f;
    const float lopsided[3] = {0, 10000, 0};
    f.net = whole_net(NULL, "whole_numbers", 1);
    f.twin = whole_net(NULL, "twin", 2);
    f.odd = whole_net(NULL,
                      "]]>\x01 gr\xf6\xdf"
                      "e \xc3\xb6 <&>\n%s",
                      1);
    f.nameless = whole_net(NULL, long_name, 1);
    f.one = whole_net(NULL, "one_class", 1);
    set_param(&f.one, "fc.bias", lopsided);
    sal_model_free(f.one.model);
    make_model(&f.one, sal_graph_find(f.one.g, "input"), sal_graph_find(f.one.g, "fc"));
    f.inputs = whole_inputs(WHOLE_INPUTS);
    *state = &f;
    return sal_tensor_slice(f.inputs, 0, 5, &f.few, NULL) == SAL_OK ? 0 : -1;
}

static int drop(void **state)
{
    fixture *f = *state;
    free_net(&f->net);
    free_net(&f->twin);
    free_net(&f->odd);
    free_net(&f->nameless);
    free_net(&f->one);
    sal_tensor_free(f->inputs);
    sal_tensor_free(f->few);
    return 0;
}

/* Each assertion stands where its text says, on one line: of several, compilers pick another. */
static void passes(void **state)
{
    const fixture *f = *state;
    assert_saliency_depends_on_params(f->net.model, f->inputs, SAL_RANDOM_FROM_PARAMS);
}

static void params(void **state)
{
    const fixture *f = *state;
#line 42 "test_model.c"
    assert_saliency_depends_on_params(f->net.model, f->inputs, SAL_SOBEL);
}

static void params_of_few_inputs(void **state)
{
    const fixture *f = *state;
#line 42 "test_model.c"
    assert_saliency_depends_on_params(f->net.model, f->few, SAL_INPUT, .alpha = 0.001);
}

static void labels(void **state)
{
    const fixture *f = *state;
#line 42 "test_model.c"
    assert_saliency_depends_on_labels(f->net.model, f->inputs, SAL_SOBEL, .twin = f->twin.model);
}

static void edges(void **state)
{
    const fixture *f = *state;
#line 42 "test_model.c"
    assert_saliency_is_not_an_edge_detector(f->net.model, f->inputs, SAL_INPUT);
}

static void reproducible(void **state)
{
    const fixture *f = *state;
#line 42 "test_model.c"
    assert_saliency_is_reproducible(f->net.model, f->inputs, SAL_RANDOM);
}

static void faithful(void **state)
{
    const fixture *f = *state;
#line 42 "test_model.c"
    assert_saliency_is_faithful(f->net.model, f->inputs, SAL_SOBEL);
}

static void sane(void **state)
{
    const fixture *f = *state;
    const sal_model *m = f->net.model;
#line 42 "test_model.c"
    assert_saliency_is_sane(m, f->inputs, SAL_RANDOM_FROM_PARAMS, .initialiser = "permute");
}

static void inconclusive(void **state)
{
    const fixture *f = *state;
#line 42 "test_model.c"
    assert_saliency_depends_on_params(f->net.model, f->inputs, SAL_SOBEL, .max_draws = 6);
}

static void skipped(void **state)
{
    const fixture *f = *state;
#line 42 "test_model.c"
    assert_saliency_depends_on_params(f->net.model, f->inputs, SAL_SOBEL, .max_draws = 6,
                                      .inconclusive = SAL_SKIP);
}

/* What would be skipped when it were undecided still fails. */
static void not_skipped(void **state)
{
    const fixture *f = *state;
#line 42 "test_model.c"
    assert_saliency_depends_on_params(f->net.model, f->inputs, SAL_SOBEL, .inconclusive = SAL_SKIP);
}

static void invalid(void **state)
{
    const fixture *f = *state;
#line 42 "test_model.c"
    assert_saliency_depends_on_params(f->net.model, f->inputs, SAL_CONSTANT);
}

static void not_trained(void **state)
{
    const fixture *f = *state;
#line 42 "test_model.c"
    assert_saliency_depends_on_params(f->one.model, f->inputs, SAL_GRADIENT);
}

static void no_such_method(void **state)
{
    const fixture *f = *state;
#line 42 "test_model.c"
    assert_saliency_depends_on_params(f->net.model, f->inputs, "gradiant");
}

static void no_twin(void **state)
{
    const fixture *f = *state;
#line 42 "test_model.c"
    assert_saliency_depends_on_labels(f->net.model, f->inputs, SAL_GRADIENT);
}

static void odd_names(void **state)
{
    const fixture *f = *state;
    mixed_method mix = {.input = 1, .size = WHOLE_SIDE * WHOLE_SIDE};
    const sal_own_method own = mixed(&mix, "mine ]]> \x1b[31m \xff \xe2\x82\xac");
#line 42 "test_model.c"
    assert_saliency_is_faithful(f->odd.model, f->inputs, SAL_OWN, &own);
}

static void long_names(void **state)
{
    const fixture *f = *state;
    mixed_method mix = {.input = 1, .size = WHOLE_SIDE * WHOLE_SIDE};
    const sal_own_method own =
        mixed(&mix, "the_explanation_that_everybody_here_has_used_so_far_v2");
#line 42 "test_model.c"
    assert_saliency_is_faithful(f->nameless.model, f->inputs, SAL_OWN, &own, .max_draws = 3);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes),
        cmocka_unit_test(params),
        cmocka_unit_test(params_of_few_inputs),
        cmocka_unit_test(labels),
        cmocka_unit_test(edges),
        cmocka_unit_test(reproducible),
        cmocka_unit_test(faithful),
        cmocka_unit_test(sane),
        cmocka_unit_test(inconclusive),
        cmocka_unit_test(skipped),
        cmocka_unit_test(not_skipped),
        cmocka_unit_test(invalid),
        cmocka_unit_test(not_trained),
        cmocka_unit_test(no_such_method),
        cmocka_unit_test(no_twin),
        cmocka_unit_test(odd_names),
        cmocka_unit_test(long_names),
    };
    if (argc > 1) cmocka_set_test_filter(argv[1]);
    return !!cmocka_run_group_tests(tests, make, drop);
}
