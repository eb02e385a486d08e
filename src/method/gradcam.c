/* method/gradcam.c - Grad-CAM: one plane per input, repeated in every channel of the map. */
#include "method/cam.h"

const sal_method_def sal_method_gradcam = {
    .info = {.name = SAL_GRADCAM,
             .summary = "a layer's activations weighed by their mean gradients, positive part",
             .source = "Selvaraju et al. 2017",
             .options = SAL_CAM_OPTIONS},
    .setup = sal_cam_setup_,
    .explain = sal_cam_explain_,
};
