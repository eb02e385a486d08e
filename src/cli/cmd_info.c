/* cli/cmd_info.c - salcheck info: what a network takes and gives, and its layers from first to last,
 * as randomising sees them. */
#include "cli/json.h"
#include "cli/network.h"

#include <stdio.h>
#include <string.h>

static const char *const roles[] = {"weight",     "bias",      "norm scale",
                                    "norm shift", "norm mean", "norm variance"};

static size_t count_of(const sal_param_info *p)
{
    size_t n = 1;
    for (size_t i = 0; i < p->rank; i++) n *= (size_t)p->dims[i];
    return n;
}

static json_t *shape_of(size_t rank, const int64_t *dims)
{
    json_t *a = json_array();
    for (size_t i = 0; i < rank; i++) json_array_append_new(a, json_integer(dims[i]));
    return a;
}

/* The parameters of one layer, as JSON; *total counts their numbers. */
static json_t *layer_params(const sal_graph *g, const char *layer, size_t *total)
{
    json_t *all = json_array();
    sal_param_info p;
    sal_error err = {0};
    *total = 0;
    for (size_t i = 0; i < sal_graph_param_count(g); i++) {
        if (sal_graph_param_info(g, i, &p, &err) != SAL_OK || !p.layer || strcmp(p.layer, layer))
            continue;
        *total += count_of(&p);
        json_array_append_new(all, json_pack("{s:o, s:s, s:o}", "name", json_of(p.name), "role",
                                             roles[p.role], "shape", shape_of(p.rank, p.dims)));
    }
    return all;
}

/* The names of the layers of a block; block = sal_model_block_count(): of those in none. */
static json_t *layers_of(const sal_model *m, size_t block)
{
    json_t *names = json_array();
    for (size_t i = 0; i < sal_model_layer_count(m); i++)
        if (sal_model_block_of(m, i) == block)
            json_array_append_new(names, json_of(sal_model_layer_name(m, i)));
    return names;
}

static void add_blocks(const sal_model *m, json_t *about)
{
    size_t n = sal_model_block_count(m);
    json_t *blocks = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(blocks,
                              json_pack("{s:o, s:o}", "name", json_of(sal_model_block_name(m, i)),
                                        "layers", layers_of(m, i)));
    json_object_set_new(about, "blocks", blocks);
    json_object_set_new(about, "in_no_block", layers_of(m, n));
}

static json_t *describe(const network *n)
{
    int64_t dims[SAL_MAX_RANK];
    const sal_model *m = n->model;
    size_t rank = sal_model_input_shape(m, dims), total = 0, one;
    json_t *layers = json_array();
    for (size_t i = 0; i < sal_model_layer_count(m); i++) {
        const char *name = sal_model_layer_name(m, i);
        json_t *params = layer_params(network_graph(n), name, &one);
        json_array_append_new(layers, json_pack("{s:o, s:I, s:o}", "name", json_of(name), "numbers",
                                                (json_int_t)one, "params", params));
        total += one;
    }
    return json_pack("{s:o, s:o, s:I, s:I, s:o}", "name", json_of(sal_model_get_name(m)), "input",
                     shape_of(rank, dims), "outputs", (json_int_t)sal_model_outputs(m), "numbers",
                     (json_int_t)total, "layers", layers);
}

static void print_shape(const json_t *shape)
{
    for (size_t i = 0; i < json_array_size(shape); i++)
        printf("%s%lld", i ? " x " : "", (long long)json_integer_value(json_array_get(shape, i)));
}

static long long number(const json_t *o, const char *key)
{
    return (long long)json_integer_value(json_object_get(o, key));
}

static void print(const json_t *about)
{
    const json_t *layers = json_object_get(about, "layers");
    printf("name     %s\ninput    N x ", json_string_value(json_object_get(about, "name")));
    print_shape(json_object_get(about, "input"));
    printf("\noutputs  %lld\nnumbers  %lld in %zu layers, first to last:\n",
           number(about, "outputs"), number(about, "numbers"), json_array_size(layers));
    for (size_t i = 0; i < json_array_size(layers); i++) {
        const json_t *layer = json_array_get(layers, i), *params = json_object_get(layer, "params");
        printf("  %-32s %10lld ", json_string_value(json_object_get(layer, "name")),
               number(layer, "numbers"));
        for (size_t k = 0; k < json_array_size(params); k++) {
            const json_t *p = json_array_get(params, k);
            printf(" %s ", json_string_value(json_object_get(p, "role")));
            print_shape(json_object_get(p, "shape"));
        }
        printf("\n");
    }
}

static void print_names(const json_t *names)
{
    for (size_t i = 0; i < json_array_size(names); i++)
        printf(" %s", json_string_value(json_array_get(names, i)));
    printf("\n");
}

static void print_blocks(const json_t *about)
{
    const json_t *blocks = json_object_get(about, "blocks"),
                 *rest = json_object_get(about, "in_no_block");
    if (!blocks) return;
    printf("blocks   %zu, first to last:\n", json_array_size(blocks));
    for (size_t i = 0; i < json_array_size(blocks); i++) {
        const json_t *block = json_array_get(blocks, i);
        printf("  %-20s", json_string_value(json_object_get(block, "name")));
        print_names(json_object_get(block, "layers"));
    }
    if (!json_array_size(rest)) return;
    printf("in no block, so never randomised:\n ");
    print_names(rest);
}

int run_info(const settings *s)
{
    network n;
    sal_error err = {0};
    if (network_open(s, s->arguments[0], &n, &err) != SAL_OK) return failed(s, &err);
    if (network_group(s, &n, &err) != SAL_OK) {
        network_close(&n);
        return failed(s, &err);
    }
    json_t *about = describe(&n);
    if (s->blocks) add_blocks(n.model, about);
    int end = END_PASS;
    if (s->json) {
        end = json_print(s, about);
    } else {
        print(about);
        print_blocks(about);
        json_decref(about);
    }
    network_close(&n);
    return end;
}
