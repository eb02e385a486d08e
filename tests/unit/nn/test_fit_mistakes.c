/* What training refuses, by name; and how it ends when numbers overflow. */
#include "support.h"
#include "toys.h"

#include "nn/nn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    toy_mlp m;
    toy_classes c;
    sal_tensor *x, *targets; /* targets are given instead of labels when there are some */
    int64_t *labels;
    sal_fit_options o;
    float wanted[30 * 3];
} fixture;

enum { N = 30 };

static sal_tensor *view(float *data, size_t rank, const int64_t *dims)
{
    sal_tensor *t = NULL;
    assert_int_equal(sal_tensor_view_of(NULL, data, rank, dims, &t, NULL), SAL_OK);
    return t;
}

static void use_targets(fixture *f)
{
    f->targets = view(f->wanted, 2, (const int64_t[]){N, 3});
    f->labels = NULL;
}

static void no_graph(fixture *f)
{
    sal_graph_free(f->m.g);
    f->m.g = NULL;
}

static void no_params(fixture *f)
{
    sal_params_free(f->m.p);
    f->m.p = NULL;
}

static void no_inputs(fixture *f)
{
    sal_tensor_free(f->x);
    f->x = NULL;
}

static void neither(fixture *f)
{
    f->labels = NULL;
}

static void both(fixture *f)
{
    use_targets(f);
    f->labels = f->c.labels;
}

static void broken_graph(fixture *f)
{
    sal_graph_node(f->m.g, "Rellu", "r", NULL, 1, &f->m.y);
}

static void output_is_a_parameter(fixture *f)
{
    f->m.y = sal_graph_find(f->m.g, "fc2.weight");
}

static void output_is_the_input(fixture *f)
{
    f->m.y = f->m.x;
}

static void output_is_nothing(fixture *f)
{
    f->m.y = 99;
}

static void input_is_a_node(fixture *f)
{
    f->m.x = f->m.y;
}

static void input_is_nothing(fixture *f)
{
    f->m.x = SAL_NO_VALUE;
}

static void two_inputs(fixture *f)
{
    sal_graph_input(f->m.g, "z", 1, (const int64_t[]){2});
}

static void foreign_params(fixture *f)
{
    toy_mlp other = make_mlp(NULL, 3);
    sal_params_free(f->m.p);
    f->m.p = other.p;
    sal_graph_free(other.g);
}

static void few_params(fixture *f)
{
    sal_graph *g = NULL;
    sal_params_free(f->m.p);
    assert_int_equal(sal_graph_create(NULL, "none", &g, NULL), SAL_OK);
    assert_int_equal(sal_params_create(g, &f->m.p, NULL), SAL_OK);
    sal_graph_free(g);
}

static void width(fixture *f)
{
    sal_tensor_free(f->x);
    f->x = view(f->c.x, 2, (const int64_t[]){N / 2, 4});
}

static void rank(fixture *f)
{
    sal_tensor_free(f->x);
    f->x = view(f->c.x, 3, (const int64_t[]){N, 2, 1});
}

static void empty(fixture *f)
{
    sal_tensor_free(f->x);
    f->x = view(f->c.x, 2, (const int64_t[]){0, 2});
}

static void number(fixture *f)
{
    sal_tensor_free(f->x);
    f->x = view(f->c.x, 0, NULL);
}

static void nan_input(fixture *f)
{
    f->c.x[2 * 7 + 1] = NAN;
}

static void large_label(fixture *f)
{
    f->c.labels[4] = 3;
}

static void negative_label(fixture *f)
{
    f->c.labels[29] = -1;
}

static void targets_shape(fixture *f)
{
    f->targets = view(f->wanted, 2, (const int64_t[]){N, 2});
    f->labels = NULL;
}

static void too_few_targets(fixture *f)
{
    f->targets = view(f->wanted, 2, (const int64_t[]){N - 1, 3});
    f->labels = NULL;
}

static void infinite_target(fixture *f)
{
    use_targets(f);
    f->wanted[3 * 11 + 2] = -INFINITY;
}

static void labels_of_planes(fixture *f)
{
    f->m.y = sal_graph_node(f->m.g, "Reshape", "planes", &(sal_op_attrs){.rank = 2, .dims = {3, 1}},
                            1, &f->m.y);
}

static void optimiser(fixture *f)
{
    f->o.optimiser = "adan";
}

static void foreign_optimiser(fixture *f)
{
    f->o.optimiser = "rmsprop";
}

static void learning_rate(fixture *f)
{
    f->o.learning_rate = -0.1;
}

static void nan_learning_rate(fixture *f)
{
    f->o.learning_rate = (double)NAN;
}

static void infinite_learning_rate(fixture *f)
{
    f->o.learning_rate = (double)INFINITY;
}

static void momentum(fixture *f)
{
    f->o.momentum = 1;
}

static void beta1(fixture *f)
{
    f->o.beta1 = 1;
}

static void beta2(fixture *f)
{
    f->o.beta2 = -0.1;
}

static void epsilon(fixture *f)
{
    f->o.epsilon = -1e-8;
}

static void weight_decay(fixture *f)
{
    f->o.weight_decay = -0.01;
}

static void stop_accuracy(fixture *f)
{
    f->o.stop_accuracy = 95;
}

static void reserved(fixture *f)
{
    f->o.reserved_[3] = 1;
}

static void diverging(fixture *f)
{
    use_targets(f);
    f->o.optimiser = "sgd";
    f->o.learning_rate = 1e4;
    f->o.epochs = 50;
}

static const struct {
    const char *name;
    void (*spoil)(fixture *f);
    sal_status status;
    const char *text;
} cases[] = {
    {"no graph", no_graph, SAL_E_ARG, "fit: graph, parameters or x is NULL"},
    {"no parameters", no_params, SAL_E_ARG, "fit: graph, parameters or x is NULL"},
    {"no inputs", no_inputs, SAL_E_ARG, "fit: graph, parameters or x is NULL"},
    {"neither labels nor targets", neither, SAL_E_ARG,
     "fit: give labels or targets, one of the two"},
    {"labels and targets", both, SAL_E_ARG, "fit: give labels or targets, one of the two"},
    {"broken graph", broken_graph, SAL_E_ARG, "unknown operator 'Rellu'; did you mean 'Relu'?"},
    {"output is a parameter", output_is_a_parameter, SAL_E_ARG, "fit: the output is not a node's"},
    {"output is the input", output_is_the_input, SAL_E_ARG, "fit: the output is not a node's"},
    {"output is nothing", output_is_nothing, SAL_E_ARG, "fit: the output is not a node's"},
    {"input is a node", input_is_a_node, SAL_E_ARG, "fit: the input is not the graph's one input"},
    {"input is nothing", input_is_nothing, SAL_E_ARG,
     "fit: the input is not the graph's one input"},
    {"two inputs", two_inputs, SAL_E_ARG, "fit: the input is not the graph's one input"},
    {"foreign parameters", foreign_params, SAL_E_SHAPE,
     "parameter 'fc1.weight' has 6 elements, wanted 10"},
    {"few parameters", few_params, SAL_E_ARG, "parameters of another graph: 0 tensors, wanted 4"},
    {"width", width, SAL_E_SHAPE, "x is [15, 4], wanted [15, 2]"},
    {"rank", rank, SAL_E_SHAPE, "x is [30, 2, 1], wanted [30, 2]"},
    {"no input", empty, SAL_E_SHAPE, "x is [0, 2]: no inputs"},
    {"a number", number, SAL_E_SHAPE, "x is [], wanted [1, 2]"},
    {"NaN", nan_input, SAL_E_VALUE, "x: input 7, element 1 is not finite"},
    {"large label", large_label, SAL_E_ARG, "label 4 is 3, wanted 0 to 2"},
    {"negative label", negative_label, SAL_E_ARG, "label 29 is -1, wanted 0 to 2"},
    {"shape of targets", targets_shape, SAL_E_SHAPE, "targets are [30, 2], wanted [30, 3]"},
    {"too few targets", too_few_targets, SAL_E_SHAPE, "targets are [29, 3], wanted [30, 3]"},
    {"infinite target", infinite_target, SAL_E_VALUE, "targets: input 11, element 2 is not finite"},
    {"labels of planes", labels_of_planes, SAL_E_SHAPE,
     "output is [30, 3, 1], labels need [N, classes]"},
    {"optimiser", optimiser, SAL_E_ARG, "unknown optimiser 'adan'; did you mean 'adam'?"},
    {"foreign optimiser", foreign_optimiser, SAL_E_ARG, "unknown optimiser 'rmsprop'"},
    {"learning rate", learning_rate, SAL_E_ARG, "fit: learning_rate is -0.1, wanted 0 to 1e+30"},
    {"NaN learning rate", nan_learning_rate, SAL_E_ARG,
     "fit: learning_rate is nan, wanted 0 to 1e+30"},
    {"infinite learning rate", infinite_learning_rate, SAL_E_ARG,
     "fit: learning_rate is inf, wanted 0 to 1e+30"},
    {"momentum", momentum, SAL_E_ARG, "fit: momentum is 1, wanted 0 or more, below 1"},
    {"beta1", beta1, SAL_E_ARG, "fit: beta1 is 1, wanted 0 or more, below 1"},
    {"beta2", beta2, SAL_E_ARG, "fit: beta2 is -0.1, wanted 0 or more, below 1"},
    {"epsilon", epsilon, SAL_E_ARG, "fit: epsilon is -1e-08, wanted 0 to 1e+30"},
    {"weight decay", weight_decay, SAL_E_ARG, "fit: weight_decay is -0.01, wanted 0 to 1e+30"},
    {"stop accuracy", stop_accuracy, SAL_E_ARG, "fit: stop_accuracy is 95, wanted 0 to 1"},
    {"reserved", reserved, SAL_E_ARG, "fit: a reserved field is not 0"},
    {"diverging", diverging, SAL_E_VALUE, "the loss is not finite at step "},
};

static void mistakes_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fixture f = {.m = make_mlp(NULL, 5), .c = make_classes(N, 1), .o = {.epochs = 2}};
        sal_error err = {SAL_OK, ""};
        sal_fit_result r = {77, 0, 0};
        f.x = view(f.c.x, 2, (const int64_t[]){N, 2});
        f.labels = f.c.labels;
        cases[i].spoil(&f);
        sal_status st =
            sal_nn_fit(f.m.g, f.m.x, f.m.y, f.m.p, f.x, f.labels, f.targets, &f.o, &r, &err);
        if (st != cases[i].status || err.status != st)
            fail_msg("%s: status %d, '%s'", cases[i].name, st, err.text);
        bool whole = cases[i].text[strlen(cases[i].text) - 1] != ' ';
        if (whole ? strcmp(err.text, cases[i].text)
                  : strncmp(err.text, cases[i].text, strlen(cases[i].text)))
            fail_msg("%s: '%s'", cases[i].name, err.text);
        if (r.epochs != 77) fail_msg("%s: a result was written", cases[i].name);
        sal_tensor_free(f.x);
        sal_tensor_free(f.targets);
        free_classes(&f.c);
        free_mlp(&f.m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(mistakes_are_named)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
