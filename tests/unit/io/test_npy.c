/* tests/unit/io/test_npy.c - .npy files of numpy, our own, and bad ones. */
#include "scratch.h"
#include "short_memory.h"
#include "support.h"

#include <salcheck/io.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN SAL_TESTS_DIR "/golden/io/"
#define BYTES(text) text, sizeof text - 1

static void reads_every_type_of_numpy(void **state)
{
    static const struct {
        const char *file, *type;
        double scale;
        bool alternates, parity;
    } cases[] = {
        {"float16", "float16", .125, true, false},
        {"float32", "float32", .125, true, false},
        {"float64", "float64", .125, true, false},
        {"int8", "int8", 1, true, false},
        {"int16", "int16", 1, true, false},
        {"int32", "int32", 1, true, false},
        {"int64", "int64", 1, true, false},
        {"uint8", "uint8", 1, false, false},
        {"uint16", "uint16", 1, false, false},
        {"uint32", "uint32", 1, false, false},
        {"uint64", "uint64", 1, false, false},
        {"bool", "bool", 1, false, true},
        {"big_endian", "float32", .125, false, false},
        {"big_endian_int16", "int16", -1, false, false},
        {"version2", "float32", .125, false, false},
        {"version3", "float32", .125, false, false},
    };
    static const int numbers[] = {0, 1, 2, 3, 100, 127};
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        char path[512];
        sal_tensor *t = NULL;
        sal_array_info info;
        sal_error err = {0};
        snprintf(path, sizeof path, GOLDEN "%s.npy", cases[c].file);
        if (sal_npy_read_tensor(NULL, path, &info, &t, &err) != SAL_OK) fail_msg("%s", err.text);
        if (strcmp(info.type, cases[c].type) != 0)
            fail_msg("%s: type %s", cases[c].file, info.type);
        if (info.rank != 2 || info.dims[0] != 2 || info.dims[1] != 3 || sal_tensor_rank(t) != 2)
            fail_msg("%s: shape", cases[c].file);
        for (size_t i = 0; i < 6; i++) {
            double want = cases[c].parity ? numbers[i] % 2 : numbers[i] * cases[c].scale;
            if (cases[c].alternates && i % 2) want = -want;
            assert_near(cases[c].file, (double)sal_tensor_get_data(t)[i], want, 0);
        }
        sal_tensor_free(t);
    }
}

static void turns_fortran_order(void **state)
{
    (void)state;
    sal_tensor *t = NULL;
    sal_error err = {0};
    if (sal_npy_read_tensor(NULL, GOLDEN "fortran.npy", NULL, &t, &err) != SAL_OK)
        fail_msg("%s", err.text);
    assert_int_equal(sal_tensor_dim(t, 2), 4);
    for (size_t i = 0; i < 24; i++)
        if (sal_tensor_get_data(t)[i] != (float)i) fail_msg("value %zu", i);
    sal_tensor_free(t);
}

static void reads_labels(void **state)
{
    const scratch *s = *state;
    static const struct {
        const char *descr;
        const char *bytes;
        size_t size;
        int64_t want[2];
    } cases[] = {{"|i1", BYTES("\xff\x07"), {-1, 7}},
                 {"|u1", BYTES("\xff\x07"), {255, 7}},
                 {"<i8", BYTES("\xfe\xff\xff\xff\xff\xff\xff\xff\3\0\0\0\0\0\0\0"), {-2, 3}},
                 {">i4", BYTES("\xff\xff\xff\xff\0\0\1\0"), {-1, 256}},
                 {"<u2", BYTES("\1\2\xff\xff"), {513, 65535}}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        char head[200], file[256];
        sal_labels *l = NULL;
        sal_error err = {0};
        int n =
            snprintf(head, sizeof head,
                     "{'shape': (2,), \"descr\":'%s','fortran_order' : True}  \n", cases[c].descr);
        memcpy(file, "\x93NUMPY\1\0", 8);
        file[8] = (char)n;
        file[9] = 0;
        memcpy(file + 10, head, (size_t)n);
        memcpy(file + 10 + n, cases[c].bytes, cases[c].size);
        write_bytes(s->file, file, 10 + (size_t)n + cases[c].size);
        if (sal_npy_read_labels(NULL, s->file, &l, &err) != SAL_OK)
            fail_msg("%s: %s", cases[c].descr, err.text);
        assert_int_equal(l->count, 2);
        for (size_t i = 0; i < 2; i++)
            if (l->values[i] != cases[c].want[i]) fail_msg("%s: label %zu", cases[c].descr, i);
        sal_labels_free(l);
    }
}

/* Writes version, header text (with its length) and values. */
static void write_npy(const char *path, int version, const char *text, const char *values,
                      size_t size)
{
    unsigned char file[1024];
    size_t n = strlen(text), at = version == 1 ? 10 : 12;
    memset(file, 0, sizeof file);
    memcpy(file, "\x93NUMPY", 6);
    file[6] = (unsigned char)version;
    file[8] = (unsigned char)(n & 255);
    file[9] = (unsigned char)(n >> 8);
    memcpy(file + at, text, n);
    memcpy(file + at + n, values, size);
    write_bytes(path, file, at + n + size);
}

#define HEAD(descr, order, shape)                                                                  \
    "{'descr': " descr ", 'fortran_order': " order ", 'shape': " shape ", }"

/* Expects an error that names the file and leaves the outputs alone. */
static void expect_error(const char *name, const char *path, bool labels, sal_status want,
                         const char *part)
{
    sal_tensor *t = NULL;
    sal_labels *l = NULL;
    sal_error err = {0};
    sal_status st = labels ? sal_npy_read_labels(NULL, path, &l, &err)
                           : sal_npy_read_tensor(NULL, path, NULL, &t, &err);
    if (st != want || err.status != want)
        fail_msg("%s: status %d, wanted %d (%s)", name, st, want, err.text);
    if (t || l) fail_msg("%s: gave something out in spite of the error", name);
    if (!strstr(err.text, path))
        fail_msg("%s: the text does not name the file: %s", name, err.text);
    if (!strstr(err.text, part)) fail_msg("%s: the text lacks '%s': %s", name, part, err.text);
}

static void refuses_bad_headers(void **state)
{
    static const struct {
        const char *name;
        int version;
        const char *text;
        sal_status want;
        const char *part;
    } cases[] = {
        {"version 4", 4, HEAD("'<f4'", "False", "(1,)"), SAL_E_UNSUPPORTED, "version 4.0"},
        {"version 0", 0, HEAD("'<f4'", "False", "(1,)"), SAL_E_UNSUPPORTED, "version 0.0"},
        {"empty", 1, "", SAL_E_FORMAT, "no '{'"},
        {"no dict", 1, "('<f4', False, (1,))", SAL_E_FORMAT, "no '{'"},
        {"open", 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)", SAL_E_FORMAT,
         "',' or '}'"},
        {"no shape", 1, "{'descr': '<f4', 'fortran_order': False}", SAL_E_FORMAT, "or 'shape'"},
        {"shape twice", 1, "{'shape': (1,), 'shape': (1,), 'descr': '<f4'}", SAL_E_FORMAT,
         "new key"},
        {"unknown key", 1, "{'colour': 1}", SAL_E_FORMAT, "unknown key 'colour'"},
        {"key is no text", 1, "{1: 2}", SAL_E_FORMAT, "no key"},
        {"text is open", 1, "{'descr", SAL_E_FORMAT, "no key"},
        {"records", 1, HEAD("[('a', '<f4')]", "False", "(1,)"), SAL_E_UNSUPPORTED, "records"},
        {"complex", 1, HEAD("'<c8'", "False", "(1,)"), SAL_E_UNSUPPORTED, "'<c8'"},
        {"objects", 1, HEAD("'|O'", "False", "(1,)"), SAL_E_UNSUPPORTED, "'|O'"},
        {"texts", 1, HEAD("'<U3'", "False", "(1,)"), SAL_E_UNSUPPORTED, "'<U3'"},
        {"f4 and more", 1, HEAD("'<f44'", "False", "(1,)"), SAL_E_UNSUPPORTED, "'<f44'"},
        {"long descr", 1, HEAD("'<f4444444444444444444444444444444'", "False", "(1,)"),
         SAL_E_UNSUPPORTED, "'<f444"},
        {"empty descr", 1, HEAD("''", "False", "(1,)"), SAL_E_UNSUPPORTED, "''"},
        {"order", 1, HEAD("'<f4'", "0", "(1,)"), SAL_E_FORMAT, "True or False"},
        {"list", 1, HEAD("'<f4'", "False", "[1]"), SAL_E_FORMAT, "'('"},
        {"negative", 1, HEAD("'<f4'", "False", "(-1,)"), SAL_E_FORMAT, "size"},
        {"nested", 1, HEAD("'<f4'", "False", "((1,),)"), SAL_E_FORMAT, "size"},
        {"no comma", 1, HEAD("'<f4'", "False", "(1 1)"), SAL_E_FORMAT, "')'"},
        {"too long a number", 1, HEAD("'<f4'", "False", "(99999999999999999999,)"), SAL_E_FORMAT,
         "size"},
        {"rank 0", 1, HEAD("'<f4'", "False", "()"), SAL_E_FORMAT, "single number"},
        {"rank 9", 1, HEAD("'<f4'", "False", "(1,1,1,1,1,1,1,1,1)"), SAL_E_FORMAT,
         "more than 8 dimensions"},
        {"dimension 0", 1, HEAD("'<f4'", "False", "(3, 0)"), SAL_E_FORMAT, "dimension 1 is 0"},
        {"dimension 0 of a huge one", 1, HEAD("'<f4'", "False", "(4611686018427387904, 0)"),
         SAL_E_FORMAT, "dimension 1 is 0"},
        {"product wraps to 0", 1, HEAD("'<f8'", "False", "(4294967296, 4294967296)"), SAL_E_NOMEM,
         "more than 2147483648 bytes"},
        {"product wraps to 4", 1, HEAD("'<f4'", "False", "(4611686018427387905,)"), SAL_E_NOMEM,
         "more than 2147483648 bytes"},
        {"not there", 1, HEAD("'<f4'", "False", "(500000000,)"), SAL_E_FORMAT,
         "4 bytes of values, wanted 2000000000"},
        {"too many", 1, HEAD("'|u1'", "False", "(3,)"), SAL_E_FORMAT, "left over after the 3"},
        {"rest", 1, HEAD("'<f4'", "False", "(1,)") "x", SAL_E_FORMAT, "no end"},
    };
    const scratch *s = *state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        write_npy(s->file, cases[c].version, cases[c].text, "\0\0\0\0", 4);
        expect_error(cases[c].name, s->file, false, cases[c].want, cases[c].part);
    }
    write_bytes(s->file, BYTES("hello, world"));
    expect_error("text", s->file, false, SAL_E_FORMAT, "starts with 68 65");
    write_bytes(s->file, BYTES("\x93NUMPY\2\0\0\0\1\0{"));
    expect_error("header of 65,536", s->file, false, SAL_E_FORMAT, "at most 65535");
    write_bytes(s->file, BYTES("\x93NUMPY\1\0\4\0{\0 }"));
    expect_error("0 byte", s->file, false, SAL_E_FORMAT, "0 byte");
    expect_error("folder", s->folder, false, SAL_E_IO, "Is a directory");
}

static void refuses_what_are_no_labels(void **state)
{
    const scratch *s = *state;
    write_npy(s->file, 1, HEAD("'<f4'", "False", "(1,)"), "\0\0\0\0", 4);
    expect_error("floats", s->file, true, SAL_E_FORMAT, "float32, wanted whole numbers");
    write_npy(s->file, 1, HEAD("'|b1'", "False", "(4,)"), "\0\0\0\0", 4);
    expect_error("bool", s->file, true, SAL_E_FORMAT, "bool, wanted whole numbers");
    write_npy(s->file, 1, HEAD("'|u1'", "False", "(2,2)"), "\0\0\0\0", 4);
    expect_error("rank 2", s->file, true, SAL_E_FORMAT, "2 dimensions, wanted 1 for labels");
    write_npy(s->file, 1, HEAD("'<u8'", "False", "(1,)"), "\0\0\0\0\0\0\0\x80", 8);
    expect_error("2^63", s->file, true, SAL_E_VALUE, "label 0");
}

static void keeps_what_is_no_number(void **state)
{
    const scratch *s = *state;
    sal_tensor *t = NULL;
    write_npy(s->file, 1, HEAD("'<f2'", "False", "(4,)"), "\0\x7c\0\xfe\1\0\xff\x7b", 8);
    assert_int_equal(sal_npy_read_tensor(NULL, s->file, NULL, &t, NULL), SAL_OK);
    const float *v = sal_tensor_get_data(t);
    assert_true(isinf(v[0]) && isnan(v[1]));
    assert_near("least half", (double)v[2], ldexp(1, -24), 0);
    assert_near("largest half", (double)v[3], 65504, 0);
    sal_tensor_free(t);
    write_npy(s->file, 1, HEAD("'<f8'", "False", "(1,)"), "\0\0\0\0\0\0\xf0\x47", 8);
    expect_error("2^128", s->file, false, SAL_E_VALUE, "value 0 is beyond a float");
}

static void refuses_every_truncation(void **state)
{
    static const char *const files[] = {"float32", "fortran", "version2", "int64"};
    const scratch *s = *state;
    for (size_t c = 0; c < sizeof files / sizeof files[0]; c++) {
        char path[512], name[64];
        size_t n;
        snprintf(path, sizeof path, GOLDEN "%s.npy", files[c]);
        unsigned char *whole = read_bytes(path, &n);
        write_bytes(s->file, whole, n);
        for (size_t cut = n; cut-- > 0;) {
            snprintf(name, sizeof name, "%s cut to %zu", files[c], cut);
            cut_bytes(s->file, cut);
            expect_error(name, s->file, false, SAL_E_FORMAT, "");
        }
        free(whole);
    }
}

static void writes_what_it_reads(void **state)
{
    const scratch *s = *state;
    for (size_t rank = 1; rank <= SAL_MAX_RANK; rank++) {
        int64_t dims[SAL_MAX_RANK] = {3, 1, 2, 1, 2, 1, 2, 1};
        sal_tensor *t = NULL, *back = NULL;
        sal_error err = {0};
        if (rank == 1) dims[0] = 10000; /* more than one piece */
        assert_int_equal(sal_tensor_create(NULL, rank, dims, &t, NULL), SAL_OK);
        for (size_t i = 0; i < sal_tensor_count(t); i++)
            sal_tensor_data(t)[i] = i == 1 ? -INFINITY : 1.0f / (float)(i + 1);
        if (sal_npy_write_tensor(t, s->file, &err) != SAL_OK) fail_msg("%s", err.text);
        if (sal_npy_read_tensor(NULL, s->file, NULL, &back, &err) != SAL_OK)
            fail_msg("rank %zu: %s", rank, err.text);
        assert_int_equal(sal_tensor_rank(back), rank);
        for (size_t i = 0; i < rank; i++) assert_int_equal(sal_tensor_dim(back, i), dims[i]);
        assert_memory_equal(sal_tensor_get_data(back), sal_tensor_get_data(t),
                            sal_tensor_count(t) * sizeof(float));
        sal_tensor_free(t);
        sal_tensor_free(back);
    }
}

/* numpy's own file, byte for byte. */
static void writes_as_numpy_does(void **state)
{
    const scratch *s = *state;
    sal_tensor *t = NULL;
    size_t ours, theirs;
    assert_int_equal(sal_npy_read_tensor(NULL, GOLDEN "float32.npy", NULL, &t, NULL), SAL_OK);
    assert_int_equal(sal_npy_write_tensor(t, s->file, NULL), SAL_OK);
    unsigned char *a = read_bytes(s->file, &ours), *b = read_bytes(GOLDEN "float32.npy", &theirs);
    assert_int_equal(ours, theirs);
    assert_memory_equal(a, b, ours);
    free(a);
    free(b);
    sal_tensor_free(t);
}

static void survives_lack_of_memory(void **state)
{
    const scratch *s = *state;
    write_npy(s->file, 1, HEAD("'|u1'", "False", "(4,)"), "\0\1\2\3", 4);
    for (int labels = 0; labels < 2; labels++) {
        sal_status st = SAL_E_NOMEM;
        for (size_t n = 0; st != SAL_OK; n++) {
            short_memory m = {.after = n};
            sal_env env = short_memory_env(&m);
            sal_tensor *t = NULL;
            sal_labels *l = NULL;
            st = labels ? sal_npy_read_labels(&env, s->file, &l, NULL)
                        : sal_npy_read_tensor(&env, s->file, NULL, &t, NULL);
            if (st != SAL_OK && st != SAL_E_NOMEM) fail_msg("labels %d: status %d", labels, st);
            sal_tensor_free(t);
            sal_labels_free(l);
            if (m.alive) fail_msg("labels %d: %zu blocks leaked at %zu", labels, m.alive, n);
            if (n > 8) fail_msg("labels %d: still no memory with %zu blocks", labels, n);
        }
    }
}

static void a_lying_header_takes_no_memory(void **state)
{
    const scratch *s = *state;
    short_memory m = {.after = SIZE_MAX};
    sal_env env = short_memory_env(&m);
    sal_tensor *t = NULL;
    write_npy(s->file, 1, HEAD("'<f4'", "False", "(500000000,)"), "\0\0\0\0", 4);
    assert_int_equal(sal_npy_read_tensor(&env, s->file, NULL, &t, NULL), SAL_E_FORMAT);
    assert_int_equal(m.alive, 0);
    assert_in_range(m.largest, 1, 1 << 17);
}

static void refuses_bad_arguments(void **state)
{
    (void)state;
    sal_tensor *t = NULL;
    sal_labels *l = NULL;
    assert_int_equal(sal_npy_read_tensor(NULL, NULL, NULL, &t, NULL), SAL_E_ARG);
    assert_int_equal(sal_npy_read_tensor(NULL, "x", NULL, NULL, NULL), SAL_E_ARG);
    assert_int_equal(sal_npy_read_labels(NULL, NULL, &l, NULL), SAL_E_ARG);
    assert_int_equal(sal_npy_read_labels(NULL, "x", NULL, NULL), SAL_E_ARG);
    assert_int_equal(sal_npy_write_tensor(NULL, "x", NULL), SAL_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_type_of_numpy),
        cmocka_unit_test(turns_fortran_order),
        cmocka_unit_test(reads_labels),
        cmocka_unit_test(refuses_bad_headers),
        cmocka_unit_test(refuses_what_are_no_labels),
        cmocka_unit_test(keeps_what_is_no_number),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(writes_as_numpy_does),
        cmocka_unit_test(survives_lack_of_memory),
        cmocka_unit_test(a_lying_header_takes_no_memory),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return !!cmocka_run_group_tests(tests, make_scratch, drop_scratch);
}
