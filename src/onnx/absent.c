/* onnx/absent.c - instead of all the other files where ONNX is not built in. */
#include "base/base.h"

#include <salcheck/onnx.h>

static sal_status absent(sal_error *err)
{
    return sal_fail_(err, SAL_E_UNSUPPORTED, "this build has no ONNX (SALCHECK_WITH_ONNX)");
}

sal_status sal_onnx_load(const sal_env *env, const char *path, const sal_onnx_options *options,
                         sal_onnx **out, sal_error *err)
{
    (void)env;
    (void)path;
    (void)options;
    (void)out;
    return absent(err);
}

sal_status sal_onnx_save(const sal_graph *g, sal_value output, const sal_params *p,
                         const char *path, sal_error *err)
{
    (void)g;
    (void)output;
    (void)p;
    (void)path;
    return absent(err);
}

void sal_onnx_free(sal_onnx *o)
{
    (void)o;
}

const sal_model *sal_onnx_get_model(const sal_onnx *o)
{
    (void)o;
    return NULL;
}

const sal_graph *sal_onnx_get_graph(const sal_onnx *o)
{
    (void)o;
    return NULL;
}

const sal_params *sal_onnx_get_params(const sal_onnx *o)
{
    (void)o;
    return NULL;
}

sal_value sal_onnx_input(const sal_onnx *o)
{
    (void)o;
    return SAL_NO_VALUE;
}

sal_value sal_onnx_output(const sal_onnx *o)
{
    (void)o;
    return SAL_NO_VALUE;
}

sal_value sal_onnx_find(const sal_onnx *o, const char *name)
{
    (void)o;
    (void)name;
    return SAL_NO_VALUE;
}
