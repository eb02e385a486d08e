/* report/formats/out.h - where a report goes, piece by piece, and what keeps its names from being read as
 * markup. */
#ifndef SAL_REPORT_OUT_H
#define SAL_REPORT_OUT_H

#include "base/base.h"

/* Ends with the first error, whose status it keeps; the calls after it do nothing. */
typedef struct sal_out {
    const sal_env *env;
    int (*write)(const char *bytes, size_t size, void *self);
    void *self;
    sal_status status;
    sal_error *err;
    size_t bytes; /* given to it so far */
    size_t used;
    char buffer[1 << 13];
} sal_out;

/* What stands for the byte at `at`, or NULL for itself. Only the markdown one looks at neighbours:
 * `first` says that there is none before it. */
typedef const char *(*sal_escape)(const char *at, bool first);

const char *sal_escape_xml_(const char *at, bool first);       /* content; lines stay */
const char *sal_escape_attribute_(const char *at, bool first); /* XML and HTML, in quotes */
const char *sal_escape_markdown_(const char *at, bool first);  /* GitHub's and GitLab's, one line */
const char *sal_escape_tap_(const char *at, bool first);       /* a description */
const char *sal_escape_quoted_(const char *at, bool first);    /* YAML, OpenMetrics: in "" */

/* As it is. */
void sal_out_put_(sal_out *o, const char *text);
void sal_out_bytes_(sal_out *o, const char *bytes, size_t size);
/* Up to 255 bytes. */
void sal_out_add_(sal_out *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A name or a sentence from anywhere: escaped; bytes that are no UTF-8 and characters that turn the
 * direction of text become '?', control characters spaces. */
void sal_out_text_(sal_out *o, sal_escape escape, const char *text);
void sal_out_number_(sal_out *o, double value, int decimals);
void sal_out_exact_(sal_out *o, double value); /* 17 significant digits */

/* Hands over what is left. */
sal_status sal_out_end_(sal_out *o);
/* The first error counts. */
void sal_out_fail_(sal_out *o, sal_status status);

#endif
