/**
 * salcheck.h - everything but the plugins (cmocka.h), which belong to a test framework.
 */
#ifndef SALCHECK_SALCHECK_H
#define SALCHECK_SALCHECK_H

#include <salcheck/check.h>
#include <salcheck/core.h>
#include <salcheck/gate.h>
#include <salcheck/graph.h>
#include <salcheck/history.h>
#include <salcheck/io.h>
#include <salcheck/method.h>
#include <salcheck/metric.h>
#include <salcheck/model.h>
#include <salcheck/nn.h>
#include <salcheck/onnx.h>
#include <salcheck/randomise.h>
#include <salcheck/record.h>
#include <salcheck/report.h>
#include <salcheck/stats.h>
#include <salcheck/suite.h>
#include <salcheck/tensor.h>
#include <salcheck/verdict.h>

#endif
