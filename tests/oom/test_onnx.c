/* Reading and writing files while memory runs out, at each request in turn, once and for good:
 * reported, and nothing leaked. protobuf-c does not try again, so that once is enough to fail. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include "short_memory.h"
#include "support.h"

#include <salcheck/onnx.h>

#include <stdio.h>
#include <unistd.h>

static const char *const seeds[] = {"Conv2d_groups", "BatchNorm2d_eval", "softmax_axis_0_expanded",
                                    "operator_permute2", "logsoftmax_axis_1_expanded"};
static char path[64];

static sal_status both_ways(const sal_env *env, const char *from, sal_error *err)
{
    sal_onnx *o = NULL;
    sal_status st = sal_onnx_load(env, from, NULL, &o, err);
    if (st == SAL_OK)
        st = sal_onnx_save(sal_onnx_get_graph(o), sal_onnx_output(o), sal_onnx_get_params(o), path,
                           err);
    sal_onnx_free(o);
    return st;
}

static void at_each_request(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++)
        for (size_t k = 0; k < 2; k++)
            for (size_t n = 0;; n++) {
                char from[1024];
                short_memory memory = {.after = n, .once = k == 0};
                sal_env env = short_memory_env(&memory);
                sal_error err = {SAL_OK, ""};
                snprintf(from, sizeof from, SAL_TESTS_DIR "/fuzz/corpus/onnx/%s", seeds[i]);
                sal_status st = both_ways(&env, from, &err);
                if (memory.alive)
                    fail_msg("%s, request %zu: %zu blocks leaked", seeds[i], n,
                             (size_t)memory.alive);
                if (!memory.refused) {
                    if (st != SAL_OK) fail_msg("%s: %s", seeds[i], err.text);
                    break;
                }
                if (st != SAL_E_NOMEM)
                    fail_msg("%s, request %zu: %s, '%s'", seeds[i], n, sal_status_name(st),
                             err.text);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(at_each_request)};
    snprintf(path, sizeof path, "/tmp/salcheck-oom-%ld.onnx", (long)getpid());
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove(path);
    return !!failed;
}
