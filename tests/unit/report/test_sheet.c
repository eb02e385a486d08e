/* tests/unit/report/test_sheet.c - contact sheets: colours at known places, scales, sizes, errors.
 */
#define _XOPEN_SOURCE 700
#include "report/picture/sheet.h"
#include "short_memory.h"
#include "support.h"

#include <math.h>
#include <png.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N = 28, ZOOM = 3, PIXELS = N * N };

static const sal_rgb paper = {246, 246, 244}, white = {255, 255, 255}, black = {0, 0, 0},
                     red = {150, 6, 24}, blue = {10, 44, 140}, half_red = {244, 132, 112},
                     half_blue = {118, 164, 236}, hatch = {150, 150, 150},
                     hatched = {236, 236, 236};

static char folder[64], path[96];

typedef struct picture {
    size_t width, height;
    unsigned char *pixels;
} picture;

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/salcheck-sheet-XXXXXX");
    if (!mkdtemp(folder)) return 1;
    snprintf(path, sizeof path, "%s/sheet.png", folder);
    return 0;
}

static int drop_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static picture read_picture(void)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, path)) fail_msg("%s: %s", path, image.message);
    image.format = PNG_FORMAT_RGB;
    picture p = {image.width, image.height, malloc(PNG_IMAGE_SIZE(image))};
    if (!png_image_finish_read(&image, NULL, p.pixels, 0, NULL)) fail_msg("%s", image.message);
    return p;
}

static picture draw(const sal_sheet *sheet)
{
    sal_error err = {0};
    if (sal_sheet_write(NULL, sheet, path, &err) != SAL_OK) fail_msg("%s", err.text);
    return read_picture();
}

static sal_sheet_layout lay_out(const sal_sheet *sheet)
{
    sal_sheet_layout l;
    sal_error err = {0};
    if (sal_sheet_layout_(NULL, sheet, &l, &err) != SAL_OK) fail_msg("%s", err.text);
    return l;
}

static void expect_pixel(const char *name, const picture *p, size_t x, size_t y, sal_rgb want)
{
    const unsigned char *at = p->pixels + 3 * (y * p->width + x);
    if (x >= p->width || y >= p->height) fail_msg("%s: %zu, %zu is outside", name, x, y);
    if (at[0] != want.r || at[1] != want.g || at[2] != want.b)
        fail_msg("%s: %d %d %d at %zu, %zu, wanted %d %d %d", name, at[0], at[1], at[2], x, y,
                 want.r, want.g, want.b);
}

/* All pixels of element (y, x) of a 28x28 cell. */
static void expect_element(const char *name, const picture *p, const sal_sheet_layout *l,
                           size_t row, size_t column, size_t y, size_t x, sal_rgb want)
{
    for (size_t i = 0; i < ZOOM * ZOOM; i++)
        expect_pixel(name, p, l->columns[column].at + x * ZOOM + i % ZOOM,
                     l->rows[row].at + y * ZOOM + i / ZOOM, want);
}

static void colours_are_as_stated(void **state)
{
    (void)state;
    float a[PIXELS] = {0}, b[PIXELS] = {0}, grey[PIXELS] = {0}, rgb[3 * PIXELS] = {0};
    float summed[2 * PIXELS] = {0};
    a[0] = 0.25f;
    a[1] = -0.5f; /* the row's largest */
    a[27] = 0.5f;
    b[27 * N + 27] = -0.25f;
    grey[5 * N + 3] = 2;
    grey[5 * N + 4] = 1;
    rgb[0] = 0.5f;              /* red of element 0, 0 */
    rgb[2 * PIXELS + 1] = 1.0f; /* blue of element 0, 1 */
    summed[2] = 1;
    summed[PIXELS + 2] = 3; /* 1 + 3: the largest of its row */
    summed[3] = 2;
    summed[PIXELS + 3] = -2;
    const sal_cell cells[] = {
        {grey, 1, N, N, SAL_CELL_PICTURE}, {a, 1, N, N, SAL_CELL_MAP},
        {b, 1, N, N, SAL_CELL_MAP},        {rgb, 3, N, N, SAL_CELL_PICTURE},
        {summed, 2, N, N, SAL_CELL_MAP},   {.data = NULL},
    };
    const sal_sheet sheet = {.columns = 3, .rows = 2, .cells = cells};
    const picture p = draw(&sheet);
    sal_sheet_layout l = lay_out(&sheet);
    assert_int_equal(p.width, l.width);
    assert_int_equal(p.height, l.height);
    assert_near("scale of row 0", l.scales[0], 0.5, 0);
    assert_near("scale of row 1", l.scales[1], 4, 0);
    expect_element("half", &p, &l, 0, 1, 0, 0, half_red);
    expect_element("lowest", &p, &l, 0, 1, 0, 1, blue);
    expect_element("zero", &p, &l, 0, 1, 0, 2, white);
    expect_element("highest", &p, &l, 0, 1, 0, 27, red);
    expect_element("scale of the row, not of the cell", &p, &l, 0, 2, 27, 27, half_blue);
    expect_element("grey 0", &p, &l, 0, 0, 0, 0, black);
    expect_element("grey half", &p, &l, 0, 0, 5, 4, (sal_rgb){128, 128, 128});
    expect_element("grey largest", &p, &l, 0, 0, 5, 3, white);
    expect_element("red", &p, &l, 1, 0, 0, 0, (sal_rgb){128, 0, 0});
    expect_element("blue", &p, &l, 1, 0, 0, 1, (sal_rgb){0, 0, 255});
    expect_element("channels add up", &p, &l, 1, 1, 0, 2, red);
    expect_element("channels cancel", &p, &l, 1, 1, 0, 3, white);
    expect_element("an empty cell", &p, &l, 1, 2, 9, 9, paper);
    sal_sheet_layout_release_(&l);
    free(p.pixels);
}

static void equal_cells_touch(void **state)
{
    (void)state;
    float v[PIXELS] = {1};
    const sal_cell cells[] = {{v, 1, N, N, 0}, {v, 1, N, N, 0}, {v, 1, N, N, 0}, {v, 1, N, N, 0}};
    const sal_sheet sheet = {.columns = 2, .rows = 2, .cells = cells};
    sal_sheet_layout l = lay_out(&sheet);
    assert_int_equal(l.columns[0].size, N * ZOOM);
    assert_int_equal(l.rows[0].size, N * ZOOM);
    assert_int_equal(l.columns[1].at, l.columns[0].at + N * ZOOM);
    assert_int_equal(l.rows[1].at, l.rows[0].at + N * ZOOM + 1); /* the rule */
    sal_sheet_layout_release_(&l);
}

static void undefined_cells_are_hatched(void **state)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (int kind = SAL_CELL_MAP; kind <= SAL_CELL_PICTURE; kind++) {
            float good[PIXELS] = {0.125f}, odd[2 * PIXELS] = {0};
            odd[0] = 8;
            odd[2 * PIXELS - 1] = bad[i];
            const sal_cell cells[] = {{good, 1, N, N, SAL_CELL_MAP},
                                      {odd, 2, N, N, (sal_cell_kind)kind}};
            const sal_sheet sheet = {.columns = 2, .rows = 1, .cells = cells};
            const picture p = draw(&sheet);
            sal_sheet_layout l = lay_out(&sheet);
            assert_true(l.any_undefined);
            assert_near("only defined cells count", l.scales[0], 0.125, 0);
            expect_pixel("line", &p, l.columns[1].at, l.rows[0].at, hatch);
            expect_pixel("line", &p, l.columns[1].at + 5, l.rows[0].at + 1, hatch);
            expect_pixel("between", &p, l.columns[1].at + 1, l.rows[0].at, hatched);
            expect_element("its neighbour", &p, &l, 0, 0, 0, 0, red);
            sal_sheet_layout_release_(&l);
            free(p.pixels);
        }
}

static void a_row_of_zeros_is_white(void **state)
{
    (void)state;
    float zero[PIXELS] = {0};
    const sal_cell cells[] = {{zero, 1, N, N, SAL_CELL_MAP}, {zero, 1, N, N, SAL_CELL_PICTURE}};
    for (int rms = 0; rms < 2; rms++) {
        const sal_sheet sheet = {.columns = 2, .rows = 1, .cells = cells, .each_by_its_rms = rms};
        const picture p = draw(&sheet);
        sal_sheet_layout l = lay_out(&sheet);
        assert_near("scale", l.scales[0], 0, 0);
        expect_element("map", &p, &l, 0, 0, 3, 3, white);
        expect_element("picture", &p, &l, 0, 1, 3, 3, black);
        sal_sheet_layout_release_(&l);
        free(p.pixels);
    }
}

/* Two maps that differ by a factor alone look the same; the scale is in units of their rms. */
static void rms_makes_sizes_comparable(void **state)
{
    (void)state;
    float a[PIXELS] = {0}, b[PIXELS] = {0};
    a[0] = 3;
    a[1] = -1.5f;
    b[0] = 3e-9f;
    b[1] = -1.5e-9f;
    const sal_cell cells[] = {{a, 1, N, N, 0}, {b, 1, N, N, 0}};
    const sal_sheet sheet = {.columns = 2, .rows = 1, .cells = cells, .each_by_its_rms = true};
    const picture p = draw(&sheet);
    sal_sheet_layout l = lay_out(&sheet);
    assert_near("scale", l.scales[0], 3 / sqrt((9 + 2.25) / PIXELS), 1e-5);
    for (size_t column = 0; column < 2; column++) {
        expect_element("largest", &p, &l, 0, column, 0, 0, red);
        expect_element("half of it", &p, &l, 0, column, 0, 1, half_blue);
    }
    sal_sheet_layout_release_(&l);
    free(p.pixels);
}

static void scales_are_printed(void **state)
{
    static const struct {
        double scale;
        bool rms;
        const char *want;
    } cases[] = {
        {0, false, "max 0"},         {0.0321, false, "max 0.032"},  {0.00321, false, "max 3.2e-03"},
        {1, false, "max 1.0"},       {0.5, false, "max 0.50"},      {76.4, false, "max 76"},
        {994, false, "max 994"},     {999.9, false, "max 1.0e+03"}, {9.97, false, "max 10"},
        {0.0998, false, "max 0.10"}, {3e38, false, "max 3.0e+38"},  {1.4e-45, false, "max 1.4e-45"},
        {1e3, false, "max 1.0e+03"}, {1e-3, false, "max 1.0e-03"},  {5.31, true, "max 5.3 rms"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char got[48];
        sal_text t = sal_text_into_(got, sizeof got);
        const sal_sheet sheet = {.each_by_its_rms = cases[i].rms};
        sal_scale_text_(&sheet, cases[i].scale, &t);
        if (strcmp(got, cases[i].want))
            fail_msg("%g: '%s', wanted '%s'", cases[i].scale, got, cases[i].want);
    }
}

static void cells_have_a_sensible_size(void **state)
{
    static const struct {
        size_t height, width, high, wide;
    } cases[] = {
        {28, 28, 84, 84},     {32, 32, 96, 96},     {8, 8, 96, 96},       {14, 14, 84, 84},
        {64, 64, 128, 128},   {65, 65, 65, 65},     {224, 224, 224, 224}, {256, 256, 256, 256},
        {257, 257, 129, 129}, {299, 299, 150, 150}, {28, 14, 84, 42},     {1, 10, 24, 90},
        {10, 1, 90, 24},      {1, 1, 24, 96},       {1, 784, 24, 196},    {1, 300, 24, 150},
        {2, 100000, 1, 256},
    };
    (void)state;
    float *v = calloc(200000, sizeof *v);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const sal_cell cell = {v, 1, cases[i].height, cases[i].width, SAL_CELL_MAP};
        const sal_sheet sheet = {.columns = 1, .rows = 1, .cells = &cell};
        sal_cell_size s = sal_cell_size_(&cell);
        if (s.high != cases[i].high || s.wide != cases[i].wide)
            fail_msg("[%zu, %zu]: %zu x %zu pixels, wanted %zu x %zu", cases[i].height,
                     cases[i].width, s.high, s.wide, cases[i].high, cases[i].wide);
        const picture p = draw(&sheet);
        free(p.pixels);
    }
    free(v);
}

static void shrunk_maps_show_means(void **state)
{
    (void)state;
    enum { SIDE = 301 }; /* blocks of 2 x 2; the last ones are half or less */
    float *v = calloc(SIDE * SIDE, sizeof *v);
    v[0] = v[1] = 1;         /* mean of the block .5 */
    v[SIDE * SIDE - 1] = -1; /* alone in its block */
    const sal_cell cell = {v, 1, SIDE, SIDE, SAL_CELL_MAP};
    const sal_sheet sheet = {.columns = 1, .rows = 1, .cells = &cell};
    const picture p = draw(&sheet);
    sal_sheet_layout l = lay_out(&sheet);
    assert_int_equal(l.largest_block, 2);
    expect_pixel("first block", &p, l.columns[0].at, l.rows[0].at, half_red);
    expect_pixel("second block", &p, l.columns[0].at + 1, l.rows[0].at, white);
    expect_pixel("last block", &p, l.columns[0].at + 150, l.rows[0].at + 150, blue);
    sal_sheet_layout_release_(&l);
    free(p.pixels);
    free(v);
}

/* No text, whatever its length, runs into the margin or out of the picture. */
static void long_texts_are_not_clipped(void **state)
{
    static const char word[] =
        "an-endless-title-of-one-word-without-any-space-in-it,continued/on_and_on;"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    static const char *const labels[] = {word, NULL, "Mixed_7c"};
    (void)state;
    float v[PIXELS] = {1};
    v[3] = NAN;
    const sal_cell m = {v + 4, 1, 5, 5, 0}, pic = {v + 4, 1, 5, 5, SAL_CELL_PICTURE},
                   bad = {v, 1, N, N, 0};
    const sal_cell cells[] = {m, pic, bad, m, pic, bad, m, pic, bad};
    const sal_sheet sheet = {.title = word,
                             .note = word,
                             .columns = 3,
                             .rows = 3,
                             .cells = cells,
                             .column_labels = labels,
                             .row_labels = labels};
    const picture p = draw(&sheet);
    for (size_t y = 0; y < p.height; y++)
        for (size_t x = 0; x < p.width; x++)
            if (x < SAL_SHEET_MARGIN - 1 || x >= p.width - SAL_SHEET_MARGIN ||
                y < SAL_SHEET_MARGIN || y >= p.height - SAL_SHEET_MARGIN + 3)
                expect_pixel("margin", &p, x, y, paper);
    free(p.pixels);
}

/* A long label stays above its own column. */
static void column_labels_keep_to_their_column(void **state)
{
    static const char *const labels[] = {"an_endless_label_of_one_word", NULL, "and another one"};
    (void)state;
    float v[PIXELS] = {1};
    const sal_cell m = {v, 1, N, N, 0}, cells[] = {m, m, m};
    const sal_sheet sheet = {.columns = 3, .rows = 1, .cells = cells, .column_labels = labels};
    const picture p = draw(&sheet);
    sal_sheet_layout l = lay_out(&sheet);
    assert_true(l.labels_y >= SAL_SHEET_MARGIN + 3 * SAL_FONT_LINE);
    for (size_t y = 0; y < l.labels_y; y++)
        for (size_t x = 0; x < l.columns[1].size; x++)
            expect_pixel("above the middle column", &p, l.columns[1].at + x, y, paper);
    sal_sheet_layout_release_(&l);
    free(p.pixels);
}

static void equal_sheets_give_equal_bytes(void **state)
{
    (void)state;
    float v[PIXELS] = {1, -2, 3};
    const sal_cell cell = {v, 1, N, N, SAL_CELL_MAP};
    const sal_sheet sheet = {.title = "t", .columns = 1, .rows = 1, .cells = &cell};
    unsigned char bytes[2][8192];
    size_t n[2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sal_sheet_write(NULL, &sheet, path, NULL), SAL_OK);
        FILE *f = fopen(path, "rb");
        assert_non_null(f);
        n[i] = fread(bytes[i], 1, sizeof bytes[i], f);
        fclose(f);
    }
    assert_in_range(n[0], 100, sizeof bytes[0] - 1);
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(bytes[0], bytes[1], n[0]);
}

static void refuses_bad_sheets(void **state)
{
    (void)state;
    static float v[300 * 300];
    static const sal_cell good = {v, 1, N, N, 0}, flat = {v, 1, 0, N, 0},
                          odd = {v, 1, N, N, (sal_cell_kind)7}, huge = {v, SIZE_MAX / 2, 4, 2, 0};
    static sal_cell many[4096];
    const struct {
        const char *name;
        sal_sheet sheet;
        sal_status want;
        const char *part;
    } cases[] = {
        {"no cells", {.columns = 1, .rows = 1}, SAL_E_ARG, "no cells"},
        {"no rows", {.columns = 1, .cells = &good}, SAL_E_ARG, "0 rows and 1 columns"},
        {"no columns", {.rows = 1, .cells = &good}, SAL_E_ARG, "1 rows and 0 columns"},
        {"columns", {.columns = 4097, .rows = 1, .cells = &good}, SAL_E_ARG, "4097 columns"},
        {"size 0",
         {.columns = 1, .rows = 1, .cells = &flat},
         SAL_E_SHAPE,
         "row 0, column 0: [1, 0, 28]"},
        {"size overflows",
         {.columns = 1, .rows = 1, .cells = &huge},
         SAL_E_SHAPE,
         "row 0, column 0"},
        {"kind", {.columns = 1, .rows = 1, .cells = &odd}, SAL_E_ARG, "unknown kind 7"},
        {"reserved",
         {.columns = 1, .rows = 1, .cells = &good, .reserved_ = {1}},
         SAL_E_ARG,
         "reserved"},
        {"too wide", {.columns = 4096, .rows = 1, .cells = many}, SAL_E_NOMEM, "at most 16384"},
        {"too high", {.columns = 1, .rows = 4096, .cells = many}, SAL_E_NOMEM, "at most 16384"},
    };
    for (size_t i = 0; i < 4096; i++) many[i] = good;
    unlink(path);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_error err = {0};
        sal_status st = sal_sheet_write(NULL, &cases[i].sheet, path, &err);
        if (st != cases[i].want || err.status != st)
            fail_msg("%s: status %d (%s)", cases[i].name, st, err.text);
        if (!strstr(err.text, cases[i].part)) fail_msg("%s: %s", cases[i].name, err.text);
        if (access(path, F_OK) == 0) fail_msg("%s: wrote a file", cases[i].name);
    }
    const sal_sheet sheet = {.columns = 1, .rows = 1, .cells = &good};
    assert_int_equal(sal_sheet_write(NULL, NULL, path, NULL), SAL_E_ARG);
    assert_int_equal(sal_sheet_write(NULL, &sheet, NULL, NULL), SAL_E_ARG);
    assert_int_equal(sal_sheet_write(NULL, &sheet, "/tmp/salcheck-not-there/x.png", NULL),
                     SAL_E_IO);
    assert_int_equal(sal_sheet_write(NULL, &sheet, folder, NULL), SAL_E_IO);
}

/* A limit of the file size stands in for a full disk: libpng itself meets the error. */
static void a_full_disk_is_reported(void **state)
{
    (void)state;
    enum { SIDE = 250 };
    float *v = calloc(SIDE * SIDE, sizeof *v);
    for (size_t i = 0; i < SIDE * SIDE; i++) v[i] = (float)(i * 2654435761u % 1000) - 500;
    const sal_cell cell = {v, 1, SIDE, SIDE, SAL_CELL_MAP};
    const sal_sheet sheet = {.columns = 1, .rows = 1, .cells = &cell};
    struct rlimit before, tiny;
    sal_error err = {0};
    unlink(path);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tiny = before;
    tiny.rlim_cur = 1000;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tiny), 0);
    sal_status st = sal_sheet_write(NULL, &sheet, path, &err);
    setrlimit(RLIMIT_FSIZE, &before);
    free(v);
    assert_int_equal(st, SAL_E_IO);
    assert_non_null(strstr(err.text, "sheet.png: cannot be written"));
    assert_int_equal(rmdir(folder), 0); /* empty: neither the sheet nor a temporary file */
    assert_int_equal(mkdir(folder, 0700), 0);
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    float v[PIXELS] = {1};
    const sal_cell cell = {v, 1, N, N, SAL_CELL_MAP};
    const sal_sheet sheet = {.columns = 1, .rows = 1, .cells = &cell};
    sal_status st = SAL_E_NOMEM;
    for (size_t n = 0; st != SAL_OK; n++) {
        short_memory m = {.after = n};
        sal_env env = short_memory_env(&m);
        unlink(path);
        st = sal_sheet_write(&env, &sheet, path, NULL);
        if (st != SAL_OK && st != SAL_E_NOMEM) fail_msg("block %zu: status %d", n, st);
        if (m.alive) fail_msg("block %zu: %zu leaked", n, m.alive);
        if ((access(path, F_OK) == 0) != (st == SAL_OK)) fail_msg("block %zu: half a file", n);
        if (n > 20) fail_msg("still no memory with %zu blocks", n);
    }
}

static void cells_come_from_tensors(void **state)
{
    static const struct {
        size_t rank;
        int64_t dims[4];
        size_t channels, height, width;
    } cases[] = {{2, {3, 10}, 1, 1, 10}, {3, {3, 2, 10}, 2, 1, 10}, {4, {3, 2, 4, 5}, 2, 4, 5}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        sal_tensor *t;
        assert_int_equal(sal_tensor_create(NULL, cases[i].rank, cases[i].dims, &t, NULL), SAL_OK);
        sal_cell c = sal_cell_of(t, 2, SAL_CELL_PICTURE);
        const size_t one = sal_tensor_count(t) / 3;
        if (c.channels != cases[i].channels || c.height != cases[i].height ||
            c.width != cases[i].width || c.kind != SAL_CELL_PICTURE ||
            c.data != sal_tensor_get_data(t) + 2 * one)
            fail_msg("rank %zu", cases[i].rank);
        assert_null(sal_cell_of(t, 3, SAL_CELL_MAP).data);
        sal_tensor_free(t);
    }
    assert_null(sal_cell_of(NULL, 0, SAL_CELL_MAP).data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_are_as_stated),
        cmocka_unit_test(equal_cells_touch),
        cmocka_unit_test(undefined_cells_are_hatched),
        cmocka_unit_test(a_row_of_zeros_is_white),
        cmocka_unit_test(rms_makes_sizes_comparable),
        cmocka_unit_test(scales_are_printed),
        cmocka_unit_test(cells_have_a_sensible_size),
        cmocka_unit_test(shrunk_maps_show_means),
        cmocka_unit_test(long_texts_are_not_clipped),
        cmocka_unit_test(column_labels_keep_to_their_column),
        cmocka_unit_test(equal_sheets_give_equal_bytes),
        cmocka_unit_test(refuses_bad_sheets),
        cmocka_unit_test(a_full_disk_is_reported),
        cmocka_unit_test(survives_lack_of_memory),
        cmocka_unit_test(cells_come_from_tensors),
    };
    return !!cmocka_run_group_tests(tests, make_folder, drop_folder);
}
