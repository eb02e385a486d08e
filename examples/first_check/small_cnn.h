/* small_cnn.h - a small network, trained on 2,000 digits in a second, and 32 digits to explain. */
#ifndef FIRST_CHECK_SMALL_CNN_H
#define FIRST_CHECK_SMALL_CNN_H

#include <salcheck/salcheck.h>

typedef struct small_cnn {
    sal_graph *graph;
    sal_model *model;
    sal_tensor *images, *inputs;
    sal_labels *labels;
} small_cnn;

/* 0 and a network that small_cnn_release() takes back; otherwise says what is wrong on stderr. */
int small_cnn_load(small_cnn **out);
void small_cnn_release(small_cnn *net);

#endif
