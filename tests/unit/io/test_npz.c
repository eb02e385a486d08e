/* tests/unit/io/test_npz.c - archives of numpy, our own, and bad ones. */
#include "scratch.h"
#include "short_memory.h"
#include "support.h"

#include <salcheck/io.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN SAL_TESTS_DIR "/golden/io/"

static const char *const packings[] = {GOLDEN "stored.npz", GOLDEN "packed.npz"};

static void check_x(const char *name, sal_tensor *t)
{
    assert_int_equal(sal_tensor_rank(t), 3);
    assert_int_equal(sal_tensor_count(t), 24);
    for (size_t i = 0; i < 24; i++)
        if (sal_tensor_get_data(t)[i] != (float)i) fail_msg("%s: value %zu", name, i);
    sal_tensor_free(t);
}

static void reads_what_numpy_writes(void **state)
{
    (void)state;
    for (size_t c = 0; c < 2; c++) {
        sal_tensor *t = NULL;
        sal_labels *l = NULL;
        sal_array_info info;
        sal_error err = {0};
        if (sal_npz_read_tensor(NULL, packings[c], "x", &info, &t, &err) != SAL_OK)
            fail_msg("%s", err.text);
        assert_string_equal(info.type, "float32");
        check_x(packings[c], t);
        if (sal_npz_read_labels(NULL, packings[c], "y.npy", &l, &err) != SAL_OK)
            fail_msg("%s", err.text);
        assert_int_equal(l->count, 5);
        assert_int_equal(l->values[4], 4);
        sal_labels_free(l);
    }
}

static void the_only_array_needs_no_name(void **state)
{
    (void)state;
    sal_tensor *t = NULL;
    sal_error err = {0};
    if (sal_npz_read_tensor(NULL, GOLDEN "one.npz", NULL, NULL, &t, &err) != SAL_OK)
        fail_msg("%s", err.text);
    assert_int_equal(sal_tensor_count(t), 3);
    sal_tensor_free(t);
}

static void expect_error(const char *name, const char *path, const char *member, sal_status want,
                         const char *part)
{
    sal_tensor *t = NULL;
    sal_error err = {0};
    sal_status st = sal_npz_read_tensor(NULL, path, member, NULL, &t, &err);
    if (st != want || err.status != want)
        fail_msg("%s: status %d, wanted %d (%s)", name, st, want, err.text);
    if (t) fail_msg("%s: gave something out in spite of the error", name);
    if (!strstr(err.text, path))
        fail_msg("%s: the text does not name the file: %s", name, err.text);
    if (!strstr(err.text, part)) fail_msg("%s: the text lacks '%s': %s", name, part, err.text);
}

static void names_the_arrays_there_are(void **state)
{
    (void)state;
    expect_error("absent", packings[0], "z", SAL_E_ARG, "no array 'z', wanted one of: x, y");
    expect_error("two", packings[0], NULL, SAL_E_ARG, "several arrays, name one of: x, y");
    expect_error("no zip", GOLDEN "float32.npy", NULL, SAL_E_FORMAT, "no end record");
    expect_error("missing", GOLDEN "absent.npz", NULL, SAL_E_IO, "No such file");
}

static void refuses_every_truncation(void **state)
{
    const scratch *s = *state;
    for (size_t c = 0; c < 2; c++) {
        size_t n;
        unsigned char *whole = read_bytes(packings[c], &n);
        write_bytes(s->file, whole, n);
        for (size_t cut = n; cut-- > 0;) {
            char name[64];
            snprintf(name, sizeof name, "%s cut to %zu", c ? "packed" : "stored", cut);
            cut_bytes(s->file, cut);
            expect_error(name, s->file, "x", SAL_E_FORMAT, "");
        }
        free(whole);
    }
}

/* Every changed byte: an error, or the same numbers (times, attributes, versions are not looked
 * at). Never other numbers: the checksum sees to that. */
static void never_gives_damaged_numbers(void **state)
{
    const scratch *s = *state;
    for (size_t c = 0; c < 2; c++) {
        size_t n, refused = 0;
        unsigned char *whole = read_bytes(packings[c], &n);
        write_bytes(s->file, whole, n);
        for (size_t i = 0; i < n; i++) {
            sal_tensor *t = NULL;
            poke_byte(s->file, i, whole[i] ^ 0x11);
            if (sal_npz_read_tensor(NULL, s->file, "x", NULL, &t, NULL) == SAL_OK)
                check_x("damaged", t);
            else
                refused++;
            poke_byte(s->file, i, whole[i]);
        }
        if (refused < n / 3) fail_msg("only %zu of %zu changed bytes were noticed", refused, n);
        free(whole);
    }
}

static void put32(unsigned char *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) at[i] = (unsigned char)(value >> 8 * i);
}

/* Fields of the directory's first entry and of the end record, made to lie. */
static void refuses_lying_directories(void **state)
{
    static const struct {
        const char *name;
        bool end; /* else the first directory entry */
        size_t at;
        uint32_t value;
        sal_status want;
        const char *part;
    } cases[] = {
        {"encrypted", false, 6, 0x00010014, SAL_E_UNSUPPORTED, "encrypted"},
        {"bzip2", false, 8, 0x000c0000, SAL_E_UNSUPPORTED, "method 12"},
        {"bomb", false, 24, 0x7fffffff, SAL_E_FORMAT, "cannot be packed into"},
        {"member of 4 GiB", false, 20, 0xffffffff, SAL_E_UNSUPPORTED, "4 GiB"},
        {"member beyond", false, 20, 0x00ffffff, SAL_E_FORMAT, "lies beyond"},
        {"offset beyond", false, 42, 0x00ffffff, SAL_E_FORMAT, "lies beyond"},
        {"offset elsewhere", false, 42, 1, SAL_E_FORMAT, "no member where"},
        {"directory beyond", true, 16, 0x00ffffff, SAL_E_FORMAT, "lies beyond"},
        {"zip64", true, 16, 0xffffffff, SAL_E_UNSUPPORTED, "4 GiB"},
        {"parts", true, 4, 0x00010001, SAL_E_FORMAT, "several parts"},
        {"directory elsewhere", true, 16, 1, SAL_E_FORMAT, "no directory entry"},
    };
    const scratch *s = *state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        size_t n;
        unsigned char *whole = read_bytes(packings[1], &n);
        unsigned char *end = whole + n - 22;
        size_t start = end[16] | (size_t)end[17] << 8;
        put32((cases[c].end ? end : whole + start) + cases[c].at, cases[c].value);
        write_bytes(s->file, whole, n);
        expect_error(cases[c].name, s->file, "x", cases[c].want, cases[c].part);
        free(whole);
    }
}

static void writes_what_it_reads(void **state)
{
    static const char *const names[] = {"maps", "logits"};
    const scratch *s = *state;
    sal_tensor *t[2] = {NULL, NULL};
    sal_error err = {0};
    for (size_t i = 0; i < 2; i++) {
        const int64_t dims[] = {i ? 5 : 3000, 7};
        assert_int_equal(sal_tensor_create(NULL, 2, dims, &t[i], NULL), SAL_OK);
        for (size_t k = 0; k < sal_tensor_count(t[i]); k++)
            sal_tensor_data(t[i])[k] = (float)(k * (i + 1));
    }
    const sal_tensor *const all[] = {t[0], t[1]};
    if (sal_npz_write(NULL, 2, names, all, s->file, &err) != SAL_OK) fail_msg("%s", err.text);
    for (size_t i = 0; i < 2; i++) {
        sal_tensor *back = NULL;
        if (sal_npz_read_tensor(NULL, s->file, names[i], NULL, &back, &err) != SAL_OK)
            fail_msg("%s", err.text);
        assert_int_equal(sal_tensor_count(back), sal_tensor_count(t[i]));
        assert_memory_equal(sal_tensor_get_data(back), sal_tensor_get_data(t[i]),
                            sal_tensor_count(back) * sizeof(float));
        sal_tensor_free(back);
        sal_tensor_free(t[i]);
    }
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    for (size_t c = 0; c < 2; c++) {
        sal_status st = SAL_E_NOMEM;
        for (size_t n = 0; st != SAL_OK; n++) {
            short_memory m = {.after = n};
            sal_env env = short_memory_env(&m);
            sal_tensor *t = NULL;
            st = sal_npz_read_tensor(&env, packings[c], "x", NULL, &t, NULL);
            if (st != SAL_OK && st != SAL_E_NOMEM) fail_msg("%s: status %d", packings[c], st);
            sal_tensor_free(t);
            if (m.alive) fail_msg("%s: %zu blocks leaked at %zu", packings[c], m.alive, n);
            if (n > 12) fail_msg("%s: still no memory with %zu blocks", packings[c], n);
        }
    }
}

static void refuses_bad_arguments(void **state)
{
    (void)state;
    const char *name = "";
    const sal_tensor *none = NULL;
    sal_tensor *t = NULL;
    assert_int_equal(sal_npz_read_tensor(NULL, NULL, NULL, NULL, &t, NULL), SAL_E_ARG);
    assert_int_equal(sal_npz_read_tensor(NULL, "x", NULL, NULL, NULL, NULL), SAL_E_ARG);
    assert_int_equal(sal_npz_read_labels(NULL, "x", NULL, NULL, NULL), SAL_E_ARG);
    assert_int_equal(sal_npz_write(NULL, 1, &name, &none, "x", NULL), SAL_E_ARG);
    assert_int_equal(sal_npz_write(NULL, 1, NULL, &none, "x", NULL), SAL_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_numpy_writes),
        cmocka_unit_test(the_only_array_needs_no_name),
        cmocka_unit_test(names_the_arrays_there_are),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(never_gives_damaged_numbers),
        cmocka_unit_test(refuses_lying_directories),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(survives_lack_of_memory),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return !!cmocka_run_group_tests(tests, make_scratch, drop_scratch);
}
