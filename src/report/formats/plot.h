/* report/formats/plot.h - intervals and trends as pieces of SVG. Colours and lines are classes of a style sheet
 * that a page and a picture of its own share; outcomes differ in their marks too. */
#ifndef SAL_REPORT_PLOT_H
#define SAL_REPORT_PLOT_H

#include "report/formats/format.h"

enum { SAL_PLOT_HIGH = 20, SAL_TREND_WIDE = 480, SAL_TREND_HIGH = 150 };

/* The values that a plot shows, the same for all of a report, and how wide that is. */
typedef struct sal_axis {
    double low, high, wide;
} sal_axis;
sal_axis sal_axis_of_(const sal_report *r, double wide);

/* Rules for what is drawn, light and dark. */
void sal_plot_style_(sal_out *o);

/* The numbers 0 and 1 where they stand in the plots below. */
void sal_plot_scale_(sal_out *o, const sal_axis *a);
/* Interval, value and limit of a step, from (0, 0) to (a->wide, SAL_PLOT_HIGH). */
void sal_plot_step_(sal_out *o, const sal_axis *a, const sal_verdict *v, size_t step);
/* A trend, from (0, 0) to (SAL_TREND_WIDE, SAL_TREND_HIGH). */
void sal_plot_trend_(sal_out *o, const sal_axis *a, const sal_trend *t);

/* Has the point a value to draw? */
bool sal_point_drawn_(const sal_trend_point *p);

#endif
