/* io/npy_head.c - the header of a .npy file: {'descr': '<f4', 'fortran_order': False,
 * 'shape': (3, 4), }. The three keys in any order, each once; nothing is nested. */
#include "io/npy.h"

#include <stdio.h>
#include <string.h>

enum { MAGIC = 8, MOST_HEADER = 65535, WORD = 24 };

static const sal_number_type types[] = {
    {'f', 2, "float16"}, {'f', 4, "float32"}, {'f', 8, "float64"}, {'i', 1, "int8"},
    {'i', 2, "int16"},   {'i', 4, "int32"},   {'i', 8, "int64"},   {'u', 1, "uint8"},
    {'u', 2, "uint16"},  {'u', 4, "uint32"},  {'u', 8, "uint64"},  {'b', 1, "bool"}};

typedef struct reader {
    const char *at, *name;
    sal_npy_head *head;
    unsigned seen; /* bit per key */
    sal_error *err;
} reader;

static sal_status bad(const reader *r, const char *what)
{
    return sal_fail_(r->err, SAL_E_FORMAT, "%s: its .npy header has no %s where one is wanted",
                     r->name, what);
}

static void spaces(reader *r)
{
    r->at += strspn(r->at, " \t\n");
}

static bool take(reader *r, char c)
{
    spaces(r);
    if (*r->at != c) return false;
    r->at++;
    return true;
}

/* 'text' or "text", without escapes, into word. */
static bool take_text(reader *r, char word[WORD])
{
    spaces(r);
    char quote = *r->at;
    if (quote != '\'' && quote != '"') return false;
    const char *end = strchr(r->at + 1, quote);
    if (!end) return false;
    snprintf(word, WORD, "%.*s", (int)(end - r->at - 1 < WORD ? end - r->at - 1 : WORD), r->at + 1);
    r->at = end + 1;
    return true;
}

static sal_status read_descr(reader *r)
{
    char word[WORD];
    if (take(r, '['))
        return sal_fail_(r->err, SAL_E_UNSUPPORTED,
                         "%s: an array of records, wanted one of plain numbers", r->name);
    if (!take_text(r, word)) return bad(r, "text for 'descr'");
    const char *type = word + (word[0] && strchr("<>|=", word[0]) != NULL);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (type[0] == types[i].kind && type[1] == (char)('0' + types[i].width) && !type[2])
            r->head->type = &types[i];
    if (!r->head->type)
        return sal_fail_(r->err, SAL_E_UNSUPPORTED,
                         "%s: values of type '%s', wanted float, integer or bool", r->name, word);
    r->head->big_endian = word[0] == '>';
    return SAL_OK;
}

static sal_status read_order(reader *r)
{
    spaces(r);
    if (!strncmp(r->at, "False", 5)) {
        r->at += 5;
        return SAL_OK;
    }
    if (strncmp(r->at, "True", 4) != 0) return bad(r, "True or False for 'fortran_order'");
    r->at += 4;
    r->head->fortran = true;
    return SAL_OK;
}

static bool take_size(reader *r, int64_t *size)
{
    spaces(r);
    const char *start = r->at;
    for (*size = 0; *r->at >= '0' && *r->at <= '9'; r->at++) {
        if (*size > (INT64_MAX - 9) / 10) return false;
        *size = 10 * *size + (*r->at - '0');
    }
    if (r->at > start && *r->at == 'L') r->at++; /* as Python 2 wrote it */
    return r->at > start;
}

static sal_status read_shape(reader *r)
{
    sal_npy_head *h = r->head;
    if (!take(r, '(')) return bad(r, "'(' for 'shape'");
    while (!take(r, ')')) {
        int64_t size;
        if (!take_size(r, &size)) return bad(r, "size for 'shape'");
        if (h->rank == SAL_MAX_RANK)
            return sal_fail_(r->err, SAL_E_FORMAT, "%s: more than %d dimensions", r->name,
                             SAL_MAX_RANK);
        h->dims[h->rank++] = size;
        if (!take(r, ',') && *r->at != ')') return bad(r, "')' for 'shape'");
    }
    return SAL_OK;
}

static sal_status read_entry(reader *r)
{
    static const struct {
        const char *key;
        sal_status (*read)(reader *r);
    } entries[] = {{"descr", read_descr}, {"fortran_order", read_order}, {"shape", read_shape}};
    char word[WORD];
    if (!take_text(r, word)) return bad(r, "key");
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        if (strcmp(entries[i].key, word) != 0) continue;
        if (r->seen & 1u << i) return bad(r, "new key");
        r->seen |= 1u << i;
        return take(r, ':') ? entries[i].read(r) : bad(r, "':'");
    }
    return sal_fail_(r->err, SAL_E_FORMAT, "%s: its .npy header has the unknown key '%s'", r->name,
                     word);
}

static sal_status parse(const char *name, const char *text, size_t size, sal_npy_head *out,
                        sal_error *err)
{
    reader r = {.at = text, .name = name, .head = out, .err = err};
    if (strlen(text) != size) return bad(&r, "text (a 0 byte stands there)");
    if (!take(&r, '{')) return bad(&r, "'{'");
    while (!take(&r, '}')) {
        sal_status st = read_entry(&r);
        if (st != SAL_OK) return st;
        if (!take(&r, ',') && *r.at != '}') return bad(&r, "',' or '}'");
    }
    spaces(&r);
    if (*r.at) return bad(&r, "end");
    if (r.seen != 7) return bad(&r, "'descr', 'fortran_order' or 'shape'");
    return SAL_OK;
}

static sal_status header_size(sal_source *s, size_t *size, sal_error *err)
{
    unsigned char magic[MAGIC], length[4] = {0};
    sal_status st = sal_source_need_(s, ".npy header", magic, sizeof magic, err);
    if (st != SAL_OK) return st;
    if (memcmp(magic, "\x93NUMPY", 6) != 0)
        return sal_fail_(err, SAL_E_FORMAT,
                         "%s: no .npy file: starts with %02x %02x, wanted 93 'NUMPY'", s->name,
                         (unsigned)magic[0], (unsigned)magic[1]);
    if (magic[6] < 1 || magic[6] > 3 || magic[7])
        return sal_fail_(err, SAL_E_UNSUPPORTED, "%s: .npy version %u.%u, wanted 1.0, 2.0 or 3.0",
                         s->name, (unsigned)magic[6], (unsigned)magic[7]);
    st = sal_source_need_(s, ".npy header", length, magic[6] == 1 ? 2 : 4, err);
    if (st != SAL_OK) return st;
    *size = (size_t)length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 |
            (size_t)length[3] << 24;
    if (*size > MOST_HEADER)
        return sal_fail_(err, SAL_E_FORMAT, "%s: a .npy header of %zu bytes, wanted at most %d",
                         s->name, *size, MOST_HEADER);
    return SAL_OK;
}

sal_status sal_npy_read_head_(sal_source *s, sal_npy_head *out, sal_error *err)
{
    size_t size = 0;
    sal_status st = header_size(s, &size, err);
    if (st != SAL_OK) return st;
    char *text = sal_alloc_zero_(s->env, size + 1, 1);
    if (!text) return sal_no_memory_(err, s->name);
    *out = (sal_npy_head){0};
    st = sal_source_need_(s, ".npy header", text, size, err);
    if (st == SAL_OK) st = parse(s->name, text, size, out, err);
    sal_free_(s->env, text);
    return st;
}

size_t sal_npy_make_head_(const char *descr, size_t rank, const int64_t *dims,
                          unsigned char out[SAL_NPY_HEAD])
{
    char text[SAL_NPY_HEAD];
    sal_text t = sal_text_into_(text, sizeof text);
    sal_text_add_(&t, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
    for (size_t i = 0; i < rank; i++)
        sal_text_add_(&t, "%s%lld", i ? ", " : "", (long long)dims[i]);
    sal_text_add_(&t, "%s), }", rank == 1 ? "," : "");
    size_t whole = (MAGIC + 2 + t.length + 1 + 63) / 64 * 64, size = whole - MAGIC - 2;
    memcpy(out, "\x93NUMPY\1\0", MAGIC);
    out[MAGIC] = (unsigned char)(size & 0xff);
    out[MAGIC + 1] = (unsigned char)(size >> 8);
    memset(out + MAGIC + 2, ' ', size);
    memcpy(out + MAGIC + 2, text, t.length);
    out[whole - 1] = '\n';
    return whole;
}
