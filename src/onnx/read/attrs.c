/* onnx/read/attrs.c - attributes of a node; a missing one has a default. */
#include "onnx/read/reader.h"

#include <string.h>

const Onnx__AttributeProto *sal_onnx_attr_(const sal_onnx_node *n, const char *name)
{
    for (size_t i = 0; i < n->proto->n_attribute; i++)
        if (n->proto->attribute[i]->name && !strcmp(n->proto->attribute[i]->name, name))
            return n->proto->attribute[i];
    return NULL;
}

bool sal_onnx_has_(const sal_onnx_node *n, const char *name)
{
    return sal_onnx_attr_(n, name) != NULL;
}

int64_t sal_onnx_int_(const sal_onnx_node *n, const char *name, int64_t otherwise)
{
    const Onnx__AttributeProto *a = sal_onnx_attr_(n, name);
    return a && a->has_i ? a->i : otherwise;
}

double sal_onnx_float_(const sal_onnx_node *n, const char *name, double otherwise)
{
    const Onnx__AttributeProto *a = sal_onnx_attr_(n, name);
    return a && a->has_f ? (double)a->f : otherwise;
}

bool sal_onnx_text_is_(const sal_onnx_node *n, const char *name, const char *text)
{
    const Onnx__AttributeProto *a = sal_onnx_attr_(n, name);
    return a && a->has_s && a->s.len == strlen(text) && !memcmp(a->s.data, text, a->s.len);
}

sal_status sal_onnx_ints_(const sal_onnx_node *n, const char *name, size_t most, int64_t *values,
                          size_t *count, sal_error *err)
{
    const Onnx__AttributeProto *a = sal_onnx_attr_(n, name);
    *count = 0;
    if (!a) return SAL_OK;
    if (a->n_ints > most)
        return sal_fail_(err, SAL_E_FORMAT, "attribute '%s' has %zu numbers, at most %zu fit", name,
                         a->n_ints, most);
    *count = a->n_ints;
    for (size_t i = 0; i < a->n_ints; i++) values[i] = a->ints[i];
    return SAL_OK;
}

sal_status sal_onnx_list_(const sal_onnx_node *n, const char *name, size_t input, size_t most,
                          int64_t *values, size_t *count, bool *given, sal_error *err)
{
    *count = 0;
    *given = sal_onnx_has_(n, name) || sal_onnx_given_(n, input);
    if (!sal_onnx_given_(n, input)) return sal_onnx_ints_(n, name, most, values, count, err);
    const sal_constant *c;
    sal_status st = sal_onnx_constant_(n, input, &c, err);
    if (st != SAL_OK) return st;
    if (!c->i) return sal_fail_(err, SAL_E_FORMAT, "input %zu must hold whole numbers", input);
    if (c->count > most)
        return sal_fail_(err, SAL_E_FORMAT, "input %zu has %zu numbers, at most %zu fit", input,
                         c->count, most);
    *count = c->count;
    for (size_t i = 0; i < c->count; i++) values[i] = c->i[i];
    return SAL_OK;
}
