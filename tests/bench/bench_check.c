/* bench_check.c - CPU time of the parameter check; reports, decides nothing.
 *   bench_check mprt N   one cascade over all layers of the MNIST network, gradient maps of N inputs,
 *                        rank correlation with the trained network's: what MPRT computes
 *   bench_check assert   the check as an assertion makes it: all draws until decided; prints the
 *                        outcome. Time the process for the figure from start to exit. */
#define _POSIX_C_SOURCE 200809L
#include "nets.h"
#include "support.h"

#include <salcheck/salcheck.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PIXELS = 28 * 28, REPEATS = 9 };

static double cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void must(sal_status st, const sal_error *err)
{
    if (st == SAL_OK) return;
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

static sal_tensor *noise_inputs(const sal_env *env, int64_t n)
{
    sal_tensor *x;
    sal_error err;
    must(sal_tensor_create(env, 4, (const int64_t[]){n, 1, 28, 28}, &x, &err), &err);
    uint32_t state = 1;
    for (size_t i = 0; i < sal_tensor_count(x); i++) {
        state = state * 1664525u + 1013904223u;
        sal_tensor_data(x)[i] = (float)(state >> 8) / 16777216.0f;
    }
    return x;
}

/* Returns the mean similarity, so that nothing can be left out. */
static double mprt(const test_net *net, const sal_env *env, const sal_tensor *x, int64_t n)
{
    size_t steps = sal_randomise_steps(net->model, SAL_CASCADE), count = (size_t)n * PIXELS;
    int64_t *targets = calloc((size_t)n, sizeof *targets);
    float *maps = malloc(2 * count * sizeof *maps);
    sal_similarity *s = malloc((size_t)n * sizeof *s);
    sal_explain_options o = {.targets = targets};
    sal_tensor *trained, *random;
    sal_error err;
    const int64_t dims[] = {n, 1, 28, 28};
    double sum = 0;
    must(sal_explain(net->model, x, SAL_GRADIENT, &o, maps, &err), &err);
    must(sal_tensor_view_of(env, maps, 4, dims, &trained, &err), &err);
    must(sal_tensor_view_of(env, maps + count, 4, dims, &random, &err), &err);
    for (size_t k = 0; k < steps; k++) {
        sal_params *p;
        sal_model *m;
        must(sal_randomise(net->model, SAL_CASCADE, k, NULL, &p, &err), &err);
        must(sal_model_from_graph(net->g, sal_graph_find(net->g, "input"),
                                  sal_graph_find(net->g, "fc2"), p, &m, &err),
             &err);
        must(sal_explain(m, x, SAL_GRADIENT, &o, maps + count, &err), &err);
        must(sal_metric_compare(env, SAL_SPEARMAN_ABS, trained, random, s, &err), &err);
        for (int64_t i = 0; i < n; i++) sum += s[i].value / (double)((size_t)n * steps);
        sal_model_free(m);
        sal_params_free(p);
    }
    sal_tensor_free(trained);
    sal_tensor_free(random);
    free(targets);
    free(maps);
    free(s);
    return sum;
}

static int run_mprt(const sal_env *env, int64_t n)
{
    test_net net = large_cnn(env, 1);
    sal_tensor *x = noise_inputs(env, n);
    double times[REPEATS], mean = mprt(&net, env, x, n);
    for (int i = 0; i < REPEATS; i++) {
        double start = cpu();
        mean = mprt(&net, env, x, n);
        times[i] = cpu() - start;
    }
    qsort(times, REPEATS, sizeof times[0], by_size);
    printf("mprt, %lld inputs: %.0f ms CPU, median of %d (%.0f to %.0f); mean similarity %.3f\n",
           (long long)n, times[REPEATS / 2], REPEATS, times[0], times[REPEATS - 1], mean);
    sal_tensor_free(x);
    free_net(&net);
    return 0;
}

static int run_assert(const sal_env *env)
{
    const char *folder = golden_folder();
    sal_tensor *digits, *x;
    sal_verdict *v;
    sal_error err;
    if (!folder) return 1;
    test_net net = load_golden_net(env, folder, "mnist_cnn");
    must(sal_idx_read_images(env, SAL_SOURCE_DIR "/examples/mnist/test-images-500-idx3-ubyte.gz", 1,
                             &digits, &err),
         &err);
    must(sal_tensor_slice(digits, 0, 32, &x, &err), &err);
    sal_check_args a = {
        .check = SAL_CHECK_PARAMS, .model = net.model, .inputs = x, .method = SAL_GRADIENT};
    must(sal_check_run(&a, &v, &err), &err);
    printf("params, gradient: %s, D %.2f, %zu draws, %.0f ms CPU since the start\n",
           sal_outcome_name(v->outcome), v->steps[0].statistic, v->steps[0].draws, cpu());
    sal_verdict_free(v);
    sal_tensor_free(x);
    sal_tensor_free(digits);
    free_net(&net);
    return 0;
}

int main(int argc, char **argv)
{
    const char *threads = getenv("BENCH_THREADS");
    sal_env env = {.threads = threads ? (size_t)strtoul(threads, NULL, 10) : 1};
    if (argc == 3 && !strcmp(argv[1], "mprt")) return run_mprt(&env, strtoll(argv[2], NULL, 10));
    if (argc == 2 && !strcmp(argv[1], "assert")) return run_assert(&env);
    fprintf(stderr, "usage: bench_check mprt N | assert\n");
    return 2;
}
