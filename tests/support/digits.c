/* tests/support/digits.c - see digits.h. */
#include "digits.h"
#include "support.h"

#include <string.h>

enum { INPUTS = 40, CLASSES = 10, PIXELS = 28 * 28 };
#define FOLDER SAL_SOURCE_DIR "/examples/mnist/"

static void wanted(sal_status st, const sal_error *err)
{
    if (st != SAL_OK) fail_msg("%s", err->text);
}

digits load_digits(const sal_env *env)
{
    digits d;
    sal_error err = {SAL_OK, ""};
    memset(&d, 0, sizeof d);
    wanted(sal_idx_read_images(env, FOLDER "train-images-2000-idx3-ubyte.gz", 1, &d.train, &err),
           &err);
    wanted(
        sal_idx_read_labels(env, FOLDER "train-labels-2000-idx1-ubyte.gz", &d.train_labels, &err),
        &err);
    wanted(sal_idx_read_images(env, FOLDER "test-images-500-idx3-ubyte.gz", 1, &d.test, &err),
           &err);
    wanted(sal_idx_read_labels(env, FOLDER "test-labels-500-idx1-ubyte.gz", &d.test_labels, &err),
           &err);
    wanted(sal_tensor_create(env, 4, (const int64_t[]){INPUTS, 1, 28, 28}, &d.inputs, &err), &err);
    size_t each[CLASSES] = {0}, n = 0;
    for (size_t i = 0; i < d.test_labels->count && n < INPUTS; i++)
        if (each[d.test_labels->values[i]]++ < INPUTS / CLASSES)
            memcpy(sal_tensor_data(d.inputs) + PIXELS * n++,
                   sal_tensor_get_data(d.test) + PIXELS * i, PIXELS * sizeof(float));
    wanted(mnist_net_build(env, &d.net, &err), &err);
    wanted(mnist_net_train(&d.net, d.train, d.train_labels->values, 1,
                           &(sal_fit_options){.epochs = 20, .stop_accuracy = 0.985, .seed = 1},
                           NULL, &d.model, &err),
           &err);
    return d;
}

void free_digits(digits *d)
{
    sal_model_free(d->model);
    sal_graph_free(d->net.graph);
    sal_labels_free(d->train_labels);
    sal_labels_free(d->test_labels);
    sal_tensor_free(d->train);
    sal_tensor_free(d->test);
    sal_tensor_free(d->inputs);
}
