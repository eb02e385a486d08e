/* report/picture/png.h - pictures as PNG files. */
#ifndef SAL_REPORT_PNG_H
#define SAL_REPORT_PNG_H

#include "report/picture/canvas.h"

/* Writes the canvas to path, whole or not at all; both sides below 2^31 pixels. */
sal_status sal_png_write_(const sal_env *env, const sal_canvas *c, const char *path,
                          sal_error *err);

#endif
