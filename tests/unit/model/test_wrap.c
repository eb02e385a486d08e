/* Wrapping an engine: how it is read, and what it is refused for. */
#include "faulty_engine.h"
#include "support.h"

#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS = 20 };

static void an_engine_is_read(void **state)
{
    (void)state;
    faulty_engine e;
    int64_t dims[SAL_MAX_RANK] = {INPUTS, 1, FAULTY_SIDE, FAULTY_SIDE};
    float x[INPUTS * FAULTY_SIZE];
    sal_tensor *inputs = NULL;
    make_faulty(&e, NO_FAULT);
    faulty_inputs(INPUTS, x);
    assert_int_equal(sal_tensor_view_of(NULL, x, 4, dims, &inputs, NULL), SAL_OK);
    sal_model *m = wrap_faulty(&e);
    float got[INPUTS * FAULTY_OUTPUTS], wanted[INPUTS * FAULTY_OUTPUTS];
    assert_string_equal(sal_model_get_name(m), "net");
    assert_int_equal(sal_model_input_shape(m, dims), 3);
    assert_int_equal(dims[0] * 100 + dims[1] * 10 + dims[2], 188);
    assert_int_equal(sal_model_outputs(m), FAULTY_OUTPUTS);
    assert_int_equal(sal_model_layer_count(m), 2);
    assert_string_equal(sal_model_layer_name(m, 0), "hidden");
    assert_string_equal(sal_model_layer_name(m, 1), "out");
    assert_int_equal(sal_params_count(m->params), FAULTY_PARAMS);
    assert_memory_equal(sal_params_get(m->params, 0), e.w.hidden, sizeof e.w.hidden);
    assert_memory_equal(sal_params_get(m->params, 3), e.w.out_bias, sizeof e.w.out_bias);
    assert_int_equal(e.ops.forward(&e, INPUTS, x, wanted), 0);
    assert_int_equal(sal_model_predict(m, inputs, got, NULL), SAL_OK);
    assert_memory_equal(got, wanted, sizeof wanted);
    assert_int_equal(e.sets, 0); /* nothing was written */
    sal_tensor_free(inputs);
    sal_model_free(m);
}

static void bad_tables_are_refused(void **state)
{
    static const struct {
        const char *name;
        bool no_adapter, no_describe, no_forward;
        sal_status status;
        const char *text;
    } rows[] = {{"adapter", true, false, false, SAL_E_ARG, "adapter name"},
                {"describe", false, true, false, SAL_E_UNSUPPORTED,
                 "a wrapped engine needs describe; adapter 'acme' has none"},
                {"forward", false, false, true, SAL_E_UNSUPPORTED,
                 "a wrapped engine needs forward; adapter 'acme' has none"}};
    (void)state;
    faulty_engine e;
    sal_model *m = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_error err = {SAL_OK, ""};
        make_faulty(&e, NO_FAULT);
        if (rows[i].no_adapter) e.ops.adapter = NULL;
        if (rows[i].no_describe) e.ops.describe = NULL;
        if (rows[i].no_forward) e.ops.forward = NULL;
        sal_status st = sal_model_wrap(NULL, &e.ops, &e, &m, &err);
        if (st != rows[i].status || !strstr(err.text, rows[i].text) || m)
            fail_msg("%s: status %d \"%s\"", rows[i].name, (int)st, err.text);
    }
    assert_int_equal(sal_model_wrap(NULL, NULL, &e, &m, NULL), SAL_E_ARG);
    assert_int_equal(sal_model_wrap(NULL, &e.ops, &e, NULL, NULL), SAL_E_ARG);
}

static void rank_0(faulty_engine *e)
{
    e->description.rank = 0;
}
static void rank_8(faulty_engine *e)
{
    e->description.rank = SAL_MAX_RANK;
}
static void rank_huge(faulty_engine *e)
{
    e->description.rank = SIZE_MAX;
}
static void dim_0(faulty_engine *e)
{
    e->description.dims[1] = 0;
}
static void dim_negative(faulty_engine *e)
{
    e->description.dims[2] = -3;
}
static void dim_huge(faulty_engine *e)
{
    e->description.dims[0] = INT64_MAX;
}
static void outputs_0(faulty_engine *e)
{
    e->description.outputs = 0;
}
static void outputs_huge(faulty_engine *e)
{
    e->description.outputs = SIZE_MAX / 8;
}
static void no_infos(faulty_engine *e)
{
    e->description.params = NULL;
}
static void no_name(faulty_engine *e)
{
    e->infos[2].name = NULL;
}
static void bad_role(faulty_engine *e)
{
    e->infos[1].role = (sal_param_role)77;
}
static void param_rank(faulty_engine *e)
{
    e->infos[0].rank = SAL_MAX_RANK + 1;
}
static void param_0(faulty_engine *e)
{
    e->infos[0].dims[1] = 0;
}
static void param_negative(faulty_engine *e)
{
    e->infos[3].dims[0] = -1;
}
static void param_overflow(faulty_engine *e)
{
    e->infos[0].dims[0] = e->infos[0].dims[1] = INT64_C(1) << 40;
}
static void param_huge(faulty_engine *e)
{
    e->infos[0].dims[0] = INT64_C(1) << 52;
}

/* A machine of 1 GB, whatever the system promises. */
static void *allocate(void *self, size_t bytes)
{
    (void)self;
    return bytes > (size_t)1 << 30 ? NULL : malloc(bytes);
}

static void release(void *self, void *block)
{
    (void)self;
    free(block);
}

static void lying_descriptions_are_refused(void **state)
{
    static const sal_env small = {.allocator = {.allocate = allocate, .release = release}};
    static const struct {
        const char *name;
        void (*lie)(faulty_engine *e);
        sal_status status;
        const char *text;
    } rows[] = {
        {"rank 0", rank_0, SAL_E_SHAPE, "adapter 'acme': input has rank 0, wanted 1 to 7"},
        {"rank 8", rank_8, SAL_E_SHAPE, "adapter 'acme': input has rank 8, wanted 1 to 7"},
        {"huge rank", rank_huge, SAL_E_SHAPE, "wanted 1 to 7"},
        {"dimension 0", dim_0, SAL_E_SHAPE, "adapter 'acme': input has no elements"},
        {"negative", dim_negative, SAL_E_SHAPE, "adapter 'acme': input: dimension 2 is -3"},
        {"huge", dim_huge, SAL_E_SHAPE, "adapter 'acme': input: a shape of more elements"},
        {"no outputs", outputs_0, SAL_E_SHAPE, "adapter 'acme': 0 outputs, wanted 1 to 268435456"},
        {"huge outputs", outputs_huge, SAL_E_SHAPE, "outputs, wanted 1 to 268435456"},
        {"no infos", no_infos, SAL_E_ARG, "adapter 'acme': 4 parameters but no descriptions"},
        {"no name", no_name, SAL_E_ARG, "adapter 'acme': parameter 2 has no name"},
        {"role", bad_role, SAL_E_ARG, "parameter 'hidden.bias' has role 77, wanted 0 to 5"},
        {"parameter's rank", param_rank, SAL_E_SHAPE, "parameter 'hidden.weight': rank 9"},
        {"parameter of 0", param_0, SAL_E_SHAPE, "parameter 'hidden.weight' has no elements"},
        {"parameter of -1", param_negative, SAL_E_SHAPE,
         "adapter 'acme': parameter 'out.bias': dimension 0 is -1"},
        {"parameter of 2^80", param_overflow, SAL_E_SHAPE, "parameter 'hidden.weight': a shape"},
        {"parameter of 2^58", param_huge, SAL_E_NOMEM, "out of memory"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        faulty_engine e;
        sal_model *m = NULL;
        sal_error err = {SAL_OK, ""};
        make_faulty(&e, NO_FAULT);
        rows[i].lie(&e);
        sal_status st = sal_model_wrap(&small, &e.ops, &e, &m, &err);
        if (st != rows[i].status || !strstr(err.text, rows[i].text) || m)
            fail_msg("%s: status %d \"%s\"", rows[i].name, (int)st, err.text);
    }
}

static void numbers_that_are_not_finite_are_named(void **state)
{
    static const struct {
        const char *name;
        size_t offset; /* in floats */
        float value;
        const char *text;
    } rows[] = {
        {"first", 0, NAN, "model 'net': parameter 'hidden.weight', element 0 is not finite"},
        {"infinity", FAULTY_HIDDEN * FAULTY_SIZE + 2, INFINITY,
         "model 'net': parameter 'hidden.bias', element 2 is not finite"},
        {"last", sizeof(faulty_weights) / sizeof(float) - 1, -INFINITY,
         "model 'net': parameter 'out.bias', element 2 is not finite"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        faulty_engine e;
        sal_model *m = NULL;
        sal_error err = {SAL_OK, ""};
        make_faulty(&e, NO_FAULT);
        memcpy((char *)&e.w + rows[i].offset * sizeof(float), &rows[i].value, sizeof(float));
        if (sal_model_wrap(NULL, &e.ops, &e, &m, &err) != SAL_E_VALUE ||
            strcmp(err.text, rows[i].text) || m)
            fail_msg("%s: \"%s\"", rows[i].name, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_engine_is_read),
        cmocka_unit_test(bad_tables_are_refused),
        cmocka_unit_test(lying_descriptions_are_refused),
        cmocka_unit_test(numbers_that_are_not_finite_are_named),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
