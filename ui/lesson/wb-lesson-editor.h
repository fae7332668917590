/* wb-lesson-editor.h: where a teacher writes a lesson: its text on the left, how students see it on
 * the right, what is wrong with it below. The document has the text from a moment after the last
 * key; saving the document saves it.
 */
#pragma once

#include "document/wb-document.h"

G_BEGIN_DECLS

/* One window for each document; shows it where there is one already. */
void wb_lesson_editor_present (GtkWindow *parent, WbDocument *document);

G_END_DECLS
