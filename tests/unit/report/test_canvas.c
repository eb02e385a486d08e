/* tests/unit/report/test_canvas.c - rectangles, the font, and how texts wrap. */
#include "report/picture/canvas.h"
#include "support.h"

#include <string.h>

static const sal_rgb white = {255, 255, 255}, black = {0, 0, 0};

static size_t count_black(const sal_canvas *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->width * c->height; i++) n += c->pixels[3 * i] == 0;
    return n;
}

static void fills_only_inside(void **state)
{
    static const struct {
        const char *name;
        size_t x, y, width, height, want;
    } cases[] = {
        {"inside", 1, 1, 2, 2, 4},
        {"whole", 0, 0, 7, 5, 35},
        {"over the corner", 5, 4, 10, 10, 2},
        {"beyond the right", 7, 0, 1, 1, 0},
        {"beyond the bottom", 0, 5, 1, 1, 0},
        {"endless", 2, 0, SIZE_MAX, SIZE_MAX, 25},
        {"empty", 0, 0, 0, 3, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_canvas c;
        assert_int_equal(sal_canvas_make_(NULL, 7, 5, white, &c, NULL), SAL_OK);
        sal_canvas_fill_(&c, cases[i].x, cases[i].y, cases[i].width, cases[i].height, black);
        if (count_black(&c) != cases[i].want)
            fail_msg("%s: %zu pixels, wanted %zu", cases[i].name, count_black(&c), cases[i].want);
        sal_canvas_release_(&c);
    }
}

static void refuses_an_impossible_size(void **state)
{
    (void)state;
    sal_canvas c = {0};
    assert_int_equal(sal_canvas_make_(NULL, SIZE_MAX, 2, white, &c, NULL), SAL_E_NOMEM);
    assert_null(c.pixels);
}

/* A reader must be able to tell any two characters apart. */
static void glyphs_differ(void **state)
{
    (void)state;
    for (unsigned a = ' '; a <= '~'; a++) {
        const unsigned char *rows = sal_glyph_((unsigned char)a);
        unsigned ink = 0;
        for (size_t i = 0; i < SAL_GLYPH_HIGH; i++) {
            if (rows[i] >> SAL_GLYPH_WIDE) fail_msg("'%c': row %zu is too wide", (int)a, i);
            ink |= rows[i];
        }
        if ((ink == 0) != (a == ' ')) fail_msg("'%c': ink %x", (int)a, ink);
        for (unsigned b = a + 1; b <= '~' + 1u; b++) /* the last one is the box */
            if (!memcmp(rows, sal_glyph_((unsigned char)b), SAL_GLYPH_HIGH))
                fail_msg("'%c' and '%c' look alike", (int)a, (int)b);
    }
}

static void draws_text_at_its_place(void **state)
{
    (void)state;
    for (size_t scale = 1; scale <= 3; scale++) {
        sal_canvas c;
        sal_canvas_make_(NULL, 60, 40, white, &c, NULL);
        sal_canvas_text_(&c, 2, 3, scale, black, "I\xc3\xa4I", 4); /* a-umlaut is one box */
        const size_t letter = 6 + 2 * 3, box = 2 * 5 + 6 * 2,
                     want = (2 * letter + box) * scale * scale;
        if (count_black(&c) != want)
            fail_msg("scale %zu: %zu black pixels, wanted %zu", scale, count_black(&c), want);
        /* the top left pixel of the box */
        const unsigned char *at = c.pixels + 3 * (3 * c.width + 2 + 6 * scale);
        if (at[0] != 0) fail_msg("scale %zu: the second character is elsewhere", scale);
        sal_canvas_release_(&c);
    }
}

static void wraps_texts(void **state)
{
    static const struct {
        const char *name, *text;
        size_t columns;
        const char *want; /* lines, each ended by | */
    } cases[] = {
        {"none", NULL, 5, ""},
        {"empty", "", 5, ""},
        {"fits", "hello", 5, "hello|"},
        {"at a space", "hello world", 5, "hello|world|"},
        {"at the last space", "a bc def", 6, "a bc|def|"},
        {"no space needed", "one two", 7, "one two|"},
        {"after a hyphen", "integrated-gradients", 13, "integrated-|gradients|"},
        {"after a slash, not the first", "/features/conv", 10, "/features/|conv|"},
        {"nowhere good", "abcdefgh", 3, "abc|def|gh|"},
        {"not in a number", "max 3.2e-02", 8, "max|3.2e-02|"},
        {"newline", "a\nb", 9, "a|b|"},
        {"newline at the edge", "abc\ndef", 3, "abc|def|"},
        {"empty line", "a\n\nb", 9, "a||b|"},
        {"one column", "ab c", 1, "a|b|c|"},
        {"UTF-8 counts characters", "\xc3\xa4\xc3\xb6\xc3\xbc", 2, "\xc3\xa4\xc3\xb6|\xc3\xbc|"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char got[128];
        sal_text t = sal_text_into_(got, sizeof got);
        const char *rest = cases[i].text;
        size_t lines = 0, longest = 0, widest;
        for (sal_line l; sal_next_line_(&rest, cases[i].columns, &l); lines++) {
            sal_text_add_(&t, "%.*s|", (int)l.bytes, l.start);
            if (l.characters > longest) longest = l.characters;
        }
        if (strcmp(got, cases[i].want)) fail_msg("%s: %s", cases[i].name, got);
        if (longest > cases[i].columns) fail_msg("%s: %zu wide", cases[i].name, longest);
        if (sal_count_lines_(cases[i].text, cases[i].columns, &widest) != lines ||
            widest != longest)
            fail_msg("%s: counted otherwise", cases[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_only_inside), cmocka_unit_test(refuses_an_impossible_size),
        cmocka_unit_test(glyphs_differ),     cmocka_unit_test(draws_text_at_its_place),
        cmocka_unit_test(wraps_texts),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
