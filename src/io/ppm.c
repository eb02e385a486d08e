/* io/ppm.c - binary PPM and PGM (P6, P5) of 8 bits: P6 WIDTH HEIGHT 255, one space, bytes. */
#include "io/picture.h"

#include <string.h>

typedef struct reader {
    const unsigned char *at, *end;
} reader;

static bool is_space(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A number after spaces and comments; false when none, or one of more than 9 digits, is there. */
static bool take_number(reader *r, uint64_t *value)
{
    while (r->at < r->end && (is_space(*r->at) || *r->at == '#')) {
        const unsigned char *line = memchr(r->at, '\n', (size_t)(r->end - r->at));
        r->at = *r->at != '#' ? r->at + 1 : line ? line : r->end;
    }
    const unsigned char *start = r->at;
    for (*value = 0; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
        if (r->at - start == 9) return false;
        *value = 10 * *value + (uint64_t)(*r->at - '0');
    }
    return r->at > start;
}

sal_status sal_ppm_decode_(const sal_env *env, const char *name, const unsigned char *bytes,
                           size_t size, sal_picture *out, sal_error *err)
{
    reader r = {bytes + 2, bytes + size};
    uint64_t width = 0, height = 0, most = 0;
    size_t colours = bytes[1] == '6' ? 3 : 1;
    sal_picture p = {0};
    if (!take_number(&r, &width) || !take_number(&r, &height) || !take_number(&r, &most) ||
        r.at == r.end || !is_space(*r.at))
        return sal_fail_(err, SAL_E_FORMAT, "%s: no width, height and largest value in its header",
                         name);
    if (most != 255)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "%s: values up to %llu, wanted 255", name,
                         (unsigned long long)most);
    r.at++;
    sal_status st = sal_picture_make_(env, name, width, height, size, 1, &p, err);
    if (st != SAL_OK) return st;
    size_t pixels = p.width * p.height, left = (size_t)(r.end - r.at);
    if (left != pixels * colours) {
        sal_free_(env, p.rgb);
        return sal_fail_(err, SAL_E_FORMAT, "%s: %zu bytes of pixels, wanted %zu", name, left,
                         pixels * colours);
    }
    for (size_t i = 0; i < pixels; i++)
        for (size_t c = 0; c < 3; c++) p.rgb[3 * i + c] = r.at[colours * i + c % colours];
    *out = p;
    return SAL_OK;
}
