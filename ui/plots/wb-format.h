/* wb-format.h: numbers as a person reads them: as many digits as mean something, always with units.
 *
 * Texts follow the locale's decimal point; where the locale has no thousands separator a comma is
 * used (a thin space where the decimal point is a comma). Show them with the css class "numeric".
 * All return newly allocated text (transfer full); values that are not finite read "–" or "∞".
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *wb_format_count (gint64 n);       /* "209,968" */
char *wb_format_loss (double loss);     /* "0.0944", "148.9", "5.730", "3.20e-05" */
char *wb_format_gradient (double norm); /* two digits: "0.031", "12", "3.2e-06" */
char *wb_format_value (double value); /* three digits, no trailing zeros: "8.9", "13.5", "0.034" */
char *wb_format_rate (double per_second);  /* "212k/s", "9.3k/s", "850/s" */
char *wb_format_bytes (guint64 bytes);     /* "820 KB", "1.2 MB"; 1 KB is 1,024 bytes */
char *wb_format_duration (double seconds); /* "8 s", "1 min 20 s", "2 h 5 min" */
char *wb_format_flops (gint64 macs);       /* "0.42 Mflop": two operations to a multiply-add */
char *wb_format_percent (double fraction); /* "34 %" */
char *wb_format_share (double fraction);   /* "99.8 %"; "99.95 %": what is not all is never 100 */

G_END_DECLS
