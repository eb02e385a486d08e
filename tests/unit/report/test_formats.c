/* Reports: what is refused, what is left out, and what must be the same however it is written. The bytes
 * of each format are in tests/golden/reports. */
#define _XOPEN_SOURCE 700
#include "report_set.h"
#include "scratch.h"
#include "short_memory.h"
#include "support.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static report_set set;

static int enter(void **state)
{
    make_report_set(&set);
    return chdir(SAL_TESTS_DIR) || make_scratch(state);
}

typedef struct {
    char *text;
    size_t size, calls, most_calls;
} heard;

static int hear(const char *bytes, size_t size, void *self)
{
    heard *h = self;
    if (h->most_calls && ++h->calls > h->most_calls) return 7;
    h->text = realloc(h->text, h->size + size + 1);
    assert_non_null(h->text);
    memcpy(h->text + h->size, bytes, size);
    h->size += size;
    h->text[h->size] = '\0';
    return 0;
}

static heard render(const char *format, const sal_verdict *const *verdicts, size_t n)
{
    heard h = {0};
    sal_error err = {SAL_OK, ""};
    if (sal_report_render(NULL, format, verdicts, n, &set.options, hear, &h, &err))
        fail_msg("%s: %s", format, err.text);
    return h;
}

static void the_file_holds_what_is_rendered(void **state)
{
    const scratch *s = *state;
    for (size_t i = 0; sal_report_format_get(i); i++) {
        const char *format = sal_report_format_get(i)->name;
        heard h = render(format, set.verdicts, SET_VERDICTS);
        size_t size;
        assert_int_equal(
            sal_report_write(NULL, format, set.verdicts, SET_VERDICTS, &set.options, s->file, NULL),
            SAL_OK);
        unsigned char *bytes = read_bytes(s->file, &size);
        if (size != h.size || memcmp(bytes, h.text, size) != 0) fail_msg("%s differs", format);
        free(bytes);
        free(h.text);
    }
}

static void nothing_and_no_options(void **state)
{
    (void)state;
    for (size_t i = 0; sal_report_format_get(i); i++) {
        heard h = {0};
        const char *format = sal_report_format_get(i)->name;
        assert_int_equal(sal_report_render(NULL, format, NULL, 0, NULL, hear, &h, NULL), SAL_OK);
        if (!h.size || h.text[h.size - 1] != '\n') fail_msg("%s: no line at the end", format);
        free(h.text);
    }
    heard tap = {0};
    assert_int_equal(sal_report_render(NULL, "tap", NULL, 0, NULL, hear, &tap, NULL), SAL_OK);
    assert_string_equal(tap.text, "TAP version 14\n1..0 # SKIP no verdicts\n");
    free(tap.text);
}

static void what_is_refused(void **state)
{
    const scratch *s = *state;
    sal_error err = {SAL_OK, ""};
    heard h = {0};
    made_verdict empty;
    make_verdict(&empty);
    empty.v.n_steps = 0;
    const sal_verdict *const all[] = {set.verdicts[0], &empty.v}, *const none[] = {NULL};
    const sal_report_options trends = {.n_trends = 1};
    const struct {
        const char *name, *format, *want;
        const sal_verdict *const *verdicts;
        size_t n;
        const sal_report_options *options;
    } cases[] = {
        {"format", "jnit", "unknown format 'jnit'; did you mean 'junit'?", all, 1, NULL},
        {"no format", NULL, "format or write is NULL", all, 1, NULL},
        {"no verdicts", "tap", "verdicts is NULL", NULL, 1, NULL},
        {"no verdict", "tap", "verdict 0 is NULL or has no step", none, 1, NULL},
        {"no step", "html", "verdict 1 is NULL or has no step", all, 2, NULL},
        {"no trends", "html", "trends is NULL", all, 1, &trends},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_status st = sal_report_render(NULL, cases[i].format, cases[i].verdicts, cases[i].n,
                                          cases[i].options, hear, &h, &err);
        if (st != SAL_E_ARG || strcmp(err.text, cases[i].want) || h.size)
            fail_msg("%s: %d, \"%s\", %zu bytes", cases[i].name, (int)st, err.text, h.size);
    }
    unlink(s->file);
    assert_int_equal(sal_report_write(NULL, "tap", all, 1, NULL, NULL, &err), SAL_E_ARG);
    assert_int_equal(sal_report_write(NULL, "tap", all, 1, NULL, "/nowhere/at/all", &err),
                     SAL_E_IO);
    assert_int_equal(sal_report_write(NULL, "tpa", all, 1, NULL, s->file, &err), SAL_E_ARG);
    assert_int_equal(access(s->file, F_OK), -1); /* nothing is left of it */
}

/* Whatever the size of the report, the first refusal ends it. */
static void a_writer_that_refuses(void **state)
{
    (void)state;
    for (size_t calls = 1; calls < 3; calls++) {
        heard h = {.most_calls = calls};
        sal_error err = {SAL_OK, ""};
        assert_int_equal(sal_report_render(NULL, "html", set.verdicts, SET_VERDICTS, &set.options,
                                           hear, &h, &err),
                         SAL_E_CALLBACK);
        assert_string_equal(err.text, "a report cannot be written: 7");
        assert_int_equal(h.calls, calls + 1);
        free(h.text);
    }
}

static void survives_lack_of_memory(void **state)
{
    const scratch *s = *state;
    for (size_t i = 0; sal_report_format_get(i); i++)
        for (size_t n = 0;; n++) {
            short_memory memory = {.after = n};
            sal_env env = short_memory_env(&memory);
            unlink(s->file);
            sal_status st = sal_report_write(&env, sal_report_format_get(i)->name, set.verdicts,
                                             SET_VERDICTS, &set.options, s->file, NULL);
            assert_int_equal(memory.alive, 0);
            if (!memory.refused) {
                assert_int_equal(st, SAL_OK);
                break;
            }
            assert_int_equal(st, SAL_E_NOMEM);
            assert_int_equal(access(s->file, F_OK), -1);
        }
}

/* As many rows and texts as there may be, each as long as it can be. */
static void markdown_has_an_end(void **state)
{
    enum { MANY = 1 << 12, MOST = 900000 };
    (void)state;
    const sal_verdict **all = calloc(MANY, sizeof *all);
    assert_non_null(all);
    made_verdict m = set.made[4];
    m.v.steps = m.steps;
    memset(m.v.model, '|', sizeof m.v.model - 1);
    memset(m.v.method, '|', sizeof m.v.method - 1);
    memset(m.v.id, '&', sizeof m.v.id - 1);
    for (size_t i = 0; i < MANY; i++) all[i] = &m.v;
    heard h = render("markdown", all, MANY);
    if (h.size > MOST || h.size < MOST / 2) fail_msg("%zu bytes", h.size);
    const char *rows = strstr(h.text, " more rows are left out: the comment would be too long.\n");
    const char *texts =
        strstr(h.text, " more texts are left out: the comment would be too long.\n");
    assert_non_null(rows);
    assert_non_null(texts);
    size_t n = 0, lost = strtoul(strstr(texts - 6, "\n") + 1, NULL, 10);
    for (const char *at = h.text; (at = strstr(at, "<details>")); at++) n++;
    assert_int_equal(n + lost, MANY);
    free(h.text);
    free(all);
}

static void decimal_comma(void **state)
{
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
    (void)state;
    for (size_t f = 0; sal_report_format_get(f); f++) {
        const char *format = sal_report_format_get(f)->name;
        heard want = render(format, set.verdicts, SET_VERDICTS);
        for (size_t i = 0; i < 4; i++)
            if (setlocale(LC_NUMERIC, locales[i])) break;
        heard got = render(format, set.verdicts, SET_VERDICTS);
        setlocale(LC_NUMERIC, "C");
        if (strcmp(got.text, want.text)) fail_msg("%s follows the locale", format);
        free(want.text);
        free(got.text);
    }
}

/* A picture of n bytes, of which the page must hold every one. */
static void pictures_of_any_length(void **state)
{
    static const unsigned char head[24] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13,
                                           'I',  'H', 'D', 'R', 0,    0,    1,    2,    0, 0, 0, 3};
    const scratch *s = *state;
    made_verdict m = set.made[1];
    m.v.steps = m.steps;
    const sal_verdict *one[] = {&m.v};
    const sal_report_options options = {.pictures = NULL};
    snprintf(m.v.picture, sizeof m.v.picture, "%s", s->file);
    for (size_t n = 20; n<6200; n += n> 40 && n < 3060 ? 500 : 1) {
        unsigned char bytes[6200] = {0};
        heard h = {0};
        memcpy(bytes, head, sizeof head);
        write_bytes(s->file, bytes, n);
        assert_int_equal(sal_report_render(NULL, "html", one, 1, &options, hear, &h, NULL), SAL_OK);
        const char *at =
            strstr(h.text, "width=\"258\" height=\"3\" src=\"data:image/png;base64,iVBOR");
        if (n < sizeof head) {
            if (at || !strstr(h.text, "no picture here, no PNG file")) fail_msg("%zu bytes", n);
        } else {
            at = strstr(at ? at : "base64,", "base64,") + 7;
            size_t digits = strcspn(at, "=\""), padding = strspn(at + digits, "=");
            if (digits != (4 * n + 2) / 3 || (digits + padding) % 4)
                fail_msg("%zu bytes: %zu digits, %zu '='", n, digits, padding);
        }
        free(h.text);
        if (n > 3100 && n < 6100) n = 6100;
    }
}

static void tests_keep_their_names(void **state)
{
    (void)state;
    heard all = render("junit", set.verdicts, SET_VERDICTS);
    for (size_t i = 0; i < SET_VERDICTS; i++) {
        heard one = render("junit", &set.verdicts[i], 1);
        const char *test = strstr(one.text, "<testcase ");
        assert_non_null(test);
        char line[2048];
        snprintf(line, sizeof line, "%.*s>", (int)strcspn(test, ">"), test);
        if (!strstr(all.text, line)) fail_msg("%s has another name among others", line);
        free(one.text);
    }
    free(all.text);
}

/* GitLab keeps one of two tests that have the same class and name. */
static void steps_of_one_name(void **state)
{
    (void)state;
    made_verdict m = set.made[2];
    m.v.steps = m.steps;
    snprintf(m.steps[2].step, sizeof m.steps[2].step, "%s", m.steps[0].step);
    const sal_verdict *one[] = {&m.v};
    heard h = render("junit", one, 1);
    assert_non_null(strstr(h.text, "name=\"gradient-x-input fc2 #0\""));
    assert_non_null(strstr(h.text, "name=\"gradient-x-input fc1\""));
    assert_non_null(strstr(h.text, "name=\"gradient-x-input fc2 #2\""));
    free(h.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_holds_what_is_rendered),
        cmocka_unit_test(nothing_and_no_options),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(a_writer_that_refuses),
        cmocka_unit_test(survives_lack_of_memory),
        cmocka_unit_test(markdown_has_an_end),
        cmocka_unit_test(decimal_comma),
        cmocka_unit_test(pictures_of_any_length),
        cmocka_unit_test(tests_keep_their_names),
        cmocka_unit_test(steps_of_one_name),
    };
    return !!cmocka_run_group_tests(tests, enter, drop_scratch);
}
