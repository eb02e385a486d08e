/* io/labels.h - lists that readers give out: they remember whose memory they are. */
#ifndef SAL_IO_LABELS_H
#define SAL_IO_LABELS_H

#include "base/base.h"

#include <salcheck/io.h>

/* count labels of 0, to be filled. Release them with sal_labels_free(). */
sal_status sal_labels_make_(const sal_env *env, size_t count, sal_labels **out, sal_error *err);

#endif
