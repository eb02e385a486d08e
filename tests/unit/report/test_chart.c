/* tests/unit/report/test_chart.c - charts of curves: where lines and marks fall, gaps, sizes, errors;
 * strokes and marks by their coverage. */
#define _XOPEN_SOURCE 700
#include "report/picture/stroke.h"
#include "scratch.h"
#include "short_memory.h"
#include "support.h"

#include <salcheck/report.h>

#include <math.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct picture {
    size_t width, height;
    unsigned char *pixels;
} picture;

static picture draw(const scratch *s, const sal_chart *chart)
{
    sal_error err = {0};
    if (sal_chart_write(NULL, chart, s->file, &err) != SAL_OK) fail_msg("%s", err.text);
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, s->file)) fail_msg("%s", image.message);
    image.format = PNG_FORMAT_RGB;
    picture p = {image.width, image.height, malloc(PNG_IMAGE_SIZE(image))};
    if (!png_image_finish_read(&image, NULL, p.pixels, 0, NULL)) fail_msg("%s", image.message);
    return p;
}

static size_t count(const picture *p, sal_rgb colour)
{
    size_t n = 0;
    for (size_t i = 0; i < p->width * p->height; i++) {
        const unsigned char *at = p->pixels + 3 * i;
        n += at[0] == colour.r && at[1] == colour.g && at[2] == colour.b;
    }
    return n;
}

/* Rows of the picture that hold the colour, first and last. */
static void rows_of(const picture *p, sal_rgb colour, size_t *first, size_t *last)
{
    *first = SIZE_MAX;
    *last = 0;
    for (size_t i = 0; i < p->width * p->height; i++) {
        const unsigned char *at = p->pixels + 3 * i;
        if (at[0] != colour.r || at[1] != colour.g || at[2] != colour.b) continue;
        if (*first == SIZE_MAX) *first = i / p->width;
        *last = i / p->width;
    }
}

static const sal_rgb first_colour = {0, 114, 178}, second_colour = {213, 94, 0},
                     plot = {255, 255, 255};

/* ---- charts ----------------------------------------------------------------------------------- */

/* A plot is 300 pixels high: a curve at 1 and one at 0 lie 300 rows apart, one at 0.5 between. */
static void curves_lie_where_their_values_are(void **state)
{
    const scratch *s = *state;
    static const double ends[] = {1, 1, 1, 0, 0, 0}, beyond[] = {7, 7, 7, -3, -3, -3},
                        middle[] = {0.25, 0.5, 0.25, 0, 0, 0};
    size_t top, bottom, first, last;
    for (int k = 0; k < 2; k++) { /* beyond the axis: at its end */
        sal_panel p = {.low = 0, .high = 1, .values = k ? beyond : ends};
        picture drawn =
            draw(s, &(sal_chart){.points = 3, .curves = 2, .n_panels = 1, .panels = &p});
        rows_of(&drawn, first_colour, &top, &last);
        rows_of(&drawn, second_colour, &first, &bottom);
        /* marks are a disc 9 high and a square 7.65 high */
        assert_true(top + last - first - bottom == (size_t)-600);
        free(drawn.pixels);
    }
    sal_panel p = {.low = 0, .high = 1, .values = middle};
    picture drawn = draw(s, &(sal_chart){.points = 3, .curves = 2, .n_panels = 1, .panels = &p});
    rows_of(&drawn, first_colour, &first, &last);
    assert_in_range(first, top + 145, top + 155); /* the disc at .5 */
    assert_in_range(last, top + 225, top + 235);  /* and those at .25 */
    free(drawn.pixels);
}

static void what_is_not_finite_leaves_a_gap(void **state)
{
    const scratch *s = *state;
    const double whole[] = {.5, .5, .5, .5}, gap[] = {.5, (double)NAN, .5, .5},
                 none[] = {(double)NAN, (double)INFINITY, (double)NAN, (double)NAN};
    const double *const values[] = {whole, gap, none};
    size_t n[3];
    for (size_t i = 0; i < 3; i++) {
        sal_panel p = {.low = 0, .high = 1, .values = values[i]};
        picture drawn =
            draw(s, &(sal_chart){.points = 4, .curves = 1, .n_panels = 1, .panels = &p});
        n[i] = count(&drawn, first_colour);
        free(drawn.pixels);
    }
    assert_true(n[0] > n[1] && n[1] > 0);
    assert_int_equal(n[2], 0);
}

static void panels_and_texts_take_room(void **state)
{
    static const char *const points[] = {"first", "second, which is much longer than 24"},
                             *const curves[] = {"one", NULL};
    static const double values[] = {0, 1, 1, 0};
    const scratch *s = *state;
    sal_panel p[5];
    for (size_t i = 0; i < 5; i++) p[i] = (sal_panel){"panel", -1, 1, values};
    sal_chart plain = {.points = 2, .curves = 2, .n_panels = 1, .panels = p}, c = plain;
    picture one = draw(s, &plain);
    size_t white = count(&one, plot);
    c.n_panels = 5;
    picture five = draw(s, &c); /* two in a row */
    assert_true(five.width > 2 * one.width - 50 && five.width < 2 * one.width);
    assert_true(five.height > 3 * one.height - 100);
    assert_true(count(&five, plot) == 5 * white);
    c.columns = 5;
    picture row = draw(s, &c);
    assert_int_equal(row.height, one.height);
    c = plain;
    c.point_labels = points;
    c.curve_labels = curves;
    c.title = "A title";
    c.note = "a note";
    picture texts = draw(s, &c);
    assert_true(texts.height > one.height + 23 * 6);
    free(one.pixels);
    free(five.pixels);
    free(row.pixels);
    free(texts.pixels);
}

static void equal_charts_give_equal_bytes(void **state)
{
    const scratch *s = *state;
    double values[40];
    size_t n[2];
    unsigned char *bytes[2];
    for (size_t i = 0; i < 40; i++) values[i] = sin((double)i);
    sal_panel p = {"waves", -1, 1, values};
    sal_chart c = {.points = 4, .curves = 10, .n_panels = 1, .panels = &p};
    for (size_t i = 0; i < 2; i++) {
        free(draw(s, &c).pixels);
        bytes[i] = read_bytes(s->file, &n[i]);
    }
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(bytes[0], bytes[1], n[0]);
    free(bytes[0]);
    free(bytes[1]);
}

static void mistakes_are_named(void **state)
{
    static const double v[] = {0};
    static sal_panel good = {"p", 0, 1, v}, flat = {"p", 1, 1, v}, empty = {"p", 0, 1, NULL};
    const scratch *s = *state;
    sal_panel endless = {"p", 0, (double)INFINITY, v};
    const struct {
        const char *name;
        sal_chart chart;
        sal_status status;
        const char *text;
    } cases[] = {
        {"no points", {.curves = 1, .n_panels = 1, .panels = &good}, SAL_E_ARG, "1 curves of 0"},
        {"eleven curves",
         {.points = 1, .curves = 11, .n_panels = 1, .panels = &good},
         SAL_E_ARG,
         "11 curves of 1 points, wanted 1 to 10"},
        {"no panels", {.points = 1, .curves = 1}, SAL_E_ARG, "0 panels"},
        {"flat", {.points = 1, .curves = 1, .n_panels = 1, .panels = &flat}, SAL_E_ARG, "panel 0"},
        {"endless",
         {.points = 1, .curves = 1, .n_panels = 1, .panels = &endless},
         SAL_E_ARG,
         "panel 0"},
        {"no values",
         {.points = 1, .curves = 1, .n_panels = 1, .panels = &empty},
         SAL_E_ARG,
         "panel 0"},
        {"reserved",
         {.points = 1, .curves = 1, .n_panels = 1, .panels = &good, .reserved_ = {1}},
         SAL_E_ARG,
         "reserved_"},
    };
    sal_error err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (sal_chart_write(NULL, &cases[i].chart, s->file, &err) != cases[i].status ||
            !strstr(err.text, cases[i].text))
            fail_msg("%s: %s", cases[i].name, err.text);
    sal_panel many[64];
    for (size_t i = 0; i < 64; i++) many[i] = good;
    sal_chart wide = {.points = 1, .curves = 1, .n_panels = 64, .panels = many, .columns = 64};
    assert_int_equal(sal_chart_write(NULL, &wide, s->file, &err), SAL_E_NOMEM);
    sal_chart fine = {.points = 1, .curves = 1, .n_panels = 1, .panels = &good};
    assert_int_equal(sal_chart_write(NULL, &fine, "/nowhere/c.png", &err), SAL_E_IO);
    assert_int_equal(sal_chart_write(NULL, NULL, s->file, &err), SAL_E_ARG);
    assert_int_equal(sal_chart_write(NULL, &fine, NULL, &err), SAL_E_ARG);
    short_memory memory = {.after = 0};
    sal_env env = short_memory_env(&memory);
    assert_int_equal(sal_chart_write(&env, &fine, s->file, &err), SAL_E_NOMEM);
    assert_int_equal(memory.alive, 0);
}

/* ---- strokes ---------------------------------------------------------------------------------- */

static double ink_of(const sal_canvas *c)
{
    double sum = 0;
    for (size_t i = 0; i < 3 * c->width * c->height; i++) sum += 255 - c->pixels[i];
    return sum / (3 * 255);
}

/* The ink of a shape is its area, wherever it stands. */
static void coverage_is_area(void **state)
{
    static const sal_rgb white = {255, 255, 255}, black = {0, 0, 0};
    /* radius 4: disc, square of side 6.8, the same turned, triangles of height 7.2 */
    static const double areas[SAL_MARKS] = {50.27, 46.24, 46.24, 29.9, 29.9};
    (void)state;
    for (size_t i = 0; i < SAL_MARKS; i++)
        for (double shift = 0; shift < 1; shift += 0.3) {
            sal_canvas c;
            assert_int_equal(sal_canvas_make_(NULL, 20, 20, white, &c, NULL), SAL_OK);
            sal_mark_(&c, (sal_point){10 + shift, 10 - shift}, 4, (sal_mark)i, black);
            double ink = ink_of(&c);
            if (!(fabs(ink - areas[i]) < 1.5)) fail_msg("mark %zu at %g: %g", i, shift, ink);
            sal_canvas_release_(&c);
        }
    sal_canvas c;
    assert_int_equal(sal_canvas_make_(NULL, 40, 40, white, &c, NULL), SAL_OK);
    sal_stroke_(&c, (sal_point){5, 5}, (sal_point){35, 27}, 2, black);
    assert_near("line", ink_of(&c), 2 * sqrt(30.0 * 30 + 22.0 * 22) + 3.1416, 0.8);
    sal_stroke_(&c, (sal_point){-50, -9}, (sal_point){90, -9}, 2, black); /* outside */
    sal_stroke_(&c, (sal_point){-1e9, 20}, (sal_point){1e9, 20}, 1, black);
    assert_int_equal(c.pixels[3 * (20 * 40 + 39)], 128); /* half of the row above as well */
    sal_canvas_release_(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_lie_where_their_values_are),
        cmocka_unit_test(what_is_not_finite_leaves_a_gap),
        cmocka_unit_test(panels_and_texts_take_room),
        cmocka_unit_test(equal_charts_give_equal_bytes),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(coverage_is_area),
    };
    return !!cmocka_run_group_tests(tests, make_scratch, drop_scratch);
}
