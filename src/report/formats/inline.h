/* report/formats/inline.h - a PNG file within a page. */
#ifndef SAL_REPORT_INLINE_H
#define SAL_REPORT_INLINE_H

#include "report/formats/out.h"

/* Writes an <img>; NULL, or why there is none (static text; nothing is written then). Nothing but a PNG
 * file up to 16 MiB is taken. */
const char *sal_inline_png_(sal_out *o, const char *path, const char *description);

#endif
