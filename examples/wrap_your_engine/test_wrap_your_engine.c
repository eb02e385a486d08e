/* test_wrap_your_engine.c - is the explanation that an engine ships worth showing? Its own saliency
 * is caught: the picture's edges, whatever the network has learned. Its gradient passes.
 * Run one test by its name: wrap_your_engine gradient_follows_the_network */
#include <salcheck/cmocka.h>

#include "wrap.h"

enum { PICTURES = 32 };

typedef struct {
    toy_net net;
    float pixels[PICTURES][TOY_SIDE * TOY_SIDE];
    sal_model *model;
    sal_tensor *inputs;
} fixture;

static int setup(void **state)
{
    static fixture f;
    const int64_t dims[] = {PICTURES, 1, TOY_SIDE, TOY_SIDE};
    sal_error err;
    toy_train(&f.net);
    for (unsigned i = 0; i < PICTURES; i++) {
        toy_picture p;
        toy_draw(1000 + i, &p); /* not trained on */
        wrap_picture(&p, f.pixels[i]);
    }
    *state = &f;
    if (sal_tensor_view_of(NULL, f.pixels[0], 4, dims, &f.inputs, &err) != SAL_OK ||
        sal_model_wrap(NULL, &wrapped_toy, &f.net, &f.model, &err) != SAL_OK) {
        print_error("%s\n", err.text);
        return -1;
    }
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    sal_model_free(f->model);
    sal_tensor_free(f->inputs);
    return 0;
}

static void gradient_follows_the_network(void **state)
{
    fixture *f = *state;
    assert_saliency_depends_on_params(f->model, f->inputs, SAL_GRADIENT);
}

static void own_saliency_follows_the_network(void **state)
{
    fixture *f = *state;
    assert_saliency_depends_on_params(f->model, f->inputs, SAL_OWN);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gradient_follows_the_network),
                                       cmocka_unit_test(own_saliency_follows_the_network)};
    if (argc > 1) cmocka_set_test_filter(argv[1]);
    return !!cmocka_run_group_tests(tests, setup, teardown);
}
