/* tests/unit/io/test_idx.c - IDX files good and bad, and the digits in examples/mnist. */
#define _POSIX_C_SOURCE 200809L
#include "short_memory.h"
#include "support.h"

#include <salcheck/io.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

typedef struct folder {
    char path[64], file[96];
} folder;

/* Every header below; the strings hold zeros, so sizes go along. */
#define BYTES(text) text, sizeof text - 1

#define PICTURES_HEAD "\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x03"
#define PICTURES PICTURES_HEAD "\x00\x01\x7f\x80\xfe\xff\x0a\x14\x1e\x28\x32\x3c"
#define LABELS "\0\0\x08\x01\0\0\0\x04\x09\x00\xff\x03"

static int make_folder(void **state)
{
    folder *f = calloc(1, sizeof *f);
    if (!f) return 1;
    snprintf(f->path, sizeof f->path, "/tmp/salcheck-idx-XXXXXX");
    if (!mkdtemp(f->path)) return 1;
    snprintf(f->file, sizeof f->file, "%s/some.idx", f->path);
    *state = f;
    return 0;
}

static int drop_folder(void **state)
{
    folder *f = *state;
    unlink(f->file);
    rmdir(f->path);
    free(f);
    return 0;
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static void write_gzip(const char *path, const void *bytes, size_t size)
{
    gzFile f = gzopen(path, "wb9");
    assert_non_null(f);
    assert_int_equal(gzwrite(f, bytes, (unsigned)size), (int)size);
    assert_int_equal(gzclose(f), Z_OK);
}

static size_t read_file(const char *path, unsigned char *bytes, size_t room)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(bytes, 1, room, f);
    fclose(f);
    return n;
}

static void check_pictures(const char *name, const char *path)
{
    static const unsigned char bytes[] = {0, 1, 127, 128, 254, 255, 10, 20, 30, 40, 50, 60};
    static const int64_t dims[] = {2, 1, 2, 3};
    sal_tensor *t = NULL;
    sal_error err = {0};
    sal_status st = sal_idx_read_images(NULL, path, 0, &t, &err);
    if (st != SAL_OK) fail_msg("%s: %s", name, err.text);
    if (sal_tensor_rank(t) != 4) fail_msg("%s: rank %zu", name, sal_tensor_rank(t));
    for (size_t i = 0; i < 4; i++)
        if (sal_tensor_dim(t, i) != dims[i]) fail_msg("%s: dimension %zu", name, i);
    for (size_t i = 0; i < sizeof bytes; i++)
        if (sal_tensor_get_data(t)[i] != (float)bytes[i] / 255.0f)
            fail_msg("%s: pixel %zu is %.9g", name, i, (double)sal_tensor_get_data(t)[i]);
    sal_tensor_free(t);
}

static void reads_plain_and_gzipped(void **state)
{
    const folder *f = *state;
    write_file(f->file, BYTES(PICTURES));
    check_pictures("plain", f->file);
    write_gzip(f->file, BYTES(PICTURES));
    check_pictures("gzip", f->file);
}

static void white_sets_the_unit(void **state)
{
    const folder *f = *state;
    sal_tensor *t = NULL;
    write_file(f->file, BYTES(PICTURES));
    assert_int_equal(sal_idx_read_images(NULL, f->file, 255, &t, NULL), SAL_OK);
    const float *pixel = sal_tensor_get_data(t);
    assert_near("255", (double)pixel[5], 255, 0);
    assert_near("60", (double)pixel[11], 60, 0);
    sal_tensor_free(t);
}

static void reads_every_type(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t size;
        double want[2];
        bool whole;
    } cases[] = {
        {"u8", BYTES("\0\0\x08\x01\0\0\0\x02\x80\x7f"), {128, 127}, true},
        {"i8", BYTES("\0\0\x09\x01\0\0\0\x02\x80\x7f"), {-128, 127}, true},
        {"i16", BYTES("\0\0\x0b\x01\0\0\0\x02\xff\xfe\x01\x00"), {-2, 256}, true},
        {"i32", BYTES("\0\0\x0c\x01\0\0\0\x02\x80\0\0\0\0\x01\0\0"), {-2147483648.0, 65536}, true},
        {"f32", BYTES("\0\0\x0d\x01\0\0\0\x02\xc0\x20\0\0\x3f\x80\0\0"), {-2.5, 1}, false},
        {"f64",
         BYTES("\0\0\x0e\x01\0\0\0\x02\xc0\x04\0\0\0\0\0\0\x3f\xf0\0\0\0\0\0\0"),
         {-2.5, 1},
         false},
    };
    const folder *f = *state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        sal_tensor *t = NULL;
        sal_labels *l = NULL;
        sal_error err = {0};
        write_file(f->file, cases[c].bytes, cases[c].size);
        if (sal_idx_read_tensor(NULL, f->file, &t, &err) != SAL_OK)
            fail_msg("%s: %s", cases[c].name, err.text);
        for (size_t i = 0; i < 2; i++)
            assert_near(cases[c].name, (double)sal_tensor_get_data(t)[i], cases[c].want[i], 0);
        sal_tensor_free(t);
        sal_status st = sal_idx_read_labels(NULL, f->file, &l, &err);
        if (st != (cases[c].whole ? SAL_OK : SAL_E_FORMAT))
            fail_msg("%s as labels: status %d", cases[c].name, st);
        for (size_t i = 0; l && i < 2; i++)
            assert_near(cases[c].name, (double)l->values[i], cases[c].want[i], 0);
        sal_labels_free(l);
    }
}

static void reads_rank_8(void **state)
{
    const folder *f = *state;
    sal_tensor *t = NULL;
    write_file(f->file, BYTES("\0\0\x08\x08\0\0\0\1\0\0\0\2\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1"
                              "\0\0\0\1\5\6"));
    assert_int_equal(sal_idx_read_tensor(NULL, f->file, &t, NULL), SAL_OK);
    assert_int_equal(sal_tensor_rank(t), 8);
    assert_int_equal(sal_tensor_dim(t, 1), 2);
    sal_tensor_free(t);
}

/* More than one piece of reading and many doublings of the block. */
static void reads_a_large_file_back(void **state)
{
    const folder *f = *state;
    enum { SIDE = 1500 };
    const size_t n = (size_t)SIDE * SIDE;
    unsigned char *bytes = calloc(16 + n, 1);
    memcpy(bytes, "\0\0\x08\x03\0\0\0\1\0\0\x05\xdc\0\0\x05\xdc", 16);
    for (size_t i = 0; i < n; i++) bytes[16 + i] = (unsigned char)(i * 2654435761u >> 13);
    for (int packed = 0; packed < 2; packed++) {
        sal_tensor *t = NULL;
        (packed ? write_gzip : write_file)(f->file, bytes, 16 + n);
        assert_int_equal(sal_idx_read_images(NULL, f->file, 255, &t, NULL), SAL_OK);
        assert_int_equal(sal_tensor_count(t), n);
        for (size_t i = 0; i < n; i++)
            if (sal_tensor_get_data(t)[i] != (float)bytes[16 + i])
                fail_msg("packed %d: value %zu differs", packed, i);
        sal_tensor_free(t);
    }
    free(bytes);
}

enum reader { IMAGES, LABEL_FILE, TENSOR };

/* Expects an error that names the file and leaves the output alone. */
static void expect_error(const char *name, enum reader reader, const char *path, sal_status want,
                         const char *part)
{
    sal_tensor *t = NULL;
    sal_labels *l = NULL;
    sal_error err = {0};
    sal_status st = reader == IMAGES       ? sal_idx_read_images(NULL, path, 1, &t, &err)
                    : reader == LABEL_FILE ? sal_idx_read_labels(NULL, path, &l, &err)
                                           : sal_idx_read_tensor(NULL, path, &t, &err);
    if (st != want || err.status != want)
        fail_msg("%s: status %d, wanted %d (%s)", name, st, want, err.text);
    if (t || l) fail_msg("%s: gave something out in spite of the error", name);
    if (!strstr(err.text, path))
        fail_msg("%s: the text does not name the file: %s", name, err.text);
    if (!strstr(err.text, part)) fail_msg("%s: the text lacks '%s': %s", name, part, err.text);
}

static void refuses_bad_files(void **state)
{
    static const struct {
        const char *name;
        enum reader reader;
        const char *bytes;
        size_t size;
        sal_status want;
        const char *part;
    } cases[] = {
        {"empty", TENSOR, BYTES(""), SAL_E_FORMAT, "0 bytes of IDX header, wanted 4"},
        {"text", TENSOR, BYTES("hello, world"), SAL_E_FORMAT, "starts with 68 65, wanted 00 00"},
        {"png", IMAGES, BYTES("\x89PNG\r\n\x1a\n"), SAL_E_FORMAT, "starts with 89 50"},
        {"type", TENSOR, BYTES("\0\0\x0a\x01\0\0\0\1\0"), SAL_E_FORMAT, "IDX type 0a"},
        {"rank 0", TENSOR, BYTES("\0\0\x08\0\1"), SAL_E_FORMAT, "rank 0, wanted 1 to 8"},
        {"rank 9", TENSOR, BYTES("\0\0\x08\x09"), SAL_E_FORMAT, "rank 9, wanted 1 to 8"},
        {"sizes cut", TENSOR, BYTES("\0\0\x08\x02\0\0\0\1\0"), SAL_E_FORMAT,
         "5 bytes of IDX sizes, wanted 8"},
        {"dimension 0", IMAGES, BYTES("\0\0\x08\x03\0\0\0\1\0\0\0\0\0\0\0\1"), SAL_E_FORMAT,
         "dimension 1 is 0"},
        {"values cut", IMAGES, BYTES(PICTURES_HEAD "abc"), SAL_E_FORMAT,
         "3 bytes of values, wanted 12"},
        {"left over", IMAGES, BYTES(PICTURES "x"), SAL_E_FORMAT, "left over after the 12"},
        {"below the bound, not there", TENSOR, BYTES("\0\0\x08\x01\x3f\xff\xff\xff\1\2"),
         SAL_E_FORMAT, "2 bytes of values, wanted 1073741823"},
        {"above the bound", TENSOR, BYTES("\0\0\x08\x01\x40\0\0\1\1\2"), SAL_E_NOMEM,
         "more than 1073741824 bytes"},
        {"product wraps to 0", TENSOR, BYTES("\0\0\x0e\x03\x80\0\0\0\x80\0\0\0\x40\0\0\0"),
         SAL_E_NOMEM, "more than 1073741824"},
        {"product wraps to 1 M", IMAGES,
         BYTES("\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), SAL_E_NOMEM,
         "more than 1073741824"},
        {"labels as pictures", IMAGES, BYTES(LABELS), SAL_E_FORMAT,
         "rank 1, wanted 3 for pictures"},
        {"pictures as labels", LABEL_FILE, BYTES(PICTURES), SAL_E_FORMAT,
         "rank 3, wanted 1 for labels"},
        {"pictures of floats", IMAGES, BYTES("\0\0\x0d\x03\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\0"),
         SAL_E_FORMAT, "floats, wanted unsigned bytes for pictures"},
        {"labels of doubles", LABEL_FILE, BYTES("\0\0\x0e\x01\0\0\0\1\0\0\0\0\0\0\0\0"),
         SAL_E_FORMAT, "doubles, wanted whole numbers for labels"},
        {"not a number", TENSOR, BYTES("\0\0\x0d\x01\0\0\0\2\0\0\0\0\x7f\xc0\0\0"), SAL_E_VALUE,
         "value 1 is not finite"},
        {"beyond a float", TENSOR, BYTES("\0\0\x0e\x01\0\0\0\1\x7f\xef\0\0\0\0\0\0"), SAL_E_VALUE,
         "value 0 is not finite or beyond a float"},
    };
    const folder *f = *state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++)
        for (int packed = 0; packed < 2; packed++) {
            if (packed && cases[c].size == 0) continue; /* an empty gzip file reads as empty */
            (packed ? write_gzip : write_file)(f->file, cases[c].bytes, cases[c].size);
            expect_error(cases[c].name, cases[c].reader, f->file, cases[c].want, cases[c].part);
        }
}

/* No prefix of a good file is a good file, plain or packed. */
static void refuses_every_truncation(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t size;
        enum reader reader;
    } files[] = {{"pictures", BYTES(PICTURES), IMAGES}, {"labels", BYTES(LABELS), LABEL_FILE}};
    const folder *f = *state;
    for (size_t c = 0; c < 2; c++)
        for (int packed = 0; packed < 2; packed++) {
            unsigned char whole[256];
            (packed ? write_gzip : write_file)(f->file, files[c].bytes, files[c].size);
            size_t n = read_file(f->file, whole, sizeof whole);
            for (size_t cut = 0; cut < n; cut++) {
                char name[64];
                snprintf(name, sizeof name, "%s%s cut to %zu", packed ? "packed " : "",
                         files[c].name, cut);
                write_file(f->file, whole, cut);
                expect_error(name, files[c].reader, f->file, SAL_E_FORMAT, "");
            }
        }
}

/* Any changed byte of the packed data or of its checksum is noticed. */
static void refuses_damaged_gzip(void **state)
{
    const folder *f = *state;
    unsigned char whole[256];
    write_gzip(f->file, BYTES(PICTURES));
    size_t n = read_file(f->file, whole, sizeof whole);
    for (size_t i = 10; i < n - 4; i++) { /* after the gzip header, before the length */
        char name[32];
        snprintf(name, sizeof name, "byte %zu", i);
        whole[i] ^= 0x10;
        write_file(f->file, whole, n);
        whole[i] ^= 0x10;
        expect_error(name, IMAGES, f->file, SAL_E_FORMAT, "");
    }
}

static void refuses_what_is_no_file(void **state)
{
    const folder *f = *state;
    char path[128];
    snprintf(path, sizeof path, "%s/absent.idx", f->path);
    expect_error("missing", IMAGES, path, SAL_E_IO, "No such file");
    expect_error("folder", LABEL_FILE, f->path, SAL_E_IO, "Is a directory");
}

static void refuses_bad_arguments(void **state)
{
    (void)state;
    sal_tensor *t = NULL;
    sal_labels *l = NULL;
    sal_error err = {0};
    const float infinite = strtof("inf", NULL);
    assert_int_equal(sal_idx_read_images(NULL, NULL, 1, &t, &err), SAL_E_ARG);
    assert_int_equal(sal_idx_read_images(NULL, "x", 1, NULL, &err), SAL_E_ARG);
    assert_int_equal(sal_idx_read_images(NULL, "x", infinite, &t, &err), SAL_E_ARG);
    assert_int_equal(sal_idx_read_labels(NULL, NULL, &l, &err), SAL_E_ARG);
    assert_int_equal(sal_idx_read_labels(NULL, "x", NULL, &err), SAL_E_ARG);
    assert_int_equal(sal_idx_read_tensor(NULL, NULL, &t, NULL), SAL_E_ARG);
    assert_int_equal(sal_idx_read_tensor(NULL, "x", NULL, NULL), SAL_E_ARG);
    sal_labels_free(NULL);
}

static void survives_lack_of_memory(void **state)
{
    const folder *f = *state;
    for (int reader = IMAGES; reader <= TENSOR; reader++) {
        sal_status st = SAL_E_NOMEM;
        write_file(f->file, reader == LABEL_FILE ? LABELS : PICTURES,
                   reader == LABEL_FILE ? sizeof LABELS - 1 : sizeof PICTURES - 1);
        for (size_t n = 0; st != SAL_OK; n++) {
            short_memory m = {.after = n};
            sal_env env = short_memory_env(&m);
            sal_tensor *t = NULL;
            sal_labels *l = NULL;
            st = reader == IMAGES       ? sal_idx_read_images(&env, f->file, 1, &t, NULL)
                 : reader == LABEL_FILE ? sal_idx_read_labels(&env, f->file, &l, NULL)
                                        : sal_idx_read_tensor(&env, f->file, &t, NULL);
            if (st != SAL_OK && st != SAL_E_NOMEM) fail_msg("reader %d: status %d", reader, st);
            if (n > 8) fail_msg("reader %d: still no memory with %zu blocks", reader, n);
            sal_tensor_free(t);
            sal_labels_free(l);
            if (m.alive) fail_msg("reader %d: %zu blocks leaked at %zu", reader, m.alive, n);
        }
    }
}

/* 1 GiB stated, 2 bytes there: nothing near 1 GiB is ever asked for. */
static void a_lying_header_takes_no_memory(void **state)
{
    const folder *f = *state;
    short_memory m = {.after = SIZE_MAX};
    sal_env env = short_memory_env(&m);
    sal_tensor *t = NULL;
    write_file(f->file, BYTES("\0\0\x08\x01\x3f\xff\xff\xff\1\2"));
    assert_int_equal(sal_idx_read_tensor(&env, f->file, &t, NULL), SAL_E_FORMAT);
    assert_int_equal(m.alive, 0);
    assert_in_range(m.largest, 1, 1 << 17);
}

static void the_embedded_digits_are_balanced(void **state)
{
    static const struct {
        const char *images, *labels;
        size_t per_class;
        double sum; /* of all pixel bytes: notices any change of content */
    } sets[] = {
        {"train-images-2000-idx3-ubyte.gz", "train-labels-2000-idx1-ubyte.gz", 200, 52668175},
        {"test-images-500-idx3-ubyte.gz", "test-labels-500-idx1-ubyte.gz", 50, 12335785},
    };
    static const int64_t first[] = {5, 7};
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        char path[512];
        size_t per_class[10] = {0}, n = 10 * sets[s].per_class;
        sal_tensor *t = NULL;
        sal_labels *l = NULL;
        sal_error err = {0};
        snprintf(path, sizeof path, SAL_SOURCE_DIR "/examples/mnist/%s", sets[s].images);
        if (sal_idx_read_images(NULL, path, 255, &t, &err) != SAL_OK) fail_msg("%s", err.text);
        snprintf(path, sizeof path, SAL_SOURCE_DIR "/examples/mnist/%s", sets[s].labels);
        if (sal_idx_read_labels(NULL, path, &l, &err) != SAL_OK) fail_msg("%s", err.text);
        assert_int_equal(l->count, n);
        assert_int_equal(sal_tensor_dim(t, 0), n);
        assert_int_equal(sal_tensor_dim(t, 1), 1);
        assert_int_equal(sal_tensor_dim(t, 2), 28);
        assert_int_equal(sal_tensor_dim(t, 3), 28);
        for (size_t i = 0; i < n; i++) {
            assert_in_range(l->values[i], 0, 9);
            per_class[l->values[i]]++;
        }
        for (size_t k = 0; k < 10; k++)
            if (per_class[k] != sets[s].per_class)
                fail_msg("%s: %zu of class %zu", path, per_class[k], k);
        assert_int_equal(l->values[0], first[s]);
        double sum = 0;
        for (size_t i = 0; i < sal_tensor_count(t); i++) sum += (double)sal_tensor_get_data(t)[i];
        assert_near(sets[s].images, sum, sets[s].sum, 0);
        sal_labels_free(l);
        sal_tensor_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_plain_and_gzipped),
        cmocka_unit_test(white_sets_the_unit),
        cmocka_unit_test(reads_every_type),
        cmocka_unit_test(reads_rank_8),
        cmocka_unit_test(reads_a_large_file_back),
        cmocka_unit_test(refuses_bad_files),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_damaged_gzip),
        cmocka_unit_test(refuses_what_is_no_file),
        cmocka_unit_test(refuses_bad_arguments),
        cmocka_unit_test(survives_lack_of_memory),
        cmocka_unit_test(a_lying_header_takes_no_memory),
        cmocka_unit_test(the_embedded_digits_are_balanced),
    };
    return !!cmocka_run_group_tests(tests, make_folder, drop_folder);
}
