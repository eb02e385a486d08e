/* tests/support/random_graph.h - graphs of random operators and random wiring: values used several
 * times, branches that join, branches that lead nowhere. */
#ifndef SAL_TESTS_RANDOM_GRAPH_H
#define SAL_TESTS_RANDOM_GRAPH_H

#include "graph/graph.h"

enum { RANDOM_CHANNELS = 3, RANDOM_SIDE = 4 };

typedef struct random_graph {
    sal_graph *g;
    sal_params *params;
    float *x[2]; /* of the two inputs, [batch, 3, 4, 4] */
    size_t one;  /* elements of one input */
} random_graph;

/* All values have the shape [3, 4, 4] but the joined ones that a convolution makes 3 channels of. */
random_graph make_random_graph(uint64_t seed, size_t nodes, size_t batch);
void free_random_graph(random_graph *r);

#endif
