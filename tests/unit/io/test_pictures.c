/* tests/unit/io/test_pictures.c - PNG, JPEG and PPM against PIL's bytes; sizes, colours, bad files.
 */
#define _POSIX_C_SOURCE 200809L
#include "scratch.h"
#include "short_memory.h"
#include "support.h"

#include <salcheck/io.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GOLDEN SAL_TESTS_DIR "/golden/io/"
#define BYTES(text) text, sizeof text - 1

static sal_tensor *read_one(const char *file, const sal_picture_options *options)
{
    char path[512];
    const char *paths[] = {path};
    sal_tensor *t = NULL;
    sal_error err = {0};
    snprintf(path, sizeof path, "%s%s", file[0] == '/' ? "" : GOLDEN, file);
    if (sal_pictures_read(NULL, 1, paths, options, &t, &err) != SAL_OK) fail_msg("%s", err.text);
    return t;
}

/* [H, W, 3] of PIL; one channel as three. */
static void decodes_as_pil_does(void **state)
{
    static const struct {
        const char *file, *bytes;
        double tolerance;
    } cases[] = {{"picture.png", "picture.npy", 0},
                 {"picture.ppm", "picture.npy", 0},
                 {"smooth.jpg", "smooth.npy", 0},
                 {"smooth_progressive.jpg", "smooth.npy", 0}};
    (void)state;
    const sal_picture_options raw = {.scale = 1};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        char path[512];
        snprintf(path, sizeof path, GOLDEN "%s", cases[c].bytes);
        npy_array want = load_npy(path);
        sal_tensor *t = read_one(cases[c].file, &raw);
        size_t pixels = (size_t)(want.dims[0] * want.dims[1]);
        assert_int_equal(sal_tensor_dim(t, 2), want.dims[0]);
        assert_int_equal(sal_tensor_dim(t, 3), want.dims[1]);
        for (size_t i = 0; i < want.count; i++)
            assert_near(cases[c].file, (double)sal_tensor_get_data(t)[i % 3 * pixels + i / 3],
                        want.data[i], cases[c].tolerance);
        free(want.data);
        sal_tensor_free(t);
    }
}

static void grey_becomes_three_equal_channels(void **state)
{
    (void)state;
    const sal_picture_options raw = {.scale = 1};
    npy_array want = load_npy(GOLDEN "picture.npy");
    sal_tensor *grey = read_one("grey.png", &raw), *jpeg = read_one("smooth_grey.jpg", &raw);
    size_t pixels = 24 * 36;
    for (size_t i = 0; i < 3 * pixels; i++)
        assert_near("grey.png", (double)sal_tensor_get_data(grey)[i], want.data[3 * (i % pixels)],
                    0);
    for (size_t i = 0; i < 2 * pixels; i++)
        assert_near("smooth_grey.jpg", (double)sal_tensor_get_data(jpeg)[i],
                    (double)sal_tensor_get_data(jpeg)[i + pixels], 0);
    free(want.data);
    sal_tensor_free(grey);
    sal_tensor_free(jpeg);
}

static void transparency_lies_on_white(void **state)
{
    (void)state;
    npy_array want = load_npy(GOLDEN "picture.npy");
    const sal_picture_options raw = {.scale = 1};
    sal_tensor *t = read_one("alpha.png", &raw);
    for (size_t i = 0; i < 16; i++)
        assert_near("red", (double)sal_tensor_get_data(t)[i], i < 4 ? want.data[3 * i] : 255, 0);
    sal_tensor_free(t);
    t = read_one("palette.png", &raw);
    assert_int_equal(sal_tensor_count(t), 108);
    sal_tensor_free(t);
    free(want.data);
}

static void resizes_as_pil_does(void **state)
{
    static const struct {
        const char *file;
        sal_picture_options o;
    } cases[] = {
        {"bilinear_down", {.height = 7, .width = 9, .stretch = true}},
        {"bilinear_up", {.height = 50, .width = 30, .stretch = true}},
        {"bilinear_crop", {.height = 10, .width = 10}},
        {"bicubic_down", {.height = 7, .width = 9, .stretch = true, .resize = SAL_RESIZE_BICUBIC}},
        {"bicubic_up", {.height = 50, .width = 30, .stretch = true, .resize = SAL_RESIZE_BICUBIC}},
        {"bicubic_crop", {.height = 10, .width = 10, .resize = SAL_RESIZE_BICUBIC}},
    };
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        char path[512];
        snprintf(path, sizeof path, GOLDEN "resized_%s.npy", cases[c].file);
        npy_array want = load_npy(path);
        sal_picture_options o = cases[c].o;
        o.scale = 1;
        if (strstr(cases[c].file, "_down")) {
            o.height = want.dims[1];
            o.width = want.dims[2];
        }
        if (strstr(cases[c].file, "_up")) {
            o.height = want.dims[1];
            o.width = want.dims[2];
        }
        sal_tensor *t = read_one("picture.png", &o);
        assert_int_equal(sal_tensor_count(t), want.count);
        for (size_t i = 0; i < want.count; i++) /* ours is cut to the range of a pixel */
            assert_near(cases[c].file, (double)sal_tensor_get_data(t)[i],
                        fmin(fmax(want.data[i], 0), 255), 1e-3);
        free(want.data);
        sal_tensor_free(t);
    }
}

/* Means over the exactly covered area: of a whole number of pixels, and of a fraction. */
static void area_weighs_by_cover(void **state)
{
    (void)state;
    npy_array p = load_npy(GOLDEN "picture.npy"); /* 24 x 36 */
    const sal_picture_options o = {
        .height = 8, .width = 8, .stretch = true, .resize = SAL_RESIZE_AREA, .scale = 1};
    sal_tensor *t = read_one("picture.png", &o); /* 3 rows and 4.5 columns a pixel */
    for (size_t y = 0; y < 8; y++)
        for (size_t x = 0; x < 8; x++) {
            double sum = 0;
            for (size_t i = 0; i < 24; i++)
                for (size_t k = 0; k < 36; k++) {
                    double h = i >= 3 * y && i < 3 * y + 3;
                    double w = fmin((double)k + 1, 4.5 * (double)(x + 1)) -
                               fmax((double)k, 4.5 * (double)x);
                    sum += h * fmax(w, 0) * p.data[3 * (36 * i + k)];
                }
            assert_near("red", (double)sal_tensor_get_data(t)[8 * y + x], sum / 13.5, 1e-4);
        }
    free(p.data);
    sal_tensor_free(t);
}

static void scales_and_orders_channels(void **state)
{
    (void)state;
    npy_array p = load_npy(GOLDEN "picture.npy");
    const sal_picture_options o = {.bgr = true, .scale = 2, .mean = {1, 2, 3}, .std = {4, 0, .5f}};
    const sal_picture_options one = {.channels = 1};
    sal_tensor *t = read_one("picture.png", &o), *grey = read_one("picture.png", &one);
    size_t pixels = 24 * 36;
    assert_int_equal(sal_tensor_dim(grey, 1), 1);
    for (size_t i = 0; i < pixels; i++) {
        const double *rgb = p.data + 3 * i;
        const float *got = sal_tensor_get_data(t) + i;
        assert_near("blue", (double)got[0], (2 * rgb[2] - 1) / 4, 1e-4);
        assert_near("green", (double)got[pixels], 2 * rgb[1] - 2, 1e-4);
        assert_near("red", (double)got[2 * pixels], (2 * rgb[0] - 3) / .5, 1e-3);
        assert_near("grey", (double)sal_tensor_get_data(grey)[i],
                    (.299 * rgb[0] + .587 * rgb[1] + .114 * rgb[2]) / 255, 1e-6);
    }
    free(p.data);
    sal_tensor_free(t);
    sal_tensor_free(grey);
}

static void lists_a_folder_in_order(void **state)
{
    const scratch *s = *state;
    static const char *const names[] = {"b.JPG", "a.png", "c.txt", ".d.png", "e.jpeg"};
    char path[5][200], folder[96];
    sal_texts *found = NULL;
    sal_error err = {0};
    snprintf(folder, sizeof folder, "%s/pictures", s->folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(sal_pictures_find(NULL, folder, &found, &err), SAL_E_IO);
    assert_non_null(strstr(err.text, "no .png"));
    for (size_t i = 0; i < 5; i++) {
        snprintf(path[i], sizeof path[i], "%s/%s", folder, names[i]);
        write_bytes(path[i], "x", 1);
    }
    if (sal_pictures_find(NULL, folder, &found, &err) != SAL_OK) fail_msg("%s", err.text);
    assert_int_equal(found->count, 3);
    assert_string_equal(found->values[0], path[1]);
    assert_string_equal(found->values[1], path[0]);
    assert_string_equal(found->values[2], path[4]);
    sal_texts_free(found);
    found = NULL;
    assert_int_equal(sal_pictures_find(NULL, path[2], &found, &err), SAL_OK);
    assert_int_equal(found->count, 1);
    sal_texts_free(found);
    assert_int_equal(sal_pictures_find(NULL, "/nowhere", &found, &err), SAL_E_IO);
    for (size_t i = 0; i < 5; i++) unlink(path[i]);
    rmdir(folder);
}

static void expect_error(const char *name, const char *path, sal_status want, const char *part)
{
    sal_tensor *t = NULL;
    sal_error err = {0};
    sal_status st = sal_pictures_read(NULL, 1, &path, NULL, &t, &err);
    if (st != want || err.status != want)
        fail_msg("%s: status %d, wanted %d (%s)", name, st, want, err.text);
    if (t) fail_msg("%s: gave something out in spite of the error", name);
    if (!strstr(err.text, path))
        fail_msg("%s: the text does not name the file: %s", name, err.text);
    if (!strstr(err.text, part)) fail_msg("%s: the text lacks '%s': %s", name, part, err.text);
}

static void refuses_bad_files(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t size;
        sal_status want;
        const char *part;
    } cases[] = {
        {"empty", BYTES(""), SAL_E_FORMAT, "wanted PNG, JPEG or PPM"},
        {"gif", BYTES("GIF89a"), SAL_E_FORMAT, "wanted PNG, JPEG or PPM"},
        {"png magic", BYTES("\x89PNG\r\n\x1a\n"), SAL_E_FORMAT, "PNG"},
        {"jpeg magic", BYTES("\xff\xd8\xff\xe0"), SAL_E_FORMAT, "JPEG"},
        {"ppm", BYTES("P6"), SAL_E_FORMAT, "header"},
        {"ppm 0", BYTES("P6 0 1 255\n"), SAL_E_FORMAT, "without pixels"},
        {"ppm huge", BYTES("P6 999999999 999999999 255\n"), SAL_E_NOMEM, "at most 67108864"},
        {"ppm large", BYTES("P6 8000 8000 255\nabc"), SAL_E_FORMAT, "cannot be in"},
        {"ppm 16", BYTES("P6 1 1 65535\nabcdef"), SAL_E_UNSUPPORTED, "65535, wanted 255"},
        {"ppm short", BYTES("P6 1 2 255\nabc"), SAL_E_FORMAT, "3 bytes of pixels, wanted 6"},
        {"ppm long", BYTES("P5 # grey\n1 #\n2 255\nabc"), SAL_E_FORMAT,
         "3 bytes of pixels, wanted 2"},
        {"ppm comment", BYTES("P5 #"), SAL_E_FORMAT, "header"},
    };
    const scratch *s = *state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        write_bytes(s->file, cases[c].bytes, cases[c].size);
        expect_error(cases[c].name, s->file, cases[c].want, cases[c].part);
    }
    expect_error("cmyk", GOLDEN "cmyk.jpg", SAL_E_UNSUPPORTED, "CMYK");
    expect_error("folder", s->folder, SAL_E_IO, "Is a directory");
    expect_error("missing", GOLDEN "absent.png", SAL_E_IO, "No such file");
}

/* A PNG header that states 8,000 x 8,000 pixels in a few hundred bytes. */
static void believes_no_size(void **state)
{
    const scratch *s = *state;
    size_t n;
    unsigned char *png = read_bytes(GOLDEN "picture.png", &n);
    static const unsigned char huge[] = "\x00\x00\x1f\x40\x00\x00\x1f\x40\x08\x02\x00\x00\x00"
                                        "\x24\x29\x46\xb1";
    memcpy(png + 16, huge, sizeof huge - 1);
    write_bytes(s->file, png, n);
    short_memory m = {.after = SIZE_MAX};
    sal_env env = short_memory_env(&m);
    sal_tensor *t = NULL;
    const char *path = s->file;
    assert_int_equal(sal_pictures_read(&env, 1, &path, NULL, &t, NULL), SAL_E_FORMAT);
    assert_in_range(m.largest, 1, 1 << 17);
    free(png);
}

static void refuses_every_truncation(void **state)
{
    static const char *const files[] = {"picture.png", "smooth.jpg", "smooth_progressive.jpg",
                                        "picture.ppm"};
    const scratch *s = *state;
    for (size_t c = 0; c < sizeof files / sizeof files[0]; c++) {
        char path[512], name[64];
        size_t n;
        snprintf(path, sizeof path, GOLDEN "%s", files[c]);
        unsigned char *whole = read_bytes(path, &n);
        write_bytes(s->file, whole, n);
        for (size_t cut = n; cut-- > 0;) {
            snprintf(name, sizeof name, "%s cut to %zu", files[c], cut);
            cut_bytes(s->file, cut);
            expect_error(name, s->file, SAL_E_FORMAT, "");
        }
        free(whole);
    }
}

static void pictures_must_be_of_one_size(void **state)
{
    (void)state;
    static const char *const paths[] = {GOLDEN "picture.png", GOLDEN "alpha.png"};
    sal_tensor *t = NULL;
    sal_error err = {0};
    assert_int_equal(sal_pictures_read(NULL, 2, paths, NULL, &t, &err), SAL_E_SHAPE);
    assert_non_null(strstr(err.text, "alpha.png: 4 x 4 pixels, the first picture has 36 x 24"));
    const sal_picture_options o = {.height = 5, .width = 6};
    assert_int_equal(sal_pictures_read(NULL, 2, paths, &o, &t, &err), SAL_OK);
    assert_int_equal(sal_tensor_dim(t, 0), 2);
    assert_int_equal(sal_tensor_dim(t, 2), 5);
    assert_int_equal(sal_tensor_dim(t, 3), 6);
    sal_tensor_free(t);
}

static void survives_lack_of_memory(void **state)
{
    static const char *const paths[] = {GOLDEN "picture.png", GOLDEN "smooth.jpg",
                                        GOLDEN "picture.ppm"};
    (void)state;
    sal_status st = SAL_E_NOMEM;
    for (size_t n = 0; st != SAL_OK; n++) {
        short_memory m = {.after = n};
        sal_env env = short_memory_env(&m);
        sal_tensor *t = NULL;
        st = sal_pictures_read(&env, 3, paths, NULL, &t, NULL);
        if (st != SAL_OK && st != SAL_E_NOMEM) fail_msg("status %d", st);
        sal_tensor_free(t);
        if (m.alive) fail_msg("%zu blocks leaked at %zu", (size_t)m.alive, n);
        if (n > 20) fail_msg("still no memory with %zu blocks", n);
    }
    st = SAL_E_NOMEM;
    for (size_t n = 0; st != SAL_OK; n++) {
        short_memory m = {.after = n};
        sal_env env = short_memory_env(&m);
        sal_texts *texts = NULL;
        st = sal_pictures_find(&env, GOLDEN, &texts, NULL);
        if (st != SAL_OK && st != SAL_E_NOMEM) fail_msg("find: status %d", st);
        sal_texts_free(texts);
        if (m.alive) fail_msg("find: %zu blocks leaked at %zu", (size_t)m.alive, n);
        if (n > 99) fail_msg("find: still no memory with %zu blocks", n);
    }
}

static void refuses_bad_arguments(void **state)
{
    (void)state;
    static const char *const paths[] = {GOLDEN "picture.png", NULL};
    const sal_picture_options bad[] = {{.height = 5},
                                       {.height = -1, .width = -1},
                                       {.height = 1 << 20, .width = 1 << 20},
                                       {.channels = 2},
                                       {.resize = (sal_resize)9},
                                       {.scale = NAN},
                                       {.std = {0, INFINITY, 0}},
                                       {.reserved_ = {1}}};
    sal_tensor *t = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (sal_pictures_read(NULL, 1, paths, &bad[i], &t, NULL) != SAL_E_ARG)
            fail_msg("options %zu were taken", i);
    assert_int_equal(sal_pictures_read(NULL, 2, paths, NULL, &t, NULL), SAL_E_ARG);
    assert_int_equal(sal_pictures_read(NULL, 0, paths, NULL, &t, NULL), SAL_E_ARG);
    assert_int_equal(sal_pictures_read(NULL, 1, NULL, NULL, &t, NULL), SAL_E_ARG);
    assert_int_equal(sal_pictures_read(NULL, 1, paths, NULL, NULL, NULL), SAL_E_ARG);
    assert_int_equal(sal_pictures_find(NULL, NULL, NULL, NULL), SAL_E_ARG);
    assert_null(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_as_pil_does),
        cmocka_unit_test(grey_becomes_three_equal_channels),
        cmocka_unit_test(transparency_lies_on_white),
        cmocka_unit_test(resizes_as_pil_does),
        cmocka_unit_test(area_weighs_by_cover),
        cmocka_unit_test(scales_and_orders_channels),
        cmocka_unit_test(lists_a_folder_in_order),
        cmocka_unit_test(refuses_bad_files),
        cmocka_unit_test(believes_no_size),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(pictures_must_be_of_one_size),
        cmocka_unit_test(survives_lack_of_memory),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return !!cmocka_run_group_tests(tests, make_scratch, drop_scratch);
}
