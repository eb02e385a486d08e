/* The numbers of a randomised tensor: permuted entries, a matched Gaussian, initialisers by name;
 * and permuted labels. */
#include "nets.h"
#include "support.h"

#include "randomise/randomise.h"

#include <salcheck/nn.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { IN = 200, OUT = 50, N = IN * OUT };

/* One dense layer; init NULL: unknown, as for an imported network. */
static test_net make_net(const char *init)
{
    test_net net;
    static float w[N], b[OUT];
    start_net(&net, NULL, "dense");
    sal_value x = sal_graph_input(net.g, "x", 1, (const int64_t[]){IN});
    sal_value in[3] = {x, 0, 0};
    in[1] = sal_graph_param(net.g, &(sal_param_info){.name = "w",
                                                     .layer = "fc",
                                                     .init = init,
                                                     .rank = 2,
                                                     .dims = {OUT, IN},
                                                     .fan_in = IN,
                                                     .fan_out = OUT});
    in[2] = sal_graph_param(net.g, &(sal_param_info){.name = "b",
                                                     .layer = "fc",
                                                     .init = init,
                                                     .rank = 1,
                                                     .role = SAL_BIAS,
                                                     .dims = {OUT},
                                                     .fan_in = IN,
                                                     .fan_out = OUT});
    sal_value y = sal_graph_node(net.g, "Gemm", "fc", NULL, 3, in);
    make_params(&net);
    for (size_t i = 0; i < N; i++) w[i] = 0.25f + (float)((i * 7919) % N) / N; /* all different */
    for (size_t i = 0; i < OUT; i++) b[i] = (float)i - 10;
    set_param(&net, "w", w);
    set_param(&net, "b", b);
    make_model(&net, x, y);
    return net;
}

static sal_params *draw(const test_net *net, const char *initialiser)
{
    sal_params *p = NULL;
    sal_error err = {SAL_OK, ""};
    sal_randomise_options o = {.initialiser = initialiser, .seed = 9};
    if (sal_randomise(net->model, "top", 0, &o, &p, &err) != SAL_OK) fail_msg("%s", err.text);
    return p;
}

static int ascending(const void *a, const void *b)
{
    const float *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void permuting_keeps_the_entries(void **state)
{
    static const struct {
        const char *name, *init, *initialiser;
    } cases[] = {{"unknown initialiser", NULL, NULL}, {"asked for", "he-normal", "permute"}};
    (void)state;
    for (size_t c = 0; c < 2; c++) {
        test_net net = make_net(cases[c].init);
        sal_params *p = draw(&net, cases[c].initialiser);
        for (size_t i = 0; i < 2; i++) {
            size_t n = sal_params_size(p, i), stay = 0;
            float *a = calloc(n, sizeof *a), *b = calloc(n, sizeof *b);
            memcpy(a, sal_params_get(p, i), n * sizeof *a);
            memcpy(b, sal_params_get(net.params, i), n * sizeof *b);
            for (size_t k = 0; k < n; k++) stay += a[k] == b[k];
            if (stay > 10) fail_msg("%s: %zu entries of %zu stay", cases[c].name, stay, n);
            qsort(a, n, sizeof *a, ascending);
            qsort(b, n, sizeof *b, ascending);
            if (memcmp(a, b, n * sizeof *a)) fail_msg("%s: other entries", cases[c].name);
            free(a);
            free(b);
        }
        sal_params_free(p);
        free_net(&net);
    }
}

static void moments(size_t n, const float *x, double *mean, double *deviation)
{
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i];
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) square += ((double)x[i] - *mean) * ((double)x[i] - *mean);
    *deviation = sqrt(square / (double)n);
}

static void gaussians_match_the_entries(void **state)
{
    (void)state;
    test_net net = make_net("zeros");
    sal_params *p = draw(&net, "gaussian");
    for (size_t i = 0; i < 2; i++) {
        size_t n = sal_params_size(p, i), beyond = 0;
        double mean, deviation, got_mean, got_deviation, count = (double)n;
        moments(n, sal_params_get(net.params, i), &mean, &deviation);
        moments(n, sal_params_get(p, i), &got_mean, &got_deviation);
        assert_near("mean", got_mean, mean, 5 * deviation / sqrt(count));
        assert_near("deviation", got_deviation, deviation, 5 * deviation / sqrt(2 * count));
        for (size_t k = 0; k < n; k++)
            beyond += fabs((double)sal_params_get(p, i)[k] - mean) > 1.96 * deviation;
        assert_near("tails", (double)beyond / count, 0.05, 5 * sqrt(0.05 * 0.95 / count));
    }
    sal_params_free(p);
    free_net(&net);
}

static void initialisers_by_name(void **state)
{
    static const struct {
        const char *init, *initialiser;
        double deviation;                  /* wanted of the weights */
    } cases[] = {{"he-normal", NULL, 0.1}, /* its own: sqrt(2 / 200) */
                 {"ones", NULL, 0},
                 {"ones", "he-normal", 0.1},
                 {NULL, "normal:std=0.5", 0.5},
                 {"he-normal", "uniform:bound=3", 1.7320508}};
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        test_net net = make_net(cases[c].init);
        sal_params *p = draw(&net, cases[c].initialiser);
        for (size_t i = 0; i < 2; i++) { /* weights and biases alike */
            double mean, deviation, n = (double)sal_params_size(p, i), want = cases[c].deviation;
            moments(sal_params_size(p, i), sal_params_get(p, i), &mean, &deviation);
            char name[64];
            sal_text t = sal_text_into_(name, sizeof name);
            sal_text_add_(&t, "case %zu, tensor %zu", c, i);
            assert_near(name, deviation, want, 5 * want / sqrt(2 * n));
            assert_near(name, mean, want > 0 ? 0 : 1, 5 * want / sqrt(n));
        }
        sal_params_free(p);
        free_net(&net);
    }
}

static void tensors_have_streams_of_their_own(void **state)
{
    (void)state;
    test_net net = make_net(NULL);
    sal_params *p = draw(&net, "normal:std=1");
    double product = 0;
    for (size_t i = 0; i < OUT; i++)
        product += (double)sal_params_get(p, 0)[i] * (double)sal_params_get(p, 1)[i];
    assert_near("weights and biases", product / OUT, 0, 5 / sqrt(OUT));
    sal_params_free(p);
    free_net(&net);
}

/* ---- labels ----------------------------------------------------------------------------------- */

static void labels_keep_their_counts(void **state)
{
    enum { LABELS = 3000, CLASSES = 10 };
    static int64_t labels[LABELS], permuted[LABELS], again[LABELS], other[LABELS];
    (void)state;
    size_t count[2][CLASSES] = {{0}}, equal = 0;
    for (size_t i = 0; i < LABELS; i++) labels[i] = (int64_t)(i * i % 97 % CLASSES);
    sal_permute_labels(LABELS, labels, 1, permuted);
    sal_permute_labels(LABELS, labels, 1, again);
    sal_permute_labels(LABELS, labels, 2, other);
    assert_memory_equal(permuted, again, sizeof permuted);
    assert_true(memcmp(permuted, other, sizeof permuted) != 0);
    for (size_t i = 0; i < LABELS; i++) {
        count[0][labels[i]]++;
        count[1][permuted[i]]++;
        equal += labels[i] == permuted[i];
    }
    assert_memory_equal(count[0], count[1], sizeof count[0]);
    double chance = 0;
    for (size_t k = 0; k < CLASSES; k++)
        chance += (double)(count[0][k] * count[0][k]) / LABELS / LABELS;
    assert_near("agreement", (double)equal / LABELS, chance,
                5 * sqrt(chance * (1 - chance) / LABELS));
    sal_permute_labels(LABELS, labels, 0, permuted);
    sal_permute_labels(LABELS, labels, SAL_SEED_DEFAULT, again); /* seed 0 is the default */
    assert_memory_equal(permuted, again, sizeof permuted);
    sal_permute_labels(0, labels, 1, permuted);
    sal_permute_labels(1, labels, 1, again);
    assert_true(again[0] == labels[0]);
}

/* Every order of three labels is as likely as any other. */
static void orders_are_equally_likely(void **state)
{
    enum { SEEDS = 60000 };
    static const int64_t labels[3] = {0, 1, 2};
    (void)state;
    size_t count[27] = {0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        int64_t order[3];
        sal_permute_labels(3, labels, seed, order);
        count[order[0] * 9 + order[1] * 3 + order[2]]++;
    }
    for (size_t i = 0; i < 27; i++)
        if (count[i])
            assert_near("order", (double)count[i], SEEDS / 6.0, 5 * sqrt(SEEDS / 6.0 * 5 / 6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(permuting_keeps_the_entries),
        cmocka_unit_test(gaussians_match_the_entries),
        cmocka_unit_test(initialisers_by_name),
        cmocka_unit_test(tensors_have_streams_of_their_own),
        cmocka_unit_test(labels_keep_their_counts),
        cmocka_unit_test(orders_are_equally_likely),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
