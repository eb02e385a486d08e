/* tests/unit/io/test_blocks.c - files and texts of blocks: what is read, what is refused and where. */
#include "scratch.h"
#include "short_memory.h"
#include "support.h"

#include <salcheck/io.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES(text) text, sizeof text - 1

static void reads_a_block_a_line(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t size;
        const char *want; /* the texts, each with a ';' */
    } cases[] = {
        {"plain", BYTES("head=fc\nbody=conv1,conv2\n"), "head=fc;body=conv1,conv2;"},
        {"no newline at the end", BYTES("head=fc"), "head=fc;"},
        {"windows", BYTES("\xef\xbb\xbfhead=fc\r\nbody=conv*\r\n"), "head=fc;body=conv*;"},
        {"blanks", BYTES("  head \t= fc1 , fc2\t\n\n   \n a b = c d "), "head=fc1,fc2;a b=c d;"},
        {"comments", BYTES("# head=x\n  # y\nhead=fc # last\nbody=conv#1,#2\n"),
         "head=fc;body=conv#1,#2;"},
        {"two on a line", BYTES("head=fc1,fc2,body=conv1,conv2,tail=x"),
         "head=fc1,fc2;body=conv1,conv2;tail=x;"},
        {"a '=' in a pattern", BYTES("head=a=b"), "head=a=b;"},
        {"not ASCII", BYTES("t\xc3\xaate=fc\n"), "t\xc3\xaate=fc;"},
    };
    const scratch *s = *state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++)
        for (int text = 0; text < 2; text++) {
            sal_texts *t = NULL;
            sal_error err = {0};
            char got[200] = "";
            write_bytes(s->file, cases[c].bytes, cases[c].size);
            sal_status st = text ? sal_blocks_parse(NULL, cases[c].bytes, &t, &err)
                                 : sal_blocks_read(NULL, s->file, &t, &err);
            if (st != SAL_OK) fail_msg("%s: %s", cases[c].name, err.text);
            for (size_t i = 0; i < t->count; i++) {
                strcat(got, t->values[i]);
                strcat(got, ";");
            }
            if (strcmp(got, cases[c].want) != 0) fail_msg("%s: %s", cases[c].name, got);
            sal_texts_free(t);
        }
}

static void refuses_what_is_no_block(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t size;
        const char *line, *want;
    } cases[] = {
        {"empty", BYTES(""), "", "no block, wanted NAME=PATTERN,..."},
        {"comments only", BYTES("# a\n\n#b\n"), "", "no block, wanted NAME=PATTERN,..."},
        {"a word", BYTES("a=b\nhead"), ", line 2", "'head', wanted NAME=PATTERN,..."},
        {"a word first", BYTES("x,a=b"), ", line 1", "'x', wanted NAME=PATTERN,..."},
        {"no pattern", BYTES("head="), ", line 1", "block 'head' has an empty pattern"},
        {"a comma too many", BYTES("\nhead=a,,b"), ", line 2", "block 'head' has an empty pattern"},
        {"a comma at the end", BYTES("head=a,"), ", line 1", "block 'head' has an empty pattern"},
        {"no name", BYTES(" =a"), ", line 1", "a block without a name"},
        {"a 0", BYTES("a=b\nhea\0d=c"), ", line 2", "byte 0x00, wanted a text"},
        {"an escape", BYTES("a=\x1b[31m"), ", line 1", "byte 0x1b, wanted a text"},
        {"a delete", BYTES("a=b\x7f"), ", line 1", "byte 0x7f, wanted a text"},
        {"a long name", BYTES("0123456789012345678901234567890123456789012345678901234567890123=a"),
         ", line 1",
         "block '0123456789012345678901234567890123456789...': a name of 64 bytes, at most 63"},
    };
    const scratch *s = *state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        sal_texts *t = NULL;
        sal_error err = {0};
        char want[400];
        write_bytes(s->file, cases[c].bytes, cases[c].size);
        sal_status st = sal_blocks_read(NULL, s->file, &t, &err);
        snprintf(want, sizeof want, "%s%s: %s", s->file, cases[c].line, cases[c].want);
        if (st != SAL_E_FORMAT || t || strcmp(err.text, want) != 0)
            fail_msg("%s: %s", cases[c].name, err.text);
        if (strlen(cases[c].bytes) < cases[c].size) continue;
        st = sal_blocks_parse(NULL, cases[c].bytes, &t, &err);
        snprintf(want, sizeof want, "blocks: %s", cases[c].want);
        if (st != SAL_E_FORMAT || t || strcmp(err.text, want) != 0)
            fail_msg("%s as a text: %s", cases[c].name, err.text);
    }
}

static void bounds_lines_and_files(void **state)
{
    const scratch *s = *state;
    sal_texts *t = NULL;
    sal_error err = {0};
    size_t line = (size_t)1 << 16, large = ((size_t)1 << 20) + 1;
    char *bytes = malloc(large);
    assert_non_null(bytes);
    memset(bytes, 'x', large);
    bytes[1] = '=';
    write_bytes(s->file, bytes, line);
    assert_int_equal(sal_blocks_read(NULL, s->file, &t, &err), SAL_OK);
    assert_int_equal(strlen(t->values[0]), line);
    sal_texts_free(t);
    t = NULL;
    write_bytes(s->file, bytes, line + 1);
    assert_int_equal(sal_blocks_read(NULL, s->file, &t, &err), SAL_E_FORMAT);
    assert_non_null(strstr(err.text, ", line 1: 65537 bytes, at most 65536"));
    for (size_t i = 0; i < large; i += 64) bytes[i] = '\n';
    write_bytes(s->file, bytes, large);
    assert_int_equal(sal_blocks_read(NULL, s->file, &t, &err), SAL_E_NOMEM);
    free(bytes);
    assert_int_equal(sal_blocks_read(NULL, "/nowhere", &t, &err), SAL_E_IO);
    assert_int_equal(sal_blocks_read(NULL, NULL, &t, &err), SAL_E_ARG);
    assert_int_equal(sal_blocks_read(NULL, s->file, NULL, &err), SAL_E_ARG);
    assert_int_equal(sal_blocks_parse(NULL, NULL, &t, &err), SAL_E_ARG);
    assert_int_equal(sal_blocks_parse(NULL, "a=b", NULL, &err), SAL_E_ARG);
    assert_null(t);
}

static void survives_lack_of_memory(void **state)
{
    const scratch *s = *state;
    write_bytes(s->file, BYTES("a=b\nc=d,e=f\n"));
    for (int text = 0; text < 2; text++) {
        sal_status st = SAL_E_NOMEM;
        for (size_t n = 0; st != SAL_OK; n++) {
            short_memory m = {.after = n};
            sal_env env = short_memory_env(&m);
            sal_texts *t = NULL;
            st = text ? sal_blocks_parse(&env, "a=b,c=d", &t, NULL)
                      : sal_blocks_read(&env, s->file, &t, NULL);
            if (st != SAL_OK && st != SAL_E_NOMEM) fail_msg("text %d: status %d", text, st);
            sal_texts_free(t);
            if (m.alive) fail_msg("text %d: %zu blocks leaked at %zu", text, (size_t)m.alive, n);
            if (n > 30) fail_msg("text %d: still no memory with %zu blocks", text, n);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_block_a_line),
        cmocka_unit_test(refuses_what_is_no_block),
        cmocka_unit_test(bounds_lines_and_files),
        cmocka_unit_test(survives_lack_of_memory),
    };
    return !!cmocka_run_group_tests(tests, make_scratch, drop_scratch);
}
