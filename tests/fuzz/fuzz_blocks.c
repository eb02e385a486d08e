/* tests/fuzz/fuzz_blocks.c - any bytes as a file of blocks, and what comes of it on a model. */
#define _GNU_SOURCE
#include "bytes.h"

#include <salcheck/io.h>
#include <salcheck/model.h>
#include <salcheck/nn.h>

#include <string.h>

/* Layers a, a1, b and bn, a norm. */
static sal_model *make_model(const sal_env *env, sal_graph **g, sal_params **p)
{
    sal_model *m = NULL;
    sal_dense_options two = {.units = 2};
    if (sal_graph_create(env, "fuzz", g, NULL) != SAL_OK) abort();
    sal_value x = sal_graph_input(*g, "x", 1, (const int64_t[]){2});
    sal_value y = sal_nn_dense(*g, "a1", sal_nn_dense(*g, "a", x, &two), &two);
    y = sal_nn_dense(*g, "b", sal_nn_batch_norm(*g, "bn", NULL, y), &two);
    if (sal_params_create(*g, p, NULL) != SAL_OK ||
        sal_model_from_graph(*g, x, y, *p, &m, NULL) != SAL_OK)
        abort();
    return m;
}

static void look_at(const sal_model *m, const sal_texts *t)
{
    sal_model *grouped = NULL;
    if (sal_model_with_blocks(m, t->count, (const char *const *)t->values, &grouped, NULL) !=
        SAL_OK)
        return;
    if (sal_model_block_count(grouped) != t->count) abort();
    for (size_t i = 0; i < t->count; i++) { /* each has a layer, in the order of the network */
        size_t k = 0;
        while (k < sal_model_layer_count(grouped) && sal_model_block_of(grouped, k) != i) k++;
        const char *name = sal_model_block_name(grouped, i);
        if (k == sal_model_layer_count(grouped) || !name[0] || strlen(name) > 63) abort();
    }
    sal_model_free(grouped);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    bounded b = {(size_t)4 << 20};
    const sal_env env = bounded_env(&b);
    sal_texts *t = NULL;
    sal_graph *g = NULL;
    sal_params *p = NULL;
    char path[64];
    sal_error err;
    int fd = file_of_bytes(bytes, size, path);
    sal_model *m = make_model(&env, &g, &p);
    if (sal_blocks_read(&env, path, &t, &err) == SAL_OK) {
        for (size_t i = 0; i < t->count; i++) { /* a name, a pattern, nothing but text */
            const char *text = t->values[i], *equals = strchr(text, '=');
            if (!equals || equals == text || !equals[1] || strchr(text, '\n')) abort();
        }
        look_at(m, t);
    }
    sal_texts_free(t);
    sal_model_free(m);
    sal_params_free(p);
    sal_graph_free(g);
    close(fd);
    return 0;
}
