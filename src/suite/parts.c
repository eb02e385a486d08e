/* suite/parts.c - the models and the inputs of a suite. */
#include "suite/reading.h"

#include <math.h>
#include <string.h>

#define OF_MODEL(key, kind, member) SAL_SUITE_KEY(key, kind, sal_raw_model, sal_suite_model, member)
#define OF_INPUTS(key, kind, member)                                                               \
    SAL_SUITE_KEY(key, kind, sal_raw_inputs, sal_suite_inputs, member)

static const sal_suite_key of_model[] = {OF_MODEL("name", SAL_VALUE_TEXT, name),
                                         OF_MODEL("file", SAL_VALUE_FILE, file),
                                         OF_MODEL("output", SAL_VALUE_TEXT, output),
                                         OF_MODEL("blocks", SAL_VALUE_BLOCKS, blocks),
                                         OF_MODEL("size", SAL_VALUE_SIZE, size),
                                         OF_MODEL("grey", SAL_VALUE_FLAG, grey),
                                         {NULL, SAL_VALUE_TEXT, 0, 0}};
static const sal_suite_key of_inputs[] = {OF_INPUTS("name", SAL_VALUE_TEXT, name),
                                          OF_INPUTS("scale", SAL_VALUE_SCALE, scale),
                                          OF_INPUTS("size", SAL_VALUE_SIZE, size),
                                          OF_INPUTS("bgr", SAL_VALUE_FLAG, bgr),
                                          OF_INPUTS("grey", SAL_VALUE_FLAG, grey),
                                          OF_INPUTS("stretch", SAL_VALUE_FLAG, stretch),
                                          OF_INPUTS("resize", SAL_VALUE_TEXT, resize),
                                          OF_INPUTS("labels", SAL_VALUE_FILE, labels),
                                          {NULL, SAL_VALUE_TEXT, 0, 0}};

static sal_status set_channels(const sal_reading *r, sal_suite_place at, const char *key,
                               char *const *texts, unsigned n, float to[3])
{
    if (n == 2)
        return sal_suite_wrong_(r, at, key, "%s has 2 numbers, wanted 1, or 3 of channels", key);
    for (unsigned i = 0; i < n; i++) {
        double v;
        if (!sal_number_of_(texts[i], &v) || !isfinite((float)v))
            return sal_suite_wrong_(r, at, key, "%s is '%.60s', wanted a number", key, texts[i]);
        to[i] = (float)v;
    }
    if (n == 1) to[1] = to[2] = to[0];
    return SAL_OK;
}

static sal_status check_new(const sal_reading *r, sal_suite_place at, const char *what,
                            const char *name, const char *(*other)(const sal_reading *r, size_t i))
{
    for (size_t i = 0; i < at.index; i++)
        if (!strcmp(other(r, i), name))
            return sal_suite_wrong_(r, at, "name", "%s '%.80s' is there already, in line %zu", what,
                                    name,
                                    sal_suite_line_(r, (sal_suite_place){at.part, i}, "name"));
    return SAL_OK;
}

const char *sal_suite_model_name_(const sal_reading *r, size_t i)
{
    return r->rest->models[i].name;
}

const char *sal_suite_inputs_name_(const sal_reading *r, size_t i)
{
    return r->rest->inputs[i].name;
}

sal_status sal_suite_read_model_(const sal_reading *r, size_t i)
{
    sal_suite_place at = {"models", i};
    sal_suite_model *m = &r->rest->models[i];
    sal_status st = sal_suite_set_values_(r, at, of_model, &r->rest->raw->models[i], NULL, m);
    return st == SAL_OK ? check_new(r, at, "model", m->name, sal_suite_model_name_) : st;
}

sal_status sal_suite_read_inputs_(const sal_reading *r, size_t i)
{
    sal_suite_place at = {"inputs", i};
    sal_raw_inputs *raw = &r->rest->raw->inputs[i];
    sal_suite_inputs *in = &r->rest->inputs[i];
    sal_status st = sal_suite_set_values_(r, at, of_inputs, raw, NULL, in);
    if (st == SAL_OK) st = check_new(r, at, "inputs", in->name, sal_suite_inputs_name_);
    if (st == SAL_OK) st = set_channels(r, at, "mean", raw->mean, raw->n_mean, in->mean);
    if (st == SAL_OK) st = set_channels(r, at, "std", raw->std, raw->n_std, in->std);
    if (st != SAL_OK) return st;
    const char **files = sal_alloc_zero_(r->env, raw->n_files, sizeof(char *));
    if (!files || !sal_suite_keep_(r, (char *)files)) return sal_suite_no_memory_(r);
    for (unsigned k = 0; k < raw->n_files; k++) {
        if (!raw->files[k][0]) return sal_suite_wrong_(r, at, "files", "a file without a name");
        files[k] = sal_suite_path_(r, raw->files[k]);
        if (!files[k]) return sal_suite_no_memory_(r);
    }
    in->files = files;
    in->n_files = raw->n_files;
    return SAL_OK;
}
