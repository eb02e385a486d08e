/* Convolution and its three gradients against plain loops in double, over random geometries:
 * strides, uneven padding, dilation, groups, lines. */
#include "op_rig.h"
#include "support.h"
#include "windows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CASES = 400 };

typedef struct {
    geometry g;
    int64_t groups, in_c, out_c; /* channels per group */
    bool bias;
} conv_case;

static conv_case random_case(sal_rng *rng)
{
    conv_case c = {.g = random_geometry(rng, 4)};
    c.groups = 1 + (int64_t)sal_rng_below_(rng, 3);
    c.in_c = 1 + (int64_t)sal_rng_below_(rng, 3);
    c.out_c = 1 + (int64_t)sal_rng_below_(rng, 3);
    c.bias = sal_rng_below_(rng, 2);
    c.g.channels = c.groups * c.in_c;
    c.g.attrs.groups = c.groups;
    return c;
}

static sal_shape weight_shape(const conv_case *c)
{
    const int64_t *k = c->g.attrs.kernel, outs = c->groups * c->out_c;
    if (c->g.line) return (sal_shape){3, {outs, c->in_c, k[1]}};
    return (sal_shape){4, {outs, c->in_c, k[0], k[1]}};
}

typedef void visit(void *self, size_t y, size_t x, size_t w); /* one term of one output */

static void each_term(const conv_case *c, visit *f, void *self)
{
    const geometry *g = &c->g;
    int64_t plane = g->size[0] * g->size[1], pixels = g->out[0] * g->out[1];
    int64_t taps = g->attrs.kernel[0] * g->attrs.kernel[1], outs = c->groups * c->out_c;
    for (int64_t n = 0; n < g->n; n++)
        for (int64_t o = 0; o < outs; o++)
            for (int64_t p = 0; p < pixels; p++)
                for (int64_t i = 0; i < c->in_c; i++)
                    for (int64_t k = 0; k < taps; k++) {
                        int64_t at = tap_place(g, p, k), channel = o / c->out_c * c->in_c + i;
                        if (at < 0) continue;
                        f(self, (size_t)((n * outs + o) * pixels + p),
                          (size_t)((n * g->channels + channel) * plane + at),
                          (size_t)((o * c->in_c + i) * taps + k));
                    }
}

typedef struct {
    const float *x, *w, *gy;
    double *y, *gx, *gw;
} sums;

static void add(void *self, size_t y, size_t x, size_t w)
{
    const sums *s = self;
    s->y[y] += (double)s->x[x] * (double)s->w[w];
    s->gx[x] += (double)s->gy[y] * (double)s->w[w];
    s->gw[w] += (double)s->gy[y] * (double)s->x[x];
}

static void compare(const conv_case *c, const char *what, size_t n, const float *got,
                    const double *want)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)got[i] - want[i]) <= 2e-5 + 1e-5 * fabs(want[i])))
            fail_msg("%s, groups %d of %d to %d: %s %zu is %.8g, wanted %.8g", c->g.text,
                     (int)c->groups, (int)c->in_c, (int)c->out_c, what, i, (double)got[i], want[i]);
}

static void check(const conv_case *c, uint64_t seed)
{
    sal_shape in[3] = {
        data_shape(&c->g, c->g.channels), weight_shape(c), {1, {c->groups * c->out_c}}};
    op_rig r = op_rig_make("Conv", &c->g.attrs, c->bias ? 3 : 2, in, seed);
    size_t pixels = (size_t)(c->g.out[0] * c->g.out[1]), outs = (size_t)(c->groups * c->out_c);
    assert_int_equal(r.n_out, (size_t)c->g.n * outs * pixels);
    float *gy = calloc(r.n_out, sizeof *gy), *got = calloc(r.n_out, sizeof *got);
    sal_rng rng = sal_rng_for(seed, "gy", 0);
    for (size_t i = 0; i < r.n_out; i++) gy[i] = (float)sal_rng_normal_(&rng);
    memcpy(got, op_rig_forward(&r), r.n_out * sizeof *got);
    op_rig_backward(&r, gy);
    sums s = {r.data[0],
              r.data[1],
              gy,
              calloc(r.n_out, sizeof(double)),
              calloc(r.count[0], sizeof(double)),
              calloc(r.count[1], sizeof(double))};
    double *gb = calloc(outs, sizeof *gb);
    each_term(c, add, &s);
    for (size_t i = 0; i < r.n_out; i++) {
        if (c->bias) s.y[i] += (double)r.data[2][i / pixels % outs];
        gb[i / pixels % outs] += (double)gy[i];
    }
    compare(c, "output", r.n_out, got, s.y);
    compare(c, "gradient of data", r.count[0], r.gradient[0], s.gx);
    compare(c, "gradient of weight", r.count[1], r.gradient[1], s.gw);
    if (c->bias) compare(c, "gradient of bias", outs, r.gradient[2], gb);
    free(gy);
    free(got);
    free(s.y);
    free(s.gx);
    free(s.gw);
    free(gb);
    op_rig_free(&r);
}

static void random_geometries(void **state)
{
    (void)state;
    sal_rng rng = sal_rng_for(3, "conv", 0);
    size_t lines = 0, grouped = 0;
    for (uint64_t i = 0; i < CASES; i++) {
        conv_case c = random_case(&rng);
        lines += c.g.line;
        grouped += c.groups > 1;
        check(&c, i);
    }
    assert_true(lines > CASES / 10 && grouped > CASES / 3);
}

/* Equal patches give equal sums wherever they lie: a tie is a tie for the pooling above. */
static void equal_patches_give_equal_bits(void **state)
{
    static const int64_t sizes[] = {5, 7, 11, 28};
    static const struct {
        const char *name;
        sal_op_attrs attrs;
        sal_shape weight;
    } ways[] = {{"3x3", {.kernel = {3, 3}}, {4, {6, 6, 3, 3}}},
                {"1x1", {.kernel = {1, 1}}, {4, {5, 6, 1, 1}}},
                {"1x1, stride 2", {.kernel = {1, 1}, .stride = {2, 2}}, {4, {5, 6, 1, 1}}},
                {"groups", {.kernel = {2, 3}, .groups = 2}, {4, {4, 3, 2, 3}}},
                {"depthwise", {.kernel = {3, 3}, .groups = 6}, {4, {6, 1, 3, 3}}},
                {"depthwise, stride 2",
                 {.kernel = {3, 3}, .stride = {2, 2}, .groups = 6},
                 {4, {12, 1, 3, 3}}}};
    (void)state;
    for (size_t w = 0; w < sizeof ways / sizeof ways[0]; w++)
        for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
            sal_shape in[2] = {{4, {2, 6, sizes[k], sizes[k]}}, ways[w].weight};
            op_rig r = op_rig_make("Conv", &ways[w].attrs, 2, in, k);
            size_t plane = (size_t)(sizes[k] * sizes[k]);
            for (size_t i = 0; i < r.count[0]; i++) /* constant planes, each another number */
                r.data[0][i] = 0.37f + 0.1f * (float)(i / plane % 6);
            const float *y = op_rig_forward(&r);
            size_t pixels = sal_shape_count_from_(&r.out_shape, 2);
            for (size_t i = 0; i < r.n_out; i++)
                if (memcmp(&y[i], &y[i / pixels * pixels], sizeof *y))
                    fail_msg("%s, size %d: pixel %zu differs", ways[w].name, (int)sizes[k],
                             i % pixels);
            op_rig_free(&r);
        }
}

static const struct {
    const char *name;
    sal_op_attrs attrs;
    size_t n_in;
    sal_shape in[3];
    const char *text;
} mistakes[] = {
    {"data without planes",
     {.kernel = {1, 1}},
     2,
     {{2, {1, 8}}, {4, {1, 8, 1, 1}}},
     "data is [1, 8], wanted [N, C, L] or [N, C, H, W]"},
    {"kernel",
     {.kernel = {3, 3}},
     2,
     {{4, {1, 2, 8, 8}}, {4, {4, 2, 5, 3}}},
     "weight is [4, 2, 5, 3], wanted [4, 2, 3, 3]"},
    {"rank of the weight",
     {.kernel = {1, 3}},
     2,
     {{4, {1, 2, 8, 8}}, {3, {4, 2, 3}}},
     "weight is [4, 2, 3], wanted [4, 2, 1, 3]"},
    {"rank of the weight of a line",
     {.kernel = {1, 3}},
     2,
     {{3, {1, 2, 8}}, {4, {4, 2, 1, 3}}},
     "weight is [4, 2, 1, 3], wanted [4, 2, 3]"},
    {"channels",
     {.kernel = {3, 3}},
     2,
     {{4, {1, 1, 8, 8}}, {4, {4, 3, 3, 3}}},
     "weight has 3 input channels, data has 1"},
    {"channels of a group",
     {.kernel = {3, 3}, .groups = 2},
     2,
     {{4, {1, 4, 8, 8}}, {4, {4, 4, 3, 3}}},
     "weight has 4 input channels, data has 2 in each group"},
    {"groups and data",
     {.kernel = {3, 3}, .groups = 3},
     2,
     {{4, {1, 4, 8, 8}}, {4, {6, 1, 3, 3}}},
     "3 groups do not divide 4 and 6 channels"},
    {"groups and filters",
     {.kernel = {3, 3}, .groups = 2},
     2,
     {{4, {1, 4, 8, 8}}, {4, {5, 2, 3, 3}}},
     "2 groups do not divide 4 and 5 channels"},
    {"negative groups",
     {.kernel = {3, 3}, .groups = -1},
     2,
     {{4, {1, 4, 8, 8}}, {4, {5, 2, 3, 3}}},
     "-1 groups"},
    {"bias",
     {.kernel = {3, 3}},
     3,
     {{4, {1, 1, 8, 8}}, {4, {4, 1, 3, 3}}, {1, {3}}},
     "bias is [3], wanted [4]"},
    {"rank of the bias",
     {.kernel = {3, 3}},
     3,
     {{4, {1, 1, 8, 8}}, {4, {4, 1, 3, 3}}, {2, {1, 4}}},
     "bias is [1, 4], wanted [4]"},
    {"kernel larger than the data",
     {.kernel = {3, 9}, .pad = {1, 0, 1, 0}},
     2,
     {{4, {1, 1, 8, 8}}, {4, {4, 1, 3, 9}}},
     "kernel 3x9 does not fit into data [1, 1, 8, 8]"},
    {"stride",
     {.kernel = {3, 3}, .stride = {1, -2}},
     2,
     {{4, {1, 1, 8, 8}}, {4, {4, 1, 3, 3}}},
     "stride 1x-2"},
    {"dilation",
     {.kernel = {3, 3}, .dilation = {-1, 1}},
     2,
     {{4, {1, 1, 8, 8}}, {4, {4, 1, 3, 3}}},
     "dilation -1x1"},
    {"padding",
     {.kernel = {3, 3}, .pad = {0, 0, -1, 0}},
     2,
     {{4, {1, 1, 8, 8}}, {4, {4, 1, 3, 3}}},
     "padding 0, 0, -1, 0"},
    {"absurd padding",
     {.kernel = {3, 3}, .pad = {0, 0, INT64_MAX, 0}},
     2,
     {{4, {1, 1, 8, 8}}, {4, {4, 1, 3, 3}}},
     "padding 0, 0, 9223372036854775807, 0"},
    {"absurd kernel",
     {.kernel = {INT64_MAX, 3}},
     2,
     {{4, {1, 1, 8, 8}}, {4, {4, 1, 3, 3}}},
     "kernel 9223372036854775807x3"},
    {"rows of a line",
     {.kernel = {3, 1}},
     2,
     {{3, {1, 1, 8}}, {3, {4, 1, 1}}},
     "data has no rows: the kernel must be [1, k]"},
    {"padded rows of a line",
     {.kernel = {1, 3}, .pad = {1, 0, 0, 0}},
     2,
     {{3, {1, 1, 8}}, {3, {4, 1, 3}}},
     "data has no rows"},
};

static void mistakes_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        sal_error err =
            op_rig_mistake("Conv", &mistakes[i].attrs, mistakes[i].n_in, mistakes[i].in);
        if (err.status != SAL_E_SHAPE || !strstr(err.text, mistakes[i].text) ||
            strncmp(err.text, "Conv node 'out': ", 17))
            fail_msg("%s: status %d, '%s'", mistakes[i].name, err.status, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_geometries),
        cmocka_unit_test(equal_patches_give_equal_bits),
        cmocka_unit_test(mistakes_are_named),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
