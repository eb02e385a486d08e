/* cli/json.h - JSON on stdout. Objects keep the order of their keys; numbers have 17 digits. */
#ifndef SAL_CLI_JSON_H
#define SAL_CLI_JSON_H

#include "cli/cli.h"

#include <jansson.h>

/* Text that may not be UTF-8; NULL becomes null. */
json_t *json_of(const char *text);
json_t *json_of_number(double value, bool defined);

/* Prints and releases root; END_PASS, or END_ERROR when it could not be built. */
int json_print(const settings *s, json_t *root);

#endif
