/* Normalisations: what comes out has the moments it should have, group by group; LRN by its sum. */
#include "one_op.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    one_op o;
    size_t length;           /* elements that are normalised together */
    size_t step, span, rows; /* element i of row r has scale r % rows * step + i / span */
} norm;

#define NORM(OP, ...)                                                                              \
    {                                                                                              \
        .name = OP, .op = OP, .attrs = {.epsilon = 1e-3, __VA_ARGS__ }

static const norm norms[] = {{NORM("InstanceNormalization", .axis = 1), .n_in = 3,
                              .in = {{4, {2, 3, 4, 5}}, {1, {3}}, {1, {3}}}},
                             20,
                             1,
                             20,
                             3},
                  {NORM("LayerNormalization", .axis = -1), .n_in = 3,
                   .in = {{3, {2, 3, 5}}, {1, {5}}, {1, {5}}}},
                  5, 0, 1, 1
}
, {NORM("LayerNormalization", .axis = 2), .n_in = 2, .in = {{4, {2, 3, 2, 4}}, {2, {2, 4}}}}, 8, 0,
    1, 1
}
,
    {NORM("GroupNormalization", .groups = 2), .n_in = 3,
     .in = {{4, {2, 6, 2, 3}}, {1, {6}}, {1, {6}}}},
    18, 3, 6, 2
}
,
    {NORM("GroupNormalization", .groups = 3), .n_in = 3,
     .in = {{4, {2, 6, 2, 3}}, {1, {3}}, {1, {3}}}},
    12, 1, 12, 3
}
,
}
;

static void as_defined(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof norms / sizeof norms[0]; k++) {
        const norm *m = &norms[k];
        float *data[3] = {NULL};
        size_t count = sal_shape_count_from_(&m->o.in[0], 0);
        for (size_t i = 0; i < m->o.n_in; i++)
            data[i] = normal_numbers(sal_shape_count_from_(&m->o.in[i], 0), m->o.op, 3 * k + i);
        for (size_t i = 0; i < count; i++) data[0][i] += 100; /* the mean is far from 0 */
        sal_shape out;
        float *y = one_op_run(&m->o, (const float *const *)data, &out);
        assert_shape(m->o.name, &out, &m->o.in[0]);
        for (size_t r = 0; r < count / m->length; r++) {
            double sum = 0, squares = 0;
            const float *x = data[0] + r * m->length;
            for (size_t i = 0; i < m->length; i++) sum += (double)x[i];
            double mean = sum / (double)m->length;
            for (size_t i = 0; i < m->length; i++) squares += pow((double)x[i] - mean, 2);
            double deviation = sqrt(squares / (double)m->length + 1e-3);
            for (size_t i = 0; i < m->length; i++) {
                size_t at = r % m->rows * m->step + i / m->span;
                double want = ((double)x[i] - mean) / deviation * (double)data[1][at];
                if (m->o.n_in > 2) want += (double)data[2][at];
                assert_near(m->o.name, (double)y[r * m->length + i], want, 1e-5);
            }
        }
        for (size_t i = 0; i < 3; i++) free(data[i]);
        free(y);
    }
}

/* y = x / (2 + 3/size * squares)^0.5, size 3 and 4: an even window reaches further up */
static void neighbours(void **state)
{
    (void)state;
    const float x[] = {1, 2, 3, 4, 5};
    const double squares[2][5] = {{5, 14, 29, 50, 41}, {14, 30, 54, 50, 41}};
    for (int even = 0; even < 2; even++) {
        one_op o = {
            .name = even ? "size 4" : "size 3", .op = "LRN", .n_in = 1, .in = {{2, {1, 5}}}};
        o.attrs = (sal_op_attrs){.kernel = {3 + even}, .alpha = 3, .beta = 0.5, .gamma = 2};
        sal_shape out;
        float *y = one_op_run(&o, (const float *[]){x}, &out);
        for (int i = 0; i < 5; i++)
            assert_near(o.name, (double)y[i],
                        (double)x[i] / sqrt(2 + 3.0 / (3 + even) * squares[even][i]), 1e-6);
        free(y);
    }
}

static const struct {
    one_op o;
    const char *text;
} refusals[] = {{NORM("InstanceNormalization", .axis = 1), .n_in = 3,
                 .in = {{3, {2, 3, 4}}, {1, {3}}, {1, {2}}}},
                "input 2 must be a vector of 3 numbers"},
  {NORM("InstanceNormalization", .axis = 1), .n_in = 3, .in = {{2, {2, 3}}, {1, {3}}, {1, {3}}}},
  "wanted at least [N, C, L]"
}
, {NORM("LayerNormalization", .axis = 1), .n_in = 2, .in = {{3, {2, 3, 4}}, {1, {4}}}},
    "input 1 is [4], wanted the data's axes from 1 on"
}
, {NORM("LayerNormalization", .axis = 3), .n_in = 2, .in = {{3, {2, 3, 4}}, {1, {4}}}},
    "axis 3, data has rank 3"
}
, {NORM("GroupNormalization", .groups = 2), .n_in = 3, .in = {{3, {2, 3, 4}}, {1, {3}}, {1, {3}}}},
    "2 groups do not divide 3 channels"
}
, {NORM("GroupNormalization", .groups = 2), .n_in = 3, .in = {{3, {2, 4, 4}}, {1, {3}}, {1, {3}}}},
    "input 1 must be a vector of 4 numbers"
}
,
}
;

static void refused(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof refusals / sizeof refusals[0]; k++) {
        sal_error err = one_op_mistake(&refusals[k].o);
        if (!strstr(err.text, refusals[k].text))
            fail_msg("%s: '%s', wanted '%s'", refusals[k].o.name, err.text, refusals[k].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_defined),
        cmocka_unit_test(neighbours),
        cmocka_unit_test(refused),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
