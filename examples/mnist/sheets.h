/* sheets.h - the demo's contact sheets. */
#ifndef MNIST_SHEETS_H
#define MNIST_SHEETS_H

#include "net.h"

/* Methods in rows, in columns the trained net and each step of the cascade; edges on top. */
sal_status sheet_cascade(const mnist_net *net, const sal_model *model, const sal_tensor *inputs,
                         int64_t digit, const char *path, sal_error *err);

/* Methods in rows; for three digits: the input, its map for true and for permuted labels. */
sal_status sheet_labels(const sal_model *model, const sal_model *twin, const sal_tensor *inputs,
                        const char *path, sal_error *err);

#endif
