/* tests/fuzz/fuzz_suite.c - any bytes as a suite file: what is read holds together, or an error. */
#define _GNU_SOURCE
#include "bytes.h"

#include <salcheck/suite.h>

#include <string.h>

static size_t length(const char *text)
{
    return text ? strlen(text) : 0;
}

static size_t sum_of_check(const sal_suite *s, const sal_suite_check *c)
{
    size_t sum = length(c->check) + length(c->metric) + length(c->target) + length(c->labels) +
                 length(c->train) + length(c->layer) + length(c->randomisation);
    if (c->model >= s->n_models || c->inputs >= s->n_inputs || !c->n_methods) abort();
    if (c->twin != SAL_SUITE_NONE && c->twin >= s->n_models) abort();
    if (!c->draws || c->min_draws > c->draws) abort();
    for (size_t k = 0; k < c->n_methods; k++) sum += length(c->methods[k]) + length(c->ids[k]);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    bounded b = {(size_t)4 << 20};
    const sal_env env = bounded_env(&b);
    sal_suite *s = NULL;
    sal_error err;
    char path[64];
    size_t sum = 0;
    int fd = file_of_bytes(bytes, size, path);
    sal_status st = sal_suite_read(&env, path, &s, &err);
    close(fd);
    if ((st == SAL_OK) != (s != NULL)) abort();
    if (!s) return 0;
    if (!s->n_models || !s->n_inputs || !s->n_checks) abort();
    for (size_t i = 0; i < s->n_models; i++)
        sum += length(s->models[i].name) + length(s->models[i].file) + length(s->models[i].blocks);
    for (size_t i = 0; i < s->n_inputs; i++)
        for (size_t k = 0; k < s->inputs[i].n_files; k++) sum += length(s->inputs[i].files[k]);
    for (size_t i = 0; i < s->n_checks; i++) sum += sum_of_check(s, &s->checks[i]);
    sal_suite_free(s);
    return sum == SIZE_MAX ? -1 : 0;
}
