/* toy_engine.h - somebody's inference code: it tells bars by their direction, knows nothing of
 * salcheck and keeps its numbers its own way. Pictures carry a dark rim, so that a 3x3 window never
 * leaves them; filters are stored tap by tap. */
#ifndef TOY_ENGINE_H
#define TOY_ENGINE_H

enum {
    TOY_SIDE = 16,
    TOY_TAPS = 9,
    TOY_FILTERS = 8,
    TOY_CELLS = 16, /* 4 x 4, each the mean of 4 x 4 pixels */
    TOY_FEATURES = TOY_CELLS * TOY_FILTERS,
    TOY_KINDS = 4 /* horizontal, vertical, falling, rising */
};

typedef struct toy_picture {
    float pixel[TOY_SIDE + 2][TOY_SIDE + 2]; /* the rim is 0 */
} toy_picture;

typedef struct toy_net {
    float filter[TOY_TAPS][TOY_FILTERS];
    float filter_bias[TOY_FILTERS];
    float dense[TOY_KINDS][TOY_FEATURES];
    float dense_bias[TOY_KINDS];
} toy_net;

/* Picture `number` of an endless series; returns its kind. */
int toy_draw(unsigned number, toy_picture *out);

/* Trains from scratch on the first pictures of the series. */
void toy_train(toy_net *net);

void toy_run(const toy_net *net, const toy_picture *p, float score[TOY_KINDS]);

/* d score[kind] / d pixel */
void toy_gradient(const toy_net *net, const toy_picture *p, int kind, toy_picture *out);

/* "Where the network looks": what this engine's users are shown. */
void toy_saliency(const toy_net *net, const toy_picture *p, int kind, toy_picture *out);

#endif
