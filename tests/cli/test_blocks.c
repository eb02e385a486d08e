/* tests/cli/test_blocks.c - --blocks: of a file and of a text, in info, randomise and check. */
#include "program.h"

#include <salcheck/salcheck.h>

#include <stdio.h>
#include <string.h>

static char models[600], goldens[600];

static bool can_run(const scratch *s)
{
    const char *folder = golden_folder();
    if (!folder) {
        print_message("no golden maps: SALCHECK_GOLDEN\n");
        return false;
    }
    snprintf(goldens, sizeof goldens, "%s", folder);
    snprintf(models, sizeof models, "%s/../models", folder);
    if (strstr(salcheck(s, "info '%s/mnist_cnn.onnx'", models)->err, "has no ONNX")) {
        print_message("this build has no ONNX\n");
        return false;
    }
    return true;
}

#define NEEDS_MODELS(s)                                                                            \
    if (!can_run(s)) skip()

static void info_prints_blocks(void **state)
{
    const scratch *s = *state;
    NEEDS_MODELS(s);
    const answer *a = salcheck(s, "info '%s/mnist_cnn.onnx' --blocks head=fc2,body=conv", models);
    expect(a, "text", 0, "");
    if (!strstr(a->out, "blocks   2, first to last:\n  body                 conv1 conv2\n"
                        "  head                 fc2\n"
                        "in no block, so never randomised:\n  fc1\n"))
        fail_msg("%s", a->out);
    write_bytes(s->file, "# two\nhead = fc1, fc2\nbody = conv*\n", 35);
    a = salcheck(s, "info '%s/mnist_cnn.onnx' --blocks '%s' --json", models, s->file);
    expect(a, "file", 0, "");
    json_t *j = json_of_answer(a, "file"), *blocks = json_object_get(j, "blocks");
    assert_int_equal(json_array_size(blocks), 2);
    const json_t *head = json_array_get(blocks, 1), *layers = json_object_get(head, "layers");
    assert_string_equal(json_string_value(json_object_get(head, "name")), "head");
    assert_int_equal(json_array_size(layers), 2);
    assert_string_equal(json_string_value(json_array_get(layers, 0)), "fc1");
    assert_int_equal(json_array_size(json_object_get(j, "in_no_block")), 0);
    json_decref(j);
    a = salcheck(s, "info '%s/mnist_cnn.onnx'", models);
    assert_null(strstr(a->out, "block"));
}

/* The head drawn as a block is fc1 and fc2 of a cascade's second step. */
static void randomise_takes_blocks(void **state)
{
    const scratch *s = *state;
    sal_onnx *file[2] = {NULL};
    sal_error err = {SAL_OK, ""};
    char path[700];
    NEEDS_MODELS(s);
    expect(salcheck(s,
                    "randomise '%s/mnist_cnn.onnx' --mode full --blocks head=fc,body=conv1 --out "
                    "r.onnx",
                    models),
           "blocks", 0, "step 0 of 1");
    snprintf(path, sizeof path, "%s/mnist_cnn.onnx", models);
    assert_int_equal(sal_onnx_load(NULL, path, NULL, &file[0], &err), SAL_OK);
    snprintf(path, sizeof path, "%s/r.onnx", s->folder);
    assert_int_equal(sal_onnx_load(NULL, path, NULL, &file[1], &err), SAL_OK);
    remove(path);
    const sal_params *a = sal_onnx_get_params(file[0]), *b = sal_onnx_get_params(file[1]);
    for (size_t i = 0; i < sal_params_count(a); i++) {
        sal_param_info p;
        assert_int_equal(sal_graph_param_info(sal_onnx_get_graph(file[0]), i, &p, &err), SAL_OK);
        bool same = !memcmp(sal_params_get(a, i), sal_params_get(b, i),
                            sal_params_size(a, i) * sizeof(float));
        if (p.role == SAL_WEIGHT && same != !strcmp(p.layer, "conv2")) fail_msg("%s", p.name);
    }
    sal_onnx_free(file[0]);
    sal_onnx_free(file[1]);
}

static void checks_walk_blocks(void **state)
{
    const scratch *s = *state;
    NEEDS_MODELS(s);
    const answer *a = salcheck(s,
                               "check params '%s/mnist_mlp.onnx' '%s/mnist_mlp/inputs.npy' "
                               "--method sobel --randomisation independent --pictures '' "
                               "--blocks head=fc3,fc2,tail=fc1 --draws 30",
                               models, goldens);
    expect(a, "check", 1, "");
    assert_non_null(strstr(a->out, " head "));
}

static void mistakes_are_named(void **state)
{
    static const struct {
        const char *blocks;
        int code;
        const char *text;
    } cases[] = {
        {"head=fc9", 2, "block 'head': pattern 'fc9' fits no layer of model 'mnist_cnn"},
        {"a=fc,b=fc1", 2, "layer 'fc1' is in blocks 'a' and 'b'"},
        {"a=fc1,a=fc2", 2, "block 'a' is there twice"},
        {"a=", 4, "blocks: block 'a' has an empty pattern"},
        {"/nowhere", 4, "/nowhere: cannot be opened"},
    };
    static const char *const commands[] = {"info", "randomise --mode top --out r.onnx",
                                           "check params --method gradient"};
    const scratch *s = *state;
    NEEDS_MODELS(s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t k = 0; k < 3; k++)
            expect(salcheck(s, "%s '%s/mnist_cnn.onnx' %s --blocks '%s'", commands[k], models,
                            k == 2 ? "x.npy" : "", cases[i].blocks),
                   cases[i].blocks, cases[i].code, cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(info_prints_blocks),
        cmocka_unit_test(randomise_takes_blocks),
        cmocka_unit_test(checks_walk_blocks),
        cmocka_unit_test(mistakes_are_named),
    };
    return !!cmocka_run_group_tests(tests, make_scratch, drop_scratch);
}
