/* stats/student.h - Student's t distribution. */
#ifndef SAL_STATS_STUDENT_H
#define SAL_STATS_STUDENT_H

/* Share of a beta(a, b) variable below x: the regularised incomplete beta function; a, b > 0. */
double sal_beta_below_(double a, double b, double x);

/* Chance that a t variable with `freedom` > 0 degrees of freedom is below t. Tails keep their relative
 * precision. */
double sal_student_below_(double t, double freedom);

/* The t that is exceeded with chance `tail`, in (0, 1). */
double sal_student_exceeded_(double tail, double freedom);

#endif
