/* tests/unit/model/test_blocks.c - models with blocks: which layers a pattern takes, the order of
 * blocks, what is refused, and that copies live on their own. */
#include "nets.h"
#include "support.h"
#include "toy_engine.h"

#include <salcheck/nn.h>
#include <salcheck/randomise.h>

#include <stdio.h>
#include <string.h>

static const char *const layers[] = {"conv1", "conv10", "conv2", "bn", "mix_a", "mix_b", "fc"};
enum { LAYERS = sizeof layers / sizeof layers[0] };

/* Dense layers with these names, one after the other; "bn" is a norm that is a layer of its own. */
static test_net make_net(void)
{
    test_net net;
    sal_dense_options two = {.units = 2};
    start_net(&net, NULL, "seven");
    sal_value x = sal_graph_input(net.g, "x", 1, (const int64_t[]){2}), y = x;
    for (size_t i = 0; i < LAYERS; i++)
        y = strcmp(layers[i], "bn") ? sal_nn_dense(net.g, layers[i], y, &two)
                                    : sal_nn_batch_norm(net.g, "bn", NULL, y);
    make_params(&net);
    assert_int_equal(sal_nn_initialise(net.g, net.params, 3, NULL), SAL_OK);
    make_model(&net, x, y);
    return net;
}

/* "1,2;3" as texts; buffer has room for a copy. */
static size_t split(const char *text, char *buffer, const char **out)
{
    size_t n = 0;
    strcpy(buffer, text);
    for (char *at = strtok(buffer, ";"); at; at = strtok(NULL, ";")) out[n++] = at;
    return n;
}

static void patterns_take_layers(void **state)
{
    static const struct {
        const char *name, *blocks;
        const char *names;  /* in the order of the network, each with a blank */
        const char *places; /* per layer: number of its block, '-' in none */
    } cases[] = {
        {"whole names", "a=conv1;b=conv10,conv2;c=mix_a,mix_b,fc", "a b c ", "0111222"},
        {"a beginning", "a=conv;b=mix;c=f", "a b c ", "0000112"},
        {"a layer's name is no beginning", "a=conv1;b=fc", "a b ", "0-----1"},
        {"a star takes what begins so", "a=conv1*", "a ", "00-----"},
        {"a star in front", "a=*_b,*c", "a ", "-----00"},
        {"a star between", "a=c*2;b=m*_*", "a b ", "--0011-"},
        {"a star for nothing", "a=*fc*", "a ", "------0"},
        {"stars that have to try again", "a=c*n*0", "a ", "-0-----"},
        {"all", "a=*", "a ", "0000000"},
        {"their own order", "c=fc;b=mix;a=conv", "a b c ", "0000112"},
        {"the first layer counts", "x=mix_a;y=conv1,fc", "y x ", "0---1-0"},
        {"twice in one block", "a=conv1,conv*", "a ", "0000---"},
        {"a norm by itself", "a=conv2;b=bn,mix_a", "a b ", "--011--"},
        {"a norm after none", "a=mix_a", "a ", "----0--"},

    };
    (void)state;
    test_net net = make_net();
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const char *texts[8];
        char buffer[100], names[40] = "", places[LAYERS + 1] = "";
        sal_model *m = NULL;
        sal_error err = {0};
        size_t n = split(cases[c].blocks, buffer, texts);
        if (sal_model_with_blocks(net.model, n, texts, &m, &err) != SAL_OK)
            fail_msg("%s: %s", cases[c].name, err.text);
        assert_int_equal(sal_model_block_count(m), n);
        for (size_t b = 0; b < n; b++) strcat(strcat(names, sal_model_block_name(m, b)), " ");
        for (size_t k = 0; k < LAYERS; k++) {
            size_t b = sal_model_block_of(m, k);
            places[k] = b == n ? '-' : (char)('0' + b);
        }
        if (strcmp(names, cases[c].names) != 0) fail_msg("%s: order %s", cases[c].name, names);
        if (strcmp(places, cases[c].places) != 0) fail_msg("%s: %s", cases[c].name, places);
        assert_null(sal_model_block_name(m, n));
        assert_int_equal(sal_model_block_of(m, LAYERS), n);
        sal_model_free(m);
    }
    free_net(&net);
}

static void without_blocks_a_layer_is_one(void **state)
{
    static const size_t places[LAYERS] = {0, 1, 2, 2, 3, 4, 5};
    (void)state;
    test_net net = make_net();
    assert_int_equal(sal_model_block_count(net.model), LAYERS - 1);
    for (size_t k = 0; k < LAYERS; k++)
        assert_int_equal(sal_model_block_of(net.model, k), places[k]);
    assert_string_equal(sal_model_block_name(net.model, 3), "mix_a");
    free_net(&net);
}

static void mistakes_are_named(void **state)
{
    static const struct {
        const char *name, *blocks, *want;
    } cases[] = {
        {"no '='", "fc", "block 0 is 'fc', wanted NAME=PATTERN,..."},
        {"no name", "a=fc;=conv", "block 1 is '=conv', wanted NAME=PATTERN,..."},
        {"no pattern", "a=", "block 'a' has an empty pattern"},
        {"an empty pattern", "a=fc,,conv", "block 'a' has an empty pattern"},
        {"a comma at the end", "a=fc,", "block 'a' has an empty pattern"},
        {"fits nothing", "a=dense", "block 'a': pattern 'dense' fits no layer of model 'seven'"},
        {"fits nearly", "a=mixa",
         "block 'a': pattern 'mixa' fits no layer of model 'seven'; did you mean 'mix_a'?"},
        {"star fits nothing", "a=*x", "block 'a': pattern '*x' fits no layer of model 'seven'"},
        {"in two", "a=conv;b=mix_a,conv10", "layer 'conv10' is in blocks 'a' and 'b'"},
        {"name twice", "a=conv;b=fc;a=mix", "block 'a' is there twice"},
        {"norms only", "a=bn", "block 'a' has no weights to randomise"},
    };
    (void)state;
    test_net net = make_net();
    sal_model *m = NULL;
    sal_error err = {0};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const char *texts[8];
        char buffer[100];
        size_t n = split(cases[c].blocks, buffer, texts);
        sal_status st = sal_model_with_blocks(net.model, n, texts, &m, &err);
        if (st != SAL_E_ARG || m || strcmp(err.text, cases[c].want) != 0)
            fail_msg("%s: %s", cases[c].name, err.text);
    }
    const char *const none[] = {NULL}, *const one[] = {"a=fc"};
    assert_int_equal(sal_model_with_blocks(net.model, 0, one, &m, &err), SAL_E_ARG);
    assert_int_equal(sal_model_with_blocks(net.model, 1, none, &m, &err), SAL_E_ARG);
    assert_int_equal(sal_model_with_blocks(net.model, 1, NULL, &m, &err), SAL_E_ARG);
    assert_int_equal(sal_model_with_blocks(NULL, 1, one, &m, &err), SAL_E_ARG);
    assert_int_equal(sal_model_with_blocks(net.model, 1, one, NULL, &err), SAL_E_ARG);
    assert_null(m);
    free_net(&net);
}

static void a_copy_lives_on_its_own(void **state)
{
    const char *const blocks[] = {"a=conv", "b=mix,fc"}, *const one[] = {"all=*"};
    (void)state;
    test_net net = make_net();
    sal_model *m = NULL, *again = NULL;
    sal_tensor *x;
    float before[2], after[2];
    assert_int_equal(sal_tensor_create(NULL, 2, (const int64_t[]){1, 2}, &x, NULL), SAL_OK);
    sal_tensor_data(x)[0] = 1;
    assert_int_equal(sal_model_predict(net.model, x, before, NULL), SAL_OK);
    assert_int_equal(sal_model_with_blocks(net.model, 2, blocks, &m, NULL), SAL_OK);
    sal_model_free(net.model);
    net.model = NULL;
    assert_int_equal(sal_model_with_blocks(m, 1, one, &again, NULL), SAL_OK); /* other blocks */
    sal_model_free(m);
    assert_int_equal(sal_model_block_count(again), 1);
    assert_string_equal(sal_model_get_name(again), "seven");
    assert_int_equal(sal_model_layer_count(again), LAYERS);
    assert_int_equal(sal_model_predict(again, x, after, NULL), SAL_OK);
    assert_memory_equal(before, after, sizeof before);
    sal_tensor_free(x);
    sal_model_free(again);
    free_net(&net);
}

static void engines_have_blocks(void **state)
{
    const char *const blocks[] = {"head=fc"};
    (void)state;
    toy_engine toy;
    sal_model *grouped = NULL;
    sal_params *p = NULL;
    sal_error err = {0};
    make_toy(&toy);
    sal_model *m = wrap_toy(&toy);
    assert_int_equal(sal_model_with_blocks(m, 1, blocks, &grouped, &err), SAL_OK);
    sal_model_free(m);
    assert_string_equal(sal_model_block_name(grouped, 0), "head");
    assert_int_equal(sal_randomise(grouped, "cascade", 0, NULL, &p, &err), SAL_OK);
    sal_params_free(p);
    sal_model_free(grouped);
    grouped = NULL;
    toy.ops.set_params = NULL;
    m = wrap_toy(&toy);
    assert_int_equal(sal_model_with_blocks(m, 1, blocks, &grouped, &err), SAL_E_UNSUPPORTED);
    assert_string_equal(err.text,
                        "grouping layers needs set_params; adapter 'toy_adapter' has none");
    assert_null(grouped);
    sal_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_take_layers), cmocka_unit_test(without_blocks_a_layer_is_one),
        cmocka_unit_test(mistakes_are_named),   cmocka_unit_test(a_copy_lives_on_its_own),
        cmocka_unit_test(engines_have_blocks),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
