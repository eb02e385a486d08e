/* tests/unit/io/test_lists.c - names of classes and CIFAR records. */
#include "scratch.h"
#include "short_memory.h"
#include "support.h"

#include <salcheck/io.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES(text) text, sizeof text - 1

static void reads_a_class_a_line(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t size, n;
        const char *want[3];
    } cases[] = {{"plain", BYTES("cat\ndog\n"), 2, {"cat", "dog"}},
                 {"no newline at the end", BYTES("cat\ndog"), 2, {"cat", "dog"}},
                 {"windows", BYTES("cat\r\ndog\r\n"), 2, {"cat", "dog"}},
                 {"byte order mark",
                  BYTES("\xef\xbb\xbf"
                        "cat\n"),
                  1,
                  {"cat"}},
                 {"empty line", BYTES("cat\n\ndog"), 3, {"cat", "", "dog"}},
                 {"escape", BYTES("a\x1b[31mb\tc\x7f"), 1, {"a [31mb c "}}};
    const scratch *s = *state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        sal_texts *t = NULL;
        sal_error err = {0};
        write_bytes(s->file, cases[c].bytes, cases[c].size);
        if (sal_classes_read(NULL, s->file, &t, &err) != SAL_OK)
            fail_msg("%s: %s", cases[c].name, err.text);
        if (t->count != cases[c].n) fail_msg("%s: %zu classes", cases[c].name, t->count);
        for (size_t i = 0; i < t->count; i++)
            if (strcmp(t->values[i], cases[c].want[i]) != 0)
                fail_msg("%s: '%s'", cases[c].name, t->values[i]);
        sal_texts_free(t);
    }
}

static void refuses_what_is_no_text(void **state)
{
    const scratch *s = *state;
    sal_texts *t = NULL;
    sal_error err = {0};
    write_bytes(s->file, "", 0);
    assert_int_equal(sal_classes_read(NULL, s->file, &t, &err), SAL_E_FORMAT);
    assert_non_null(strstr(err.text, "empty"));
    write_bytes(s->file, BYTES("cat\0dog"));
    assert_int_equal(sal_classes_read(NULL, s->file, &t, &err), SAL_E_FORMAT);
    assert_non_null(strstr(err.text, "0 byte"));
    assert_int_equal(sal_classes_read(NULL, "/nowhere", &t, &err), SAL_E_IO);
    assert_int_equal(sal_classes_read(NULL, NULL, &t, &err), SAL_E_ARG);
    assert_null(t);
    size_t large = ((size_t)1 << 24) + 1;
    char *bytes = malloc(large);
    memset(bytes, 'x', large);
    write_bytes(s->file, bytes, large);
    free(bytes);
    assert_int_equal(sal_classes_read(NULL, s->file, &t, &err), SAL_E_NOMEM);
}

enum { RECORD = 3073 };

static void reads_cifar_records(void **state)
{
    const scratch *s = *state;
    unsigned char bytes[2 * RECORD];
    sal_tensor *t = NULL;
    sal_labels *l = NULL;
    sal_error err = {0};
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * 7);
    bytes[0] = 3;
    bytes[RECORD] = 9;
    write_bytes(s->file, bytes, sizeof bytes);
    if (sal_cifar_read(NULL, s->file, 255, &t, &l, &err) != SAL_OK) fail_msg("%s", err.text);
    assert_int_equal(l->count, 2);
    assert_int_equal(l->values[0], 3);
    assert_int_equal(l->values[1], 9);
    assert_int_equal(sal_tensor_dim(t, 1), 3);
    assert_int_equal(sal_tensor_dim(t, 3), 32);
    for (size_t i = 0; i < sal_tensor_count(t); i++)
        assert_near("pixel", (double)sal_tensor_get_data(t)[i], bytes[i + 1 + i / (RECORD - 1)], 0);
    sal_tensor_free(t);
    sal_labels_free(l);
    l = NULL;
    for (size_t cut = 0; cut < sizeof bytes; cut += cut < 8 ? 1 : 307) {
        if (cut == RECORD) continue;
        write_bytes(s->file, bytes, cut);
        if (sal_cifar_read(NULL, s->file, 1, NULL, &l, &err) != SAL_E_FORMAT)
            fail_msg("cut to %zu was read", cut);
    }
    bytes[RECORD] = 10;
    write_bytes(s->file, bytes, sizeof bytes);
    assert_int_equal(sal_cifar_read(NULL, s->file, 1, NULL, &l, &err), SAL_E_VALUE);
    assert_non_null(strstr(err.text, "record 1 is of class 10"));
    assert_int_equal(sal_cifar_read(NULL, s->file, 1, NULL, NULL, &err), SAL_E_ARG);
    assert_null(l);
}

static void survives_lack_of_memory(void **state)
{
    const scratch *s = *state;
    for (int cifar = 0; cifar < 2; cifar++) {
        static unsigned char record[RECORD];
        sal_status st = SAL_E_NOMEM;
        memset(record, cifar ? 1 : '\n', sizeof record);
        write_bytes(s->file, record, cifar ? RECORD : 40);
        for (size_t n = 0; st != SAL_OK; n++) {
            short_memory m = {.after = n};
            sal_env env = short_memory_env(&m);
            sal_tensor *t = NULL;
            sal_labels *l = NULL;
            sal_texts *c = NULL;
            st = cifar ? sal_cifar_read(&env, s->file, 1, &t, &l, NULL)
                       : sal_classes_read(&env, s->file, &c, NULL);
            if (st != SAL_OK && st != SAL_E_NOMEM) fail_msg("cifar %d: status %d", cifar, st);
            sal_tensor_free(t);
            sal_labels_free(l);
            sal_texts_free(c);
            if (m.alive) fail_msg("cifar %d: %zu blocks leaked at %zu", cifar, m.alive, n);
            if (n > 60) fail_msg("cifar %d: still no memory with %zu blocks", cifar, n);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_class_a_line),
        cmocka_unit_test(refuses_what_is_no_text),
        cmocka_unit_test(reads_cifar_records),
        cmocka_unit_test(survives_lack_of_memory),
    };
    return !!cmocka_run_group_tests(tests, make_scratch, drop_scratch);
}
