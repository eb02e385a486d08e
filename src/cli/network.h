/* cli/network.h - a model from a file: the one place where the program meets the ONNX reader. */
#ifndef SAL_CLI_NETWORK_H
#define SAL_CLI_NETWORK_H

#include "cli/cli.h"

typedef struct network {
    void *file; /* what holds the model */
    const sal_model *model;
    sal_model *grouped; /* the model when it has blocks of the user's; else NULL */
} network;

/* On an error there is nothing to release. */
sal_status network_open(const settings *s, const char *path, network *out, sal_error *err);
void network_close(network *n);

/* Groups the model's layers as --blocks says; without it nothing changes. */
sal_status network_group(const settings *s, network *n, sal_error *err);

const sal_graph *network_graph(const network *n); /* borrowed */

/* The name by which methods know a node or a tensor of the file; unknown names come back as they
 * are, for the method to refuse. */
const char *network_layer(const network *n, const char *name);

/* Writes the network with other parameters. */
sal_status network_save(const network *n, const sal_params *params, const char *path,
                        sal_error *err);

#endif
