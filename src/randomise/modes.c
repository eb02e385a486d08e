/* randomise/modes.c - the randomisations: how many steps, and which blocks each changes. */
#include "randomise/randomise.h"

static size_t one(size_t blocks)
{
    (void)blocks;
    return 1;
}

static size_t one_a_layer(size_t blocks)
{
    return blocks;
}

static bool output_layer(size_t step, size_t block, size_t blocks)
{
    (void)step;
    return block == blocks - 1;
}

static bool from_the_top(size_t step, size_t block, size_t blocks)
{
    return block + step + 1 >= blocks;
}

static bool from_the_bottom(size_t step, size_t block, size_t blocks)
{
    (void)blocks;
    return block <= step;
}

static bool one_layer(size_t step, size_t block, size_t blocks)
{
    return block == blocks - 1 - step;
}

static bool every_layer(size_t step, size_t block, size_t blocks)
{
    (void)step;
    (void)block;
    (void)blocks;
    return true;
}

static const sal_randomisation_def top = {{SAL_TOP, "the output layer alone"}, one, output_layer},
                                   cascade = {{SAL_CASCADE,
                                               "from the output layer down, one more a step"},
                                              one_a_layer,
                                              from_the_top},
                                   bottom_up = {{SAL_BOTTOM_UP,
                                                 "from the first layer up, one more a step"},
                                                one_a_layer,
                                                from_the_bottom},
                                   independent = {{SAL_INDEPENDENT,
                                                   "one layer a step, from the output layer down"},
                                                  one_a_layer,
                                                  one_layer},
                                   full = {{SAL_FULL, "every layer"}, one, every_layer};

const sal_randomisation_def *const sal_randomisations_[] = {&top,         &cascade, &bottom_up,
                                                            &independent, &full,    NULL};

const sal_randomisation_info *sal_randomisation_get(size_t i)
{
    size_t n = sizeof sal_randomisations_ / sizeof sal_randomisations_[0] - 1;
    return i < n ? &sal_randomisations_[i]->info : NULL;
}
