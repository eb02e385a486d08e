/* model/layers.h - what graph models and wrapped models do alike when they are made. */
#ifndef SAL_MODEL_LAYERS_H
#define SAL_MODEL_LAYERS_H

#include "model/model.h"

/* Groups m->infos by layer name into m->layers and m->layer_of, a block each. */
sal_status sal_model_set_layers_(sal_model *m, sal_error *err);
/* SAL_E_VALUE that names the first parameter that is not finite. */
sal_status sal_model_check_params_(const sal_model *m, sal_error *err);

#endif
