/* report/formats/page.h - the parts of an HTML page that hold no verdict. */
#ifndef SAL_REPORT_PAGE_H
#define SAL_REPORT_PAGE_H

#include "report/formats/format.h"

void sal_page_style_(sal_out *o);
/* What the outcomes and the plots mean. */
void sal_page_guide_(sal_out *o);
/* "<b class=...>fail</b>" */
void sal_page_outcome_(sal_out *o, sal_outcome outcome);
/* The heading, a plot and a table of numbers for each trend. */
void sal_page_trends_(sal_out *o, const sal_report *r);

#endif
