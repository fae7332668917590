/* nn-kernels-winograd-line.h: the transforms of nn-kernels-winograd-impl.h, along one side of a
 * tile.
 *
 * Row i of A and of G belongs to a point p of 0, a, -a, b, -b and infinity: (1, p, p^2, ...), of
 * infinity (0, ..., 0, 1), in G times the factor that winograd_scale gives. With a = sqrt (1/2) and
 * b = sqrt (2) errors are a quarter of those with the usual 1 and 2, 5e-6 of the sums' size, and
 *
 *         1    0   -5/2   0   1   0
 *         0   -b    -2    a   1   0
 * B^T =   0    b    -2   -a   1   0
 *         0   -a   -1/2   b   1   0
 *         0    a   -1/2  -b   1   0
 *         0    1     0  -5/2  0   1
 */
#pragma once

#include "base/nn-kernels-simd.h"

#define WINOGRAD_POINTS 6

#define WINOGRAD_A 0.70710678f
#define WINOGRAD_B 1.41421356f

static const float winograd_scale[WINOGRAD_POINTS] = { 1,        -2.0f / 3, -2.0f / 3,
                                                       1.0f / 6, 1.0f / 6,  1 };

/* Row j of B^T. */
NN_INLINE VF
winograd_input_at (const gint j, VF x0, VF x1, VF x2, VF x3, VF x4, VF x5)
{
  const VF even = j < 3 ? x4 - 2 * x2 : x4 - 0.5f * x2;
  const VF odd = j < 3 ? WINOGRAD_A * (x3 - 2 * x1) : WINOGRAD_B * (x3 - 0.5f * x1);
  return j == 0   ? x0 + (x4 - 2.5f * x2)
         : j == 5 ? x1 + (x5 - 2.5f * x3)
         : j % 2  ? even + odd
                  : even - odd;
}

/* Row j of A for n values, or of G without its factors. */
NN_INLINE VF
winograd_expand (const gint j, const gint n, VF x0, VF x1, VF x2, VF x3, VF x4)
{
  const float square = j > 2 ? 2 : 0.5f;
  VF even = x0, odd = x1;
  if (j == 0)
    return x0;
  if (j == 5)
    return n == 2 ? x1 : n == 3 ? x2 : n == 4 ? x3 : x4;
  if (n > 2)
    even += square * x2;
  if (n > 3)
    odd += square * x3;
  if (n > 4)
    even += square * square * x4;
  odd *= j > 2 ? WINOGRAD_B : WINOGRAD_A;
  return j % 2 ? even + odd : even - odd;
}

/* Column q of the same, n of them: the transform back. */
NN_INLINE VF
winograd_fold (const gint q, const gint n, VF z0, VF z1, VF z2, VF z3, VF z4, VF z5)
{
  const float square = q < 2 ? 1 : q < 4 ? 2 : 4; /* b^q, or b^(q - 1); of a its inverse */
  const VF near = q % 2 ? z1 - z2 : z1 + z2, far = q % 2 ? z3 - z4 : z3 + z4;
  const VF a = near * (q % 2 ? WINOGRAD_A / square : 1 / square);
  const VF b = far * (q % 2 ? WINOGRAD_B * square : square);
  VF sum = q == 0 ? z0 + (a + b) : a + b;
  if (q == n - 1)
    sum += z5;
  return sum;
}

/* Column q of B^T: from what six points have made of it, the gradient of input q. */
NN_INLINE VF
winograd_unfold (const gint q, VF z0, VF z1, VF z2, VF z3, VF z4, VF z5)
{
  const VF near = q % 2 ? z1 - z2 : z1 + z2, far = q % 2 ? z3 - z4 : z3 + z4;
  return q == 0   ? z0
         : q == 1 ? z5 - (WINOGRAD_B * near + WINOGRAD_A * far)
         : q == 2 ? -2.5f * z0 - (2 * near + 0.5f * far)
         : q == 3 ? (WINOGRAD_A * near + WINOGRAD_B * far) - 2.5f * z5
         : q == 4 ? z0 + (near + far)
                  : z5;
}

#define WINOGRAD_LINE(X) X (0) X (1) X (2) X (3) X (4) X (5)
