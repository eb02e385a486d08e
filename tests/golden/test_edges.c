/* The edge pictures against numpy and scikit-image: digits, colour photos, and larger photos that
 * are found through SALCHECK_GOLDEN. */
#include "nets.h"
#include "support.h"

#include <salcheck/method.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* x [n, C, H, W] times `scale`, as the network would take it, explained by a control. */
static float *draw(const npy_array *x, double scale, const char *method)
{
    sal_error err = {SAL_OK, ""};
    test_net net = linear_net(NULL, x->rank - 1, x->dims + 1, 2);
    float *values = malloc(x->count * sizeof *values), *map = malloc(x->count * sizeof *map);
    sal_tensor *t = NULL;
    for (size_t i = 0; i < x->count; i++) values[i] = (float)(x->data[i] * scale);
    assert_int_equal(sal_tensor_view_of(NULL, values, x->rank, x->dims, &t, &err), SAL_OK);
    if (sal_explain(net.model, t, method, NULL, map, &err) != SAL_OK)
        fail_msg("%s: %s", method, err.text);
    sal_tensor_free(t);
    free(values);
    free_net(&net);
    return map;
}

/* The channels of a map are equal; the first of each goes to the front. */
static void take_first_channel(const char *name, const npy_array *x, float *map)
{
    size_t plane = (size_t)(x->dims[2] * x->dims[3]), channels = (size_t)x->dims[1];
    for (size_t i = 0; i < (size_t)x->dims[0]; i++) {
        const float *one = map + i * channels * plane;
        for (size_t c = 1; c < channels; c++)
            if (memcmp(one, one + c * plane, plane * sizeof *one))
                fail_msg("%s: channel %zu of map %zu differs from the first", name, c, i);
        memmove(map + i * plane, one, plane * sizeof *one);
    }
}

static void sobel_agrees(const char *name, const npy_array *x, double scale, const char *path)
{
    npy_array want = load_npy(path);
    float *map = draw(x, scale, "sobel");
    take_first_channel(name, x, map);
    double rms = relative_rms(want.count, map, want.data);
    print_message("sobel  %-8s relative rms %.1e\n", name, rms);
    if (!(rms <= 1e-6)) fail_msg("sobel of %s: relative rms %g, wanted 1e-6", name, rms);
    free(map);
    free(want.data);
}

static void canny_agrees(const char *name, const npy_array *x, double scale, const char *path)
{
    npy_array want = load_npy(path);
    float *map = draw(x, scale, "canny");
    size_t differ = 0, edges = 0;
    take_first_channel(name, x, map);
    for (size_t i = 0; i < want.count; i++) {
        if ((double)map[i] < want.data[i] || (double)map[i] > want.data[i]) differ++;
        edges += want.data[i] > 0;
    }
    print_message("canny  %-8s %zu of %zu pixels differ, %zu are edges\n", name, differ, want.count,
                  edges);
    if (200 * differ > want.count) fail_msg("canny of %s: %zu pixels differ", name, differ);
    free(map);
    free(want.data);
}

static void embedded_pictures(void **state)
{
    static const struct {
        const char *name;
        double scale;
    } sets[] = {{"digits", 1}, {"photos", 1.0 / 255}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char path[1024];
        snprintf(path, sizeof path, SAL_TESTS_DIR "/golden/edges/%s-inputs.npy", sets[i].name);
        npy_array x = load_npy(path);
        snprintf(path, sizeof path, SAL_TESTS_DIR "/golden/edges/%s-sobel.npy", sets[i].name);
        sobel_agrees(sets[i].name, &x, sets[i].scale, path);
        snprintf(path, sizeof path, SAL_TESTS_DIR "/golden/edges/%s-canny.npy", sets[i].name);
        canny_agrees(sets[i].name, &x, sets[i].scale, path);
        free(x.data);
    }
}

/* Thresholds are in units of the input: 255 times the picture needs 255 times the thresholds. */
static void thresholds_scale(void **state)
{
    (void)state;
    npy_array x = load_npy(SAL_TESTS_DIR "/golden/edges/photos-inputs.npy");
    float *small = draw(&x, 1.0 / 256, "canny");
    float *large = draw(&x, 1, "canny:low=25.6,high=51.2");
    for (size_t i = 0; i < x.count; i++)
        if (small[i] < large[i] || small[i] > large[i]) fail_msg("pixel %zu differs", i);
    free(small);
    free(large);
    free(x.data);
}

static void large_photos(void **state)
{
    (void)state;
    char path[1024];
    const char *folder = golden_folder();
    if (!folder) {
        print_message("1 golden comparison skipped: no folder, see SALCHECK_GOLDEN\n");
        skip();
    }
    snprintf(path, sizeof path, "%s/squeezenet_imagenet/inputs_u16.npy", folder);
    npy_array x = load_npy(path);
    snprintf(path, sizeof path, "%s/squeezenet_imagenet/edge-canny.npy", folder);
    canny_agrees("224x224", &x, 1.0 / 65280, path);
    free(x.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(embedded_pictures),
        cmocka_unit_test(thresholds_scale),
        cmocka_unit_test(large_photos),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
