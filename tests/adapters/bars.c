/* tests/adapters/bars.c - see bars.h. */
#include "bars.h"

#include "../../examples/wrap_your_engine/wrap.h"

void bars_draw(unsigned first, size_t n, float *x)
{
    for (size_t i = 0; i < n; i++) {
        toy_picture p;
        toy_draw(first + (unsigned)i, &p);
        wrap_picture(&p, x + i * BARS_SIZE);
    }
}

size_t bars_right(unsigned first, size_t n, const float *logits)
{
    size_t right = 0;
    for (size_t i = 0; i < n; i++, logits += BARS_KINDS) {
        size_t best = 0;
        for (size_t k = 1; k < BARS_KINDS; k++)
            if (logits[k] > logits[best]) best = k;
        right += best == (first + i) % BARS_KINDS;
    }
    return right;
}
