/* The same seed gives the same verdicts.jsonl, byte for byte, with any number of threads and any
 * batch: here, and on each kind of BLAS kernel that this machine can run, since the order in which a
 * kernel adds up may follow the shape of the product (one that does is named).
 *
 * usage: deterministic [once]   once: only with the kernels at hand, and says which they are;
 * SALCHECK_QUICK=1 in the environment: only with these, too */
#define _XOPEN_SOURCE 700
#include "checks.h"
#include "child.h"
#include "small_nets.h"
#include "support.h"

#include <salcheck/report.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const checks[] = {"params", "labels", "edges", "reproducible", "faithful"};
static const char *const methods[] = {"gradient", "smoothgrad:samples=4", "guided-backprop",
                                      "gradcam", "integrated-gradients:steps=5"};
enum { CHECKS = sizeof checks / sizeof checks[0], METHODS = sizeof methods / sizeof methods[0] };
enum { VERDICTS = CHECKS * METHODS, FILE_SIZE = 1 << 21 };

static char folder[64], target[96];

char *openblas_get_corename(void);

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/salcheck-same-XXXXXX");
    if (!mkdtemp(folder)) return 1;
    snprintf(target, sizeof target, "%s/verdicts.jsonl", folder);
    return 0;
}

static int drop_folder(void **state)
{
    (void)state;
    unlink(target);
    return rmdir(folder);
}

/* Every check of every method into one file, whose bytes are returned; to free(). */
static char *verdicts(const small_world *w, size_t batch)
{
    sal_verdict *all[VERDICTS];
    sal_error err = {SAL_OK, ""};
    for (size_t i = 0; i < VERDICTS; i++) {
        sal_check_args a = {.check = checks[i / METHODS],
                            .method = methods[i % METHODS],
                            .model = w->net.model,
                            .twin = w->twin.model,
                            .inputs = w->inputs,
                            .batch = batch,
                            .max_draws = 20};
        all[i] = run_check(a.method, &a);
    }
    sal_status st = sal_report_jsonl(NULL, (const sal_verdict *const *)all, VERDICTS, target, &err);
    if (st != SAL_OK) fail_msg("%s", err.text);
    for (size_t i = 0; i < VERDICTS; i++) sal_verdict_free(all[i]);
    char *bytes = calloc(FILE_SIZE, 1);
    FILE *f = fopen(target, "rb");
    assert_non_null(f);
    size_t n = fread(bytes, 1, FILE_SIZE - 1, f);
    fclose(f);
    assert_in_range(n, 1, FILE_SIZE - 2);
    return bytes;
}

/* Names the first line that differs. */
static void expect_same(const char *want, const char *got, size_t threads, size_t batch)
{
    if (!strcmp(want, got)) return;
    size_t same = 0, line = 0;
    while (want[same] == got[same]) line = want[same++] == '\n' ? same : line;
    fprintf(stderr, "reference: %.160s\nhere:      %.160s\n", want + line, got + line);
    fail_msg(
        "%zu threads and batches of %zu change the verdict at byte %zu of its line: the %s kernels "
        "of BLAS add up otherwise",
        threads, batch, same - line, openblas_get_corename());
}

static void threads_and_batches(void **state)
{
    static const size_t batches[] = {64, 1, 2, 3, 7};
    (void)state;
    char *reference = NULL;
    for (size_t threads = 1; threads <= 2; threads++) {
        const sal_env env = {.threads = threads};
        small_world w;
        make_world(&w, &env);
        for (size_t i = 0; i < sizeof batches / sizeof batches[0]; i++) {
            char *bytes = verdicts(&w, batches[i]);
            if (!reference) {
                reference = bytes;
                continue;
            }
            expect_same(reference, bytes, threads, batches[i]);
            free(bytes);
        }
        free_world(&w);
    }
    free(reference);
}

/* Also what is cut to fit into memory. */
static void memory_limits(void **state)
{
    (void)state;
    char *reference = NULL;
    static const size_t limits[] = {0, 1, 1 << 16};
    for (size_t i = 0; i < 3; i++) {
        const sal_env env = {.threads = 1, .memory_limit = limits[i]};
        small_world w;
        make_world(&w, &env);
        char *bytes = verdicts(&w, 0);
        if (!reference)
            reference = bytes;
        else {
            expect_same(reference, bytes, 1, limits[i]);
            free(bytes);
        }
        free_world(&w);
    }
    free(reference);
}

/* Kernels that OpenBLAS picks by name, and what the processor needs for them. */
static void other_kernels(void **state)
{
    (void)state;
    const char *quick = getenv("SALCHECK_QUICK");
    if (quick && quick[0] && strcmp(quick, "0") != 0) skip();
#if defined(__x86_64__)
    const struct {
        const char *setting;
        int runs;
    } rows[] = {{"OPENBLAS_CORETYPE=Prescott", __builtin_cpu_supports("sse3")},
                {"OPENBLAS_CORETYPE=Nehalem", __builtin_cpu_supports("sse4.2")},
                {"OPENBLAS_CORETYPE=Sandybridge", __builtin_cpu_supports("avx")},
                {"OPENBLAS_CORETYPE=Haswell", __builtin_cpu_supports("avx2")},
                {"OPENBLAS_CORETYPE=Zen", __builtin_cpu_supports("avx2")},
                {"OPENBLAS_CORETYPE=SkylakeX",
                 __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static char output[CHILD_OUTPUT];
        char self[] = "/proc/self/exe", once[] = "once";
        char *argv[] = {self, once, NULL};
        const char *settings[] = {rows[i].setting, NULL};
        if (!rows[i].runs) {
            print_message("%s: not on this processor\n", rows[i].setting);
            continue;
        }
        if (run_child(argv, NULL, settings, output)) fail_msg("%s: %s", rows[i].setting, output);
    }
#else
    print_message("kernels are chosen by name on x86-64 only\n");
#endif
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_and_batches),
        cmocka_unit_test(memory_limits),
        cmocka_unit_test(other_kernels),
    };
    const struct CMUnitTest here[] = {cmocka_unit_test(threads_and_batches)};
    (void)argv;
    if (argc < 2) return !!cmocka_run_group_tests(tests, make_folder, drop_folder);
    printf("BLAS kernels: %s\n", openblas_get_corename());
    return !!cmocka_run_group_tests(here, make_folder, drop_folder);
}
