/* Holds the demo's verdicts.jsonl against what is known of each method: which check it must pass and
 * which it must fail. usage: demo_verdicts FILE */
#include "support.h"

#include <jansson.h>

#include <stdio.h>
#include <string.h>

static const struct {
    const char *method, *check, *outcome; /* of the whole check, its steps combined */
} known[] = {
    {"gradient", "params", "pass"},
    {"smoothgrad", "params", "pass"},
    {"gradcam", "params", "pass"},
    {"guided-backprop", "params", "fail"},
    {"sobel", "params", "fail"},
    {"canny", "params", "fail"},
    {"input", "params", "fail"},
    {"constant", "params", "invalid"},
    {"random", "params", "fail"},
    {"random", "reproducible", "fail"},
    {"random-from-params", "faithful", "fail"},
    {"guided-backprop", "edges", "fail"},
    {"gradient-x-input", "edges", "fail"},
    {"integrated-gradients", "edges", "fail"},
    {"sobel", "edges", "fail"},
    {"input", "edges", "fail"},
    {"gradient", "edges", "pass"},
    {"smoothgrad", "edges", "pass"},
    {"gradient", "labels", "pass"},
    {"sobel", "labels", "fail"},
    {"input", "labels", "fail"},
};
enum { KNOWN = sizeof known / sizeof known[0], LINE = 1 << 20 };

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static int severity(const char *outcome)
{
    static const char *const order[] = {"pass", "inconclusive", "invalid", "fail"};
    for (int i = 0; i < 4; i++)
        if (!strcmp(outcome, order[i])) return i;
    return 4;
}

int main(int argc, char **argv)
{
    static char line[LINE];
    const char *found[KNOWN] = {NULL};
    static const char *const names[] = {"pass", "inconclusive", "invalid", "fail", "unknown"};
    FILE *f = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (!f) return 2;
    size_t lines = 0, wrong = 0;
    for (; fgets(line, LINE, f); lines++) {
        json_t *o = json_loads(line, 0, NULL);
        if (!o) {
            printf("line %zu is not JSON\n", lines + 1);
            return 1;
        }
        for (size_t i = 0; i < KNOWN; i++) {
            if (strcmp(text(o, "method"), known[i].method) ||
                strcmp(text(o, "check"), known[i].check))
                continue;
            int now = severity(text(o, "outcome"));
            if (!found[i] || now > severity(found[i])) found[i] = names[now];
        }
        json_decref(o);
    }
    fclose(f);
    for (size_t i = 0; i < KNOWN; i++) {
        bool same = found[i] && !strcmp(found[i], known[i].outcome);
        wrong += !same;
        printf("%-20s %-13s wanted %-12s found %-12s %s\n", known[i].method, known[i].check,
               known[i].outcome, found[i] ? found[i] : "nothing", same ? "" : "<- differs");
    }
    printf("%zu lines, %d known outcomes, %zu differ\n", lines, KNOWN, wrong);
    return wrong != 0;
}
