/* io/texts.h - a list of texts that grows and remembers whose memory it is. */
#ifndef SAL_IO_TEXTS_H
#define SAL_IO_TEXTS_H

#include "base/base.h"

#include <salcheck/io.h>

sal_status sal_texts_make_(const sal_env *env, sal_texts **out, sal_error *err);

/* Appends a copy of length bytes of text. */
sal_status sal_texts_add_(sal_texts *texts, const char *text, size_t length, sal_error *err);

#endif
