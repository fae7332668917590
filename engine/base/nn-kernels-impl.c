/* nn-kernels-impl.c: one table of kernels. The build compiles this file once per instruction set,
 * each time with its own -m flags, NN_KERNELS_TABLE (the table's symbol) and NN_KERNELS_NAME. */
#include "base/nn-kernels.h"

#include "base/nn-kernels-activation-impl.h"
#include "base/nn-kernels-conv-impl.h"
#include "base/nn-kernels-force-impl.h"
#include "base/nn-kernels-loss-impl.h"
#include "base/nn-kernels-pick-impl.h"
#include "base/nn-kernels-pool-impl.h"
#include "base/nn-kernels-random-impl.h"
#include "base/nn-kernels-recurrent-impl.h"
#include "base/nn-kernels-tables.h"
#include "base/nn-kernels-update-impl.h"
#include "base/nn-kernels-winograd-impl.h"
#if NN_LANES >= 8
#include "base/nn-kernels-gemm-impl.h"
#endif

const NnKernels NN_KERNELS_TABLE = {
  .name = NN_KERNELS_NAME,
#if NN_LANES == 16
  .narrow = &nn_kernels_avx512_narrow,
#endif
  .activate = activate,
  .bias_activate = bias_activate,
  .activate_grad = activate_grad,
  .add_column_sums = add_column_sums,
  .add_moments = add_moments,
  .affine_columns = affine_columns,
  .add_scaled = add_scaled,
  .scale = scale,
  .bce_logits = bce_logits,
  .bce = bce,
  .squared_error = squared_error,
  .absolute_error = absolute_error,
  .huber = huber,
  .cce_logits = cce_logits,
  .cce = cce,
  .l1 = l1,
  .l2 = l2,
  .adam = adam,
  .sgd = sgd,
  .rmsprop = rmsprop,
  .adagrad = adagrad,
  .adadelta = adadelta,
  .sum_parts = sum_parts,
  .widen_u8 = widen_u8,
  .uniform = uniform,
  .normal = normal,
  .all_finite = all_finite,
#if NN_LANES >= 8
  .gemm = gemm,
  .gemm_any_order = gemm_any_order,
  .turn = gemm_turn,
#endif
  .conv = conv,
  .conv_dot = conv_dot,
  .conv_depthwise = conv_depthwise,
  .conv_outer = conv_outer,
  .conv_depthwise_outer = conv_depthwise_outer,
  .winograd_weights = winograd_weights,
  .winograd_weights_grad = winograd_weights_grad,
  .winograd = winograd,
  .winograd_back = winograd_back,
  .winograd_outer = winograd_outer,
  .max_pool = max_pool,
  .max_pool_grad = max_pool_grad,
  .max_pool_pick = max_pool_pick,
  .pick_outer = pick_outer,
  .average_pool = average_pool,
  .average_pool_grad = average_pool_grad,
  .lstm_step = lstm_step,
  .lstm_step_grad = lstm_step_grad,
  .gru_step = gru_step,
  .gru_step_grad = gru_step_grad,
  .pull = pull,
  .push = push,
};
