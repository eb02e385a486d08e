/* report/picture/stroke.h - lines and marks with soft edges on a canvas. Coordinates are in pixels, a pixel's
 * middle is at .5; what lies outside of the canvas is left out. */
#ifndef SAL_REPORT_STROKE_H
#define SAL_REPORT_STROKE_H

#include "report/picture/canvas.h"

typedef struct sal_point {
    double x, y;
} sal_point;

void sal_stroke_(sal_canvas *c, sal_point from, sal_point to, double width, sal_rgb colour);

/* Filled shapes, told apart without colour. */
typedef enum sal_mark {
    SAL_DISC,
    SAL_SQUARE,
    SAL_DIAMOND,
    SAL_TRIANGLE,
    SAL_TRIANGLE_DOWN,
    SAL_MARKS /* how many */
} sal_mark;

void sal_mark_(sal_canvas *c, sal_point at, double radius, sal_mark mark, sal_rgb colour);

#endif
