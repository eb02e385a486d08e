/**
 * report.h - renderings of verdicts: JSON Lines, the source of every report; reports for a pipeline and
 * for people (JUnit, Markdown, HTML and so on); and contact sheets, PNG pictures of many maps in rows
 * and columns, so that the eye can follow what a check has measured;
 * charts of curves.
 */
#ifndef SALCHECK_REPORT_H
#define SALCHECK_REPORT_H

#include <salcheck/tensor.h>
#include <salcheck/verdict.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Writes verdicts as JSON Lines: one object per check, method and step, keys in a fixed order, numbers
 * that decide with 17 significant digits. No times and no paths in it: the same run gives the same
 * bytes. Written under a temporary name first, so that path is whole or as it was.
 *
 * owner   the verdicts stay the caller's
 * errors  SAL_E_ARG, SAL_E_IO, SAL_E_NOMEM
 */
SAL_API sal_status sal_report_jsonl(const sal_env *env, const sal_verdict *const *verdicts,
                                    size_t n, const char *path, sal_error *err);

/**
 * The same lines, one call of write each (with its newline), wherever they go.
 *
 * owner   the verdicts stay the caller's; write returns 0, or another number to end
 * errors  SAL_E_ARG, SAL_E_CALLBACK (write's number), SAL_E_NOMEM
 */
SAL_API sal_status sal_report_lines(const sal_verdict *const *verdicts, size_t n,
                                    int (*write)(const char *line, size_t length, void *self),
                                    void *self, sal_error *err);

/**
 * What a failing assertion prints of a verdict: what was claimed, measured and needed, lines below
 * 100 characters. "" for a pass.
 *
 * owner   text is the caller's; 4096 bytes (SAL_TEXT_MAX of check.h) hold every verdict
 */
SAL_API void sal_report_text(const sal_verdict *v, char *text, size_t size);

/** A format of reports: "junit", "markdown", "html", "svg", "tap", "openmetrics". */
typedef struct sal_report_format {
    const char *name;
    const char *summary; /* one line */
} sal_report_format;

/** The i-th format, or NULL after the last. */
SAL_API const sal_report_format *sal_report_format_get(size_t i);

/** What a check said at one time. */
typedef struct sal_trend_point {
    const char *label; /* commit or date; NULL = none */
    sal_outcome outcome;
    bool has_value; /* else a gap */
    double value, low, high;
} sal_trend_point;

/** A check over time, oldest point first. Everything is borrowed. */
typedef struct sal_trend {
    const char *title;   /* what the check is known by, its id; never NULL */
    char statistic_name; /* 'D', 'R' or 'F' */
    double limit;
    size_t n;
    const sal_trend_point *points;
    uint64_t reserved_[2]; /* must be 0 */
} sal_trend;

/** Of a report; 0 is the default. Everything is borrowed. */
typedef struct sal_report_options {
    const char *title;    /* "Saliency checks" */
    const char *pictures; /* folder where pictures of that name are; NULL: where the verdicts say */
    const sal_trend *trends; /* for html and svg; NULL = none */
    size_t n_trends;
    uint64_t reserved_[4]; /* must be 0 */
} sal_report_options;

/**
 * Writes verdicts as a report; nothing is measured again. A step is one row, test or sample.
 * Inconclusive and invalid verdicts do not pass in any format. What fails stands first where people
 * read. No times in it: equal verdicts, equal bytes. Written under a temporary name first, so that path
 * is whole or as it was. options may be NULL.
 *
 * owner   everything stays the caller's
 * errors  SAL_E_ARG (an unknown format, a verdict without steps), SAL_E_IO, SAL_E_NOMEM
 */
SAL_API sal_status sal_report_write(const sal_env *env, const char *format,
                                    const sal_verdict *const *verdicts, size_t n,
                                    const sal_report_options *options, const char *path,
                                    sal_error *err);

/**
 * The same bytes, in pieces, wherever they go.
 *
 * owner   everything stays the caller's; write returns 0, or another number to end
 * errors  SAL_E_ARG, SAL_E_CALLBACK (write's number), SAL_E_NOMEM
 */
SAL_API sal_status sal_report_render(const sal_env *env, const char *format,
                                     const sal_verdict *const *verdicts, size_t n,
                                     const sal_report_options *options,
                                     int (*write)(const char *bytes, size_t size, void *self),
                                     void *self, sal_error *err);

/** How a cell is coloured. */
typedef enum sal_cell_kind {
    SAL_CELL_MAP = 0, /* signed, channels summed: blue below 0, white 0, red above. Full colour is
                         the largest magnitude among the row's maps, printed in the row's label */
    SAL_CELL_PICTURE  /* an input or its edges: grey, 3 channels in colour. 0, or the least value if
                         that is below 0, is black; the cell's largest value is white */
} sal_cell_kind;

/** One cell: data [channels, height, width], borrowed; NULL leaves the cell empty. */
typedef struct sal_cell {
    const float *data;
    size_t channels, height, width;
    sal_cell_kind kind;
} sal_cell;

/**
 * A sheet of cells. Everything is borrowed. Of texts (UTF-8; NULL = none) ASCII is drawn, other
 * characters as boxes; long ones wrap. Maps with a NaN or an infinity show as a hatched cell and
 * do not count. Maps up to 64 pixels are enlarged by a whole number (28 to 84, 32 to 96, 64 to
 * 128), those above 256 shrunk by one (means of blocks), one-dimensional ones drawn as strips.
 */
typedef struct sal_sheet {
    const char *title, *note;         /* above and below the cells */
    size_t columns, rows;             /* 1 to 4,096 each */
    const char *const *column_labels; /* [columns] or NULL */
    const char *const *row_labels;    /* [rows] or NULL */
    const sal_cell *cells;            /* [rows][columns] */
    bool each_by_its_rms;             /* draw each map divided by its root mean square, the row's
                                         scale in these units: where sizes differ a lot */
    uint64_t reserved_[4];            /* must be 0 */
} sal_sheet;

/** Largest width and height of a sheet in pixels, and the most pixels it may have. */
#define SAL_SHEET_MAX_SIDE 16384
#define SAL_SHEET_MAX_PIXELS ((size_t)1 << 26)

/**
 * The n-th entry of a tensor as a cell; empty when there is none.
 *
 * shape   t [N, F], [N, C, L] or [N, C, H, W]; F and L become the width, height 1
 * owner   borrows t's elements
 */
SAL_API sal_cell sal_cell_of(const sal_tensor *t, size_t n, sal_cell_kind kind);

/**
 * Draws a sheet into a PNG file: under a temporary name in the same folder first, so that path is
 * whole or as it was. Equal sheets give equal bytes.
 *
 * owner   the sheet and what it points to stay the caller's
 * errors  SAL_E_ARG, SAL_E_SHAPE (a cell with a size of 0: which), SAL_E_IO (no such folder, not
 *         writable, disk full, path is no regular file), SAL_E_NOMEM (no memory, or above the
 *         bounds)
 * cost    3 bytes a pixel while drawing
 */
SAL_API sal_status sal_sheet_write(const sal_env *env, const sal_sheet *sheet, const char *path,
                                   sal_error *err);

/** Most curves of a chart. */
#define SAL_CHART_MAX_CURVES 10

/** A panel of a chart. Values beyond the axis are drawn at its end; one that is not finite leaves a
 * gap. */
typedef struct sal_panel {
    const char *title;
    double low, high;     /* of the axis */
    const double *values; /* [curves][points] */
} sal_panel;

/**
 * A chart of curves over the same points, in panels. Everything is borrowed; texts as in a sheet, a
 * point's label may have 24 characters. Curves differ in colour and in the shape of their marks.
 */
typedef struct sal_chart {
    const char *title, *note;        /* above and below the panels */
    size_t points;                   /* 1 to 4,096 */
    const char *const *point_labels; /* [points] or NULL */
    size_t curves;                   /* 1 to SAL_CHART_MAX_CURVES */
    const char *const *curve_labels; /* [curves] or NULL */
    size_t n_panels;                 /* 1 to 64 */
    const sal_panel *panels;
    size_t columns;        /* panels in a row; 0 = 2 */
    uint64_t reserved_[4]; /* must be 0 */
} sal_chart;

/**
 * Draws a chart into a PNG file, as sal_sheet_write() does a sheet.
 *
 * owner   the chart and what it points to stay the caller's
 * errors  SAL_E_ARG (an axis without length: which), SAL_E_IO, SAL_E_NOMEM (no memory, or a side above
 *         SAL_SHEET_MAX_SIDE)
 * cost    3 bytes a pixel while drawing
 */
SAL_API sal_status sal_chart_write(const sal_env *env, const sal_chart *chart, const char *path,
                                   sal_error *err);

#ifdef __cplusplus
}
#endif
#endif
