/* io/blocks.c - blocks of layers: lines of NAME=PATTERN,PATTERN..., '#' starts a comment at the start
 * of a line or behind a blank. A line may hold several blocks: what has a '=' starts one. */
#include "io/source.h"
#include "io/texts.h"

#include <string.h>

enum { MOST_BYTES = 1 << 20, MOST_LINE = 1 << 16, MOST_NAME = 63, SHOWN = 40 };

typedef struct reader {
    const char *name; /* of the file; NULL: a text */
    size_t line;
    sal_texts *out;
    char *at; /* where the block being read ends: its text moves to the front of the line */
    char *block;
    size_t name_bytes;
    sal_error *err;
} reader;

/* "FILE, line 3: ..." */
static const char *where(const reader *r, char text[SAL_ERROR_TEXT])
{
    sal_text t = sal_text_into_(text, SAL_ERROR_TEXT);
    if (r->name) sal_text_add_(&t, "%s, line %zu", r->name, r->line);
    if (!r->name) sal_text_add_(&t, "blocks");
    return text;
}
#define WHERE(r) where((r), (char[SAL_ERROR_TEXT]){0})

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void trim(const char **at, size_t *n)
{
    while (*n && is_blank(**at)) {
        ++*at;
        --*n;
    }
    while (*n && is_blank((*at)[*n - 1])) --*n;
}

static sal_status end_block(reader *r)
{
    if (!r->block) return SAL_OK;
    sal_status st = sal_texts_add_(r->out, r->block, (size_t)(r->at - r->block), r->err);
    r->block = NULL;
    return st;
}

static int shown(size_t n)
{
    return n < SHOWN ? (int)n : SHOWN;
}

static void put(reader *r, const char *text, size_t n)
{
    memmove(r->at, text, n);
    r->at += n;
}

static sal_status start_block(reader *r, const char *name, size_t n)
{
    sal_status st = end_block(r);
    if (st != SAL_OK) return st;
    trim(&name, &n);
    if (!n) return sal_fail_(r->err, SAL_E_FORMAT, "%s: a block without a name", WHERE(r));
    if (n > MOST_NAME)
        return sal_fail_(r->err, SAL_E_FORMAT,
                         "%s: block '%.*s...': a name of %zu bytes, at most %d", WHERE(r), SHOWN,
                         name, n, MOST_NAME);
    r->block = r->at;
    r->name_bytes = n;
    put(r, name, n);
    return SAL_OK;
}

/* What stands between two commas: "NAME=PATTERN" or "PATTERN". */
static sal_status read_piece(reader *r, const char *piece, size_t n)
{
    const char *equals = memchr(piece, '=', n);
    char link = ',';
    if (equals) {
        size_t before = (size_t)(equals - piece);
        sal_status st = start_block(r, piece, before);
        if (st != SAL_OK) return st;
        link = '=';
        piece += before + 1;
        n -= before + 1;
    }
    trim(&piece, &n);
    if (!r->block)
        return sal_fail_(r->err, SAL_E_FORMAT, "%s: '%.*s', wanted NAME=PATTERN,...", WHERE(r),
                         shown(n), piece);
    if (!n)
        return sal_fail_(r->err, SAL_E_FORMAT, "%s: block '%.*s' has an empty pattern", WHERE(r),
                         shown(r->name_bytes), r->block);
    put(r, &link, 1);
    put(r, piece, n);
    return SAL_OK;
}

/* A line without its end; its bytes may be written over. */
static sal_status read_line(reader *r, char *line, size_t n)
{
    if (n > MOST_LINE)
        return sal_fail_(r->err, SAL_E_FORMAT, "%s: %zu bytes, at most %d", WHERE(r), n, MOST_LINE);
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)line[i] < ' ' && !is_blank(line[i])) || line[i] == 127)
            return sal_fail_(r->err, SAL_E_FORMAT, "%s: byte 0x%02x, wanted a text", WHERE(r),
                             (unsigned)line[i]);
    for (size_t i = 0; i < n; i++)
        if (line[i] == '#' && (!i || is_blank(line[i - 1]))) n = i;
    const char *at = line;
    trim(&at, &n);
    if (!n) return SAL_OK;
    const char *end = at + n;
    r->at = line;
    sal_status st = SAL_OK;
    for (const char *comma; st == SAL_OK; at = comma + 1) {
        comma = memchr(at, ',', (size_t)(end - at));
        st = read_piece(r, at, comma ? (size_t)(comma - at) : (size_t)(end - at));
        if (!comma) break;
    }
    return st == SAL_OK ? end_block(r) : st;
}

static sal_status read_text(const char *name, char *text, size_t size, sal_texts *out,
                            sal_error *err)
{
    reader r = {.name = name, .out = out, .err = err};
    sal_status st = SAL_OK;
    size_t at = size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0; /* byte order mark */
    while (st == SAL_OK && at < size) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t n = end ? (size_t)(end - text) - at : size - at;
        r.line++;
        st = read_line(&r, text + at, n);
        at += n + 1;
    }
    if (st == SAL_OK && !out->count)
        st = sal_fail_(err, SAL_E_FORMAT, "%s: no block, wanted NAME=PATTERN,...",
                       name ? name : "blocks");
    return st;
}

static sal_status finish(const sal_env *env, const char *name, unsigned char *bytes, size_t size,
                         sal_texts **out, sal_error *err)
{
    sal_texts *texts = NULL;
    sal_status st = sal_texts_make_(env, &texts, err);
    if (st == SAL_OK) st = read_text(name, (char *)bytes, size, texts, err);
    sal_free_(env, bytes);
    if (st == SAL_OK)
        *out = texts;
    else
        sal_texts_free(texts);
    return st;
}

sal_status sal_blocks_read(const sal_env *env, const char *path, sal_texts **out, sal_error *err)
{
    sal_file_source f;
    unsigned char *bytes = NULL;
    size_t size = 0;
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    sal_status st = sal_file_open_(env, path, &f, err);
    if (st != SAL_OK) return st;
    st = sal_source_all_(&f.source, MOST_BYTES, &bytes, &size, err);
    sal_file_close_(&f);
    return st == SAL_OK ? finish(env, sal_shown_path_(path), bytes, size, out, err) : st;
}

sal_status sal_blocks_parse(const sal_env *env, const char *text, sal_texts **out, sal_error *err)
{
    if (!text || !out) return sal_fail_(err, SAL_E_ARG, "text or out is NULL");
    char *copy = sal_copy_text_(env, text);
    if (!copy) return sal_no_memory_(err, "blocks");
    return finish(env, NULL, (unsigned char *)copy, strlen(text), out, err);
}
