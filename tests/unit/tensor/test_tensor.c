/* Tensors: making, viewing, slicing, what is refused; shapes as text. */
#include "short_memory.h"
#include "support.h"

#include "tensor/tensor.h"

#include <math.h>
#include <string.h>

static void a_new_tensor_is_zero(void **state)
{
    static const struct {
        const char *name;
        size_t rank;
        int64_t dims[SAL_MAX_RANK];
        size_t count;
    } cases[] = {{"number", 0, {0}, 1},
                 {"row", 1, {5}, 5},
                 {"planes", 4, {2, 3, 4, 5}, 120},
                 {"largest rank", 8, {1, 2, 1, 2, 1, 2, 1, 2}, 16},
                 {"no inputs", 3, {0, 4, 5}, 0},
                 {"no columns", 2, {3, 0}, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_tensor *t = NULL;
        sal_error err = {SAL_OK, ""};
        if (sal_tensor_create(NULL, cases[i].rank, cases[i].dims, &t, &err) != SAL_OK)
            fail_msg("%s: %s", cases[i].name, err.text);
        if (sal_tensor_count(t) != cases[i].count || sal_tensor_rank(t) != cases[i].rank)
            fail_msg("%s: rank %zu, %zu elements", cases[i].name, sal_tensor_rank(t),
                     sal_tensor_count(t));
        for (size_t k = 0; k < cases[i].rank; k++)
            if (sal_tensor_dim(t, k) != cases[i].dims[k])
                fail_msg("%s: dimension %zu", cases[i].name, k);
        if (sal_tensor_dim(t, cases[i].rank) != 1) fail_msg("%s: beyond the rank", cases[i].name);
        const float *data = sal_tensor_get_data(t);
        if (data != sal_tensor_data(t)) fail_msg("%s: two buffers", cases[i].name);
        for (size_t k = 0; k < cases[i].count; k++)
            if (data[k] != 0.0f)
                fail_msg("%s: element %zu is %g", cases[i].name, k, (double)data[k]);
        sal_tensor_free(t);
    }
}

static const struct {
    const char *name;
    size_t rank;
    int64_t dims[SAL_MAX_RANK];
    sal_status status;
    const char *text;
} bad_shapes[] = {
    {"rank", 9, {1, 1, 1, 1, 1, 1, 1, 1}, SAL_E_SHAPE, "rank 9, wanted at most 8"},
    {"sign", 2, {3, -1}, SAL_E_SHAPE, "dimension 1 is -1"},
    {"least", 1, {INT64_MIN}, SAL_E_SHAPE, "dimension 0 is -9223372036854775808"},
    {"one", 1, {INT64_MAX}, SAL_E_SHAPE, "a shape of more elements than memory can hold"},
    {"product",
     2,
     {INT64_C(1) << 31, INT64_C(1) << 31},
     SAL_E_SHAPE,
     "a shape of more elements than memory can hold"},
    {"behind a zero",
     3,
     {0, INT64_C(1) << 40, INT64_C(1) << 40},
     SAL_E_SHAPE,
     "a shape of more elements than memory can hold"},
    {"wraps to 0",
     3,
     {INT64_C(1) << 32, INT64_C(1) << 32, 7},
     SAL_E_SHAPE,
     "a shape of more elements than memory can hold"},
    {"wraps to 3",
     3,
     {3, (INT64_C(1) << 62) + 1, 4},
     SAL_E_SHAPE,
     "a shape of more elements than memory can hold"},
};

static void shapes_that_are_refused(void **state)
{
    (void)state;
    float data[1] = {0};
    for (size_t i = 0; i < sizeof bad_shapes / sizeof bad_shapes[0]; i++)
        for (int view = 0; view < 2; view++) {
            sal_tensor *t = NULL;
            sal_error err = {SAL_OK, ""};
            sal_status st =
                view ? sal_tensor_view_of(NULL, data, bad_shapes[i].rank, bad_shapes[i].dims, &t,
                                          &err)
                     : sal_tensor_create(NULL, bad_shapes[i].rank, bad_shapes[i].dims, &t, &err);
            if (st != bad_shapes[i].status || err.status != st)
                fail_msg("%s: status %d", bad_shapes[i].name, st);
            if (strcmp(err.text, bad_shapes[i].text))
                fail_msg("%s: '%s'", bad_shapes[i].name, err.text);
            if (t) fail_msg("%s: out was written", bad_shapes[i].name);
        }
}

static void missing_arguments(void **state)
{
    (void)state;
    sal_tensor *t = NULL;
    int64_t dims[1] = {1};
    float data[1] = {0};
    sal_error err = {SAL_OK, ""};
    assert_int_equal(sal_tensor_create(NULL, 1, dims, NULL, &err), SAL_E_ARG);
    assert_int_equal(sal_tensor_create(NULL, 1, NULL, &t, &err), SAL_E_ARG);
    assert_string_equal(err.text, "dims is NULL");
    assert_int_equal(sal_tensor_view_of(NULL, NULL, 1, dims, &t, &err), SAL_E_ARG);
    assert_int_equal(sal_tensor_view_of(NULL, data, 1, dims, NULL, &err), SAL_E_ARG);
    assert_int_equal(sal_tensor_slice(NULL, 0, 1, &t, &err), SAL_E_ARG);
    assert_int_equal(sal_tensor_create(NULL, 1, dims, NULL, NULL), SAL_E_ARG); /* err may be NULL */
    assert_null(t);
    sal_tensor_free(NULL);
}

static void a_view_is_the_callers_buffer(void **state)
{
    (void)state;
    float data[6] = {1, 2, 3, 4, 5, 6};
    sal_tensor *t = NULL;
    assert_int_equal(sal_tensor_view_of(NULL, data, 2, (const int64_t[]){2, 3}, &t, NULL), SAL_OK);
    assert_ptr_equal(sal_tensor_data(t), data);
    sal_tensor_data(t)[4] = 50;
    sal_tensor_free(t);
    assert_true(data[4] == 50 && data[5] == 6); /* written through, and left alone when freed */
}

static void slices(void **state)
{
    static const struct {
        const char *name;
        int64_t first, count;
        bool fits;
    } cases[] = {{"all", 0, 4, true},           {"middle", 1, 2, true},
                 {"last", 3, 1, true},          {"none", 2, 0, true},
                 {"at the end", 4, 0, true},    {"beyond", 5, 0, false},
                 {"one too many", 1, 4, false}, {"before", -1, 2, false},
                 {"negative", 2, -1, false},    {"wraps", 1, INT64_MAX, false}};
    (void)state;
    sal_tensor *t = NULL;
    assert_int_equal(sal_tensor_create(NULL, 3, (const int64_t[]){4, 2, 3}, &t, NULL), SAL_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_tensor *s = NULL;
        sal_error err = {SAL_OK, ""};
        sal_status st = sal_tensor_slice(t, cases[i].first, cases[i].count, &s, &err);
        if (st != (cases[i].fits ? SAL_OK : SAL_E_SHAPE))
            fail_msg("%s: status %d", cases[i].name, st);
        if (!cases[i].fits) {
            if (s || !strstr(err.text, "tensor has 4")) fail_msg("%s: %s", cases[i].name, err.text);
            continue;
        }
        if (sal_tensor_data(s) != sal_tensor_data(t) + 6 * cases[i].first ||
            sal_tensor_count(s) != (size_t)cases[i].count * 6 ||
            sal_tensor_dim(s, 0) != cases[i].count || sal_tensor_dim(s, 2) != 3)
            fail_msg("%s: another part", cases[i].name);
        sal_tensor_free(s);
    }
    sal_tensor *number = NULL, *s = NULL;
    assert_int_equal(sal_tensor_create(NULL, 0, NULL, &number, NULL), SAL_OK);
    assert_int_equal(sal_tensor_slice(number, 0, 1, &s, NULL), SAL_E_SHAPE);
    sal_tensor_free(number);
    sal_tensor_free(t);
}

static void shapes_as_text(void **state)
{
    static const struct {
        sal_shape shape;
        const char *text;
    } cases[] = {{{0, {0}}, "[]"},
                 {{1, {7}}, "[7]"},
                 {{4, {2, 1, 28, 28}}, "[2, 1, 28, 28]"},
                 {{8, {1, 2, 3, 4, 5, 6, 7, 800}}, "[1, 2, 3, 4, 5, 6, 7, 800]"}};
    (void)state;
    char text[SAL_SHAPE_TEXT];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(sal_shape_text_(&cases[i].shape, text, sizeof text), cases[i].text);
    sal_shape longest = {8, {1, 1, 1, 1, 1, 1, 1, INT64_C(1) << 59}};
    assert_non_null(strchr(sal_shape_text_(&longest, text, sizeof text), ']'));
    char narrow[8];
    assert_string_equal(sal_shape_text_(&cases[2].shape, narrow, sizeof narrow), "[2, 1, ");
}

static void comparing_shapes(void **state)
{
    (void)state;
    sal_shape a = {2, {3, 4}}, longer = {3, {3, 4, 1}}, other = {2, {3, 5}};
    sal_shape beyond = {2, {3, 4, 99}}; /* what lies beyond the rank does not count */
    assert_true(sal_shape_equal_(&a, &beyond));
    assert_false(sal_shape_equal_(&a, &longer));
    assert_false(sal_shape_equal_(&a, &other));
    assert_int_equal(sal_shape_count_from_(&longer, 1), 4);
    assert_int_equal(sal_shape_count_from_(&longer, 3), 1);
    sal_shape made;
    assert_int_equal(sal_shape_make_(2, a.dims, &made, NULL, NULL), SAL_OK);
    assert_true(sal_shape_equal_(&a, &made));
}

static void the_first_that_is_not_finite(void **state)
{
    (void)state;
    float v[5] = {0, -0.0f, 3e38f, 1e-45f, 1};
    assert_int_equal(sal_first_not_finite_(5, v), 5);
    v[4] = NAN;
    assert_int_equal(sal_first_not_finite_(5, v), 4);
    v[2] = -INFINITY;
    assert_int_equal(sal_first_not_finite_(5, v), 2);
    assert_int_equal(sal_first_not_finite_(0, v), 0);
}

static void out_of_memory(void **state)
{
    (void)state;
    for (size_t after = 0; after < 3; after++) {
        short_memory memory = {.after = after};
        sal_env env = short_memory_env(&memory);
        sal_tensor *t = NULL;
        sal_error err = {SAL_OK, ""};
        sal_status st = sal_tensor_create(&env, 1, (const int64_t[]){3}, &t, &err);
        assert_int_equal(st, after < 2 ? SAL_E_NOMEM : SAL_OK);
        if (after < 2) assert_string_equal(err.text, "out of memory for a tensor");
        sal_tensor_free(t);
        assert_int_equal(memory.alive, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_tensor_is_zero),
        cmocka_unit_test(shapes_that_are_refused),
        cmocka_unit_test(missing_arguments),
        cmocka_unit_test(a_view_is_the_callers_buffer),
        cmocka_unit_test(slices),
        cmocka_unit_test(shapes_as_text),
        cmocka_unit_test(comparing_shapes),
        cmocka_unit_test(the_first_that_is_not_finite),
        cmocka_unit_test(out_of_memory),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
