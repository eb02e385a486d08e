/* Which activation Grad-CAM looks at. */
#include "nets.h"
#include "support.h"

#include "model/model.h"

#include <salcheck/method.h>
#include <salcheck/nn.h>

#include <string.h>

/* conv1 -> relu1 -> flatten -> fc, and a side branch of conv1 that leads nowhere: side, side_relu.
 */
static test_net branched(void)
{
    static const int64_t dims[3] = {1, 4, 4};
    sal_conv_options conv = {.filters = 2, .kernel = {3, 3}, .same = true};
    test_net net;
    start_net(&net, NULL, "branched");
    sal_value x = sal_graph_input(net.g, "input", 3, dims);
    sal_value c = sal_nn_conv(net.g, "conv1", x, &conv);
    sal_value y =
        sal_nn_apply(net.g, "Flatten", "flatten", sal_nn_apply(net.g, "Relu", "relu1", c));
    y = sal_nn_dense(net.g, "fc", y, &(sal_dense_options){.units = 2});
    sal_nn_apply(net.g, "Relu", "side_relu", sal_nn_conv(net.g, "side", c, &conv));
    make_params(&net);
    assert_int_equal(sal_nn_initialise(net.g, net.params, 3, NULL), SAL_OK);
    make_model(&net, x, y);
    return net;
}

static void explain(const test_net *net, const char *method, sal_status wanted, const char *text)
{
    sal_error err = {SAL_OK, ""};
    float x[16], map[16];
    int64_t dims[4] = {1, 1, 4, 4};
    sal_tensor *t = NULL;
    for (int i = 0; i < 16; i++) x[i] = (float)(i % 5) - 1.5f;
    assert_int_equal(sal_tensor_view_of(NULL, x, 4, dims, &t, NULL), SAL_OK);
    sal_status st = sal_explain(net->model, t, method, NULL, map, &err);
    if (st != wanted || !strstr(err.text, text))
        fail_msg("%s: status %d, \"%s\"; wanted %d, \"%s\"", method, st, err.text, wanted, text);
    sal_tensor_free(t);
}

static void a_branch_that_leads_nowhere(void **state)
{
    (void)state;
    sal_tap tap;
    test_net net = branched();
    assert_int_equal(sal_model_find_tap_(net.model, NULL, &tap, NULL), SAL_OK);
    assert_int_equal(tap.value, sal_graph_find(net.g, "relu1")); /* not side_relu */
    explain(&net, "gradcam", SAL_OK, "");
    explain(&net, "gradcam:layer=side_relu", SAL_E_UNSUPPORTED,
            "model 'branched': 'side_relu' does not lead to the logits");
    free_net(&net);
}

static void names(void **state)
{
    (void)state;
    test_net net = branched();
    explain(&net, "gradcam:layer=conv1", SAL_OK, "");
    explain(&net, "gradcam:layer=relu", SAL_E_ARG, "unknown layer 'relu'; did you mean 'relu1'?");
    explain(&net, "gradcam:layer=fc", SAL_E_UNSUPPORTED, "model 'branched': 'fc' has no plane");
    explain(&net, "gradcam:layer=input", SAL_E_UNSUPPORTED, "'input' is no node's output");
    free_net(&net);
}

static void no_plane_at_all(void **state)
{
    (void)state;
    sal_error err = {SAL_OK, ""};
    sal_tap tap;
    test_net net = linear_net(NULL, 3, (const int64_t[]){1, 4, 4}, 2);
    assert_int_equal(sal_model_find_tap_(net.model, NULL, &tap, &err), SAL_E_UNSUPPORTED);
    assert_non_null(strstr(err.text, "model 'linear': no activation has a plane"));
    free_net(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_branch_that_leads_nowhere),
        cmocka_unit_test(names),
        cmocka_unit_test(no_plane_at_all),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
