/* wrap.h - the toy engine as salcheck sees it. */
#ifndef WRAP_H
#define WRAP_H

#include <salcheck/model.h>

#include "toy_engine.h"

/* self is the toy_net */
extern const sal_model_ops wrapped_toy;

/* A picture as salcheck takes it: [1, 16, 16], no rim. */
void wrap_picture(const toy_picture *p, float x[TOY_SIDE * TOY_SIDE]);

#endif
