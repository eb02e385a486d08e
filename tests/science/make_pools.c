/* Makes the pools of test_calibration.c: draws (r, a, u) of the params check on the demo's network, one
 * file a method. Built and run on request:  ninja make_pools && make_pools FOLDER */
#include "digits.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

enum { DRAWS = 256 };

static void make_pool(const digits *d, const char *method, const char *folder)
{
    char path[1024];
    sal_verdict *v;
    sal_error err = {SAL_OK, ""};
    sal_check_args a = {.check = SAL_CHECK_PARAMS,
                        .model = d->model,
                        .inputs = d->inputs,
                        .method = method,
                        .min_draws = DRAWS,
                        .seed = 7};
    if (sal_check_run(&a, &v, &err) != SAL_OK) {
        fprintf(stderr, "%s: %s\n", method, err.text);
        exit(1);
    }
    snprintf(path, sizeof path, "%s/%s.csv", folder, method);
    FILE *f = fopen(path, "w");
    if (!f) exit(1);
    fprintf(f, "r,a,u\n");
    for (size_t i = 0; i < v->steps[0].n_records; i++) {
        const sal_draw_record *r = &v->steps[0].records[i];
        if (r->defined) fprintf(f, "%.7g,%.7g,%.7g\n", r->r, r->a, r->u);
    }
    fclose(f);
    sal_verdict_free(v);
}

int main(int argc, char **argv)
{
    static const char *const methods[] = {
        SAL_GRADIENT,       SAL_GRADIENT_X_INPUT, SAL_VARGRAD,         SAL_GRADCAM,
        SAL_GUIDED_GRADCAM, SAL_DECONVNET,        SAL_GUIDED_BACKPROP, SAL_SOBEL};
    if (argc != 2) return 2;
    digits d = load_digits(NULL);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        make_pool(&d, methods[i], argv[1]);
    free_digits(&d);
    return 0;
}
