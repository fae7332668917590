#include "import/wb-codes-dialog.h"

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "formats/nn-decompress.h"
#include "plots/wb-colors.h"
#include "plots/wb-format.h"

/* Images shown, and how large on the screen. */
#define N_SHOWN 120
#define MIN_PICTURE 56
#define MAX_PICTURE 128
/* How often the bar looks, ms. */
#define BAR_EVERY 50

/* What a thread found in the file. */
typedef struct
{
  GBytes *bytes;
  NnCodeFileHead head;
  gboolean measured;
  NnImageError error;
  gsize n_shown;
  float *images; /* (n_shown, S) */
} Content;

/* What a thread does, and how far it is. */
typedef struct
{
  NnExportSource *source;
  GFile *file;   /* that is read */
  GBytes *bytes; /* what is saved, under that name ... */
  char *path;    /* ... and where to */
  gboolean pictures;
  gint permille; /* atomic */
} Job;

struct _WbCodesDialog
{
  AdwWindow parent_instance;

  WbDocument *document;   /* owned */
  GFile *file;            /* owned */
  char *name;             /* of the file */
  NnExportSource *source; /* owned; NULL while it is on its way */
  Content *content;       /* owned; the same, or where it cannot be read */
  WbCodesState state;

  GtkStack *stack;
  AdwStatusPage *problem;
  GtkGrid *facts;
  GtkLabel *shown;
  GtkFlowBox *images;
  GtkWidget *save_button;
  GtkProgressBar *bar;

  GCancellable *cancellable; /* while a thread works */
  Job *job;                  /* of it; borrowed from its task */
  guint tick;
};

G_DEFINE_FINAL_TYPE (WbCodesDialog, wb_codes_dialog, ADW_TYPE_WINDOW)

static void
content_free (Content *content)
{
  g_bytes_unref (content->bytes);
  nn_free_aligned (content->images);
  g_free (content);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Content, content_free)

static void
job_free (Job *job)
{
  nn_export_source_unref (job->source);
  g_clear_object (&job->file);
  g_clear_pointer (&job->bytes, g_bytes_unref);
  g_free (job->path);
  g_free (job);
}

/* ---- at work ---- */

static void
note_progress (double fraction, gpointer data)
{
  g_atomic_int_set (&((Job *)data)->permille, (gint)(1000 * fraction));
}

static gboolean
look_at_progress (gpointer data)
{
  WbCodesDialog *self = data;
  gtk_progress_bar_set_fraction (self->bar, g_atomic_int_get (&self->job->permille) / 1000.0);
  return G_SOURCE_CONTINUE;
}

static void
set_state (WbCodesDialog *self, WbCodesState state)
{
  static const char *const pages[] = { "waiting", "images", "problem", "images" };
  const gboolean working = self->cancellable != NULL;
  self->state = state;
  gtk_stack_set_visible_child_name (self->stack, pages[state]);
  gtk_widget_set_sensitive (self->save_button, state == WB_CODES_SHOWN);
  gtk_widget_set_visible (self->save_button, state != WB_CODES_REFUSED);
  gtk_widget_set_opacity (GTK_WIDGET (self->bar), working ? 1 : 0);
}

static void
start (WbCodesDialog *self, Job *job, GTaskThreadFunc work, GAsyncReadyCallback done,
       WbCodesState state)
{
  self->cancellable = g_cancellable_new ();
  self->job = job;
  job->source = nn_export_source_ref (self->source);
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, done, NULL);
  g_task_set_task_data (task, job, (GDestroyNotify)job_free);
  g_task_run_in_thread (task, work);
  gtk_progress_bar_set_fraction (self->bar, 0);
  self->tick = g_timeout_add (BAR_EVERY, look_at_progress, self);
  set_state (self, state);
}

/* FALSE where the dialog was closed meanwhile. */
static gboolean
end (WbCodesDialog *self)
{
  const gboolean open = self->cancellable != NULL;
  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_object (&self->cancellable);
  self->job = NULL;
  return open;
}

static void
stop (WbCodesDialog *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  end (self);
}

/* ---- reading ---- */

static gboolean
keep_images (const NnCodeFileHead *head, float *images, gsize first, gsize n, gpointer data,
             GError **error)
{
  Content *content = data;
  const gsize size = (gsize)nn_shape_size (&head->shape);
  if (content->images == NULL)
    content->images = nn_alloc_floats (content->n_shown * size);
  memcpy (content->images + first * size, images, n * size * sizeof *images);
  return TRUE;
}

static void
read_thread (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  const NnExportJob how = { cancellable, note_progress, job };
  GError *error = NULL;
  g_autofree char *name = g_file_get_basename (job->file);
  g_autoptr (GBytes) bytes = g_file_load_bytes (job->file, cancellable, NULL, &error);
  g_autoptr (NnCodeReader) reader = bytes ? nn_code_reader_new (bytes, name, &error) : NULL;
  if (reader == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_autoptr (Content) content = g_new0 (Content, 1);
  content->bytes = g_steal_pointer (&bytes);
  content->head = *nn_code_reader_head (reader);
  content->measured = nn_code_reader_error (reader) != NULL;
  if (content->measured)
    content->error = *nn_code_reader_error (reader);
  content->n_shown = MIN (N_SHOWN, content->head.n);
  if (nn_decompress (job->source, content->bytes, name, content->n_shown, keep_images, content,
                     &how, &error))
    g_task_return_pointer (task, g_steal_pointer (&content), (GDestroyNotify)content_free);
  else
    g_task_return_error (task, error);
}

/* ---- what is shown ---- */

static void
add_fact (WbCodesDialog *self, int row, const char *title, const char *text)
{
  GtkWidget *name = gtk_label_new (title), *value = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_yalign (GTK_LABEL (name), 0);
  gtk_label_set_xalign (GTK_LABEL (value), 0);
  gtk_label_set_wrap (GTK_LABEL (value), TRUE);
  gtk_label_set_selectable (GTK_LABEL (value), TRUE);
  gtk_widget_set_can_focus (value, FALSE);
  gtk_widget_set_hexpand (value, TRUE);
  gtk_widget_add_css_class (name, "dim-label");
  gtk_widget_add_css_class (value, "numeric");
  gtk_grid_attach (self->facts, name, 0, row, 1, 1);
  gtk_grid_attach (self->facts, value, 1, row, 1, 1);
}

static void
show_facts (WbCodesDialog *self)
{
  const NnCodeFileHead *head = &self->content->head;
  const gsize size = g_bytes_get_size (self->content->bytes);
  const double pixels = (double)nn_shape_size (&head->shape), n = (double)head->n;
  g_autofree char *count = wb_format_count ((gint64)head->n);
  g_autofree char *shape = nn_shape_to_string (&head->shape);
  g_autofree char *file_size = wb_format_bytes (size);
  g_autofree char *images =
      g_strdup_printf (_ ("%s of %s, %.0f bytes each as they are"), count, shape, pixels);
  g_autofree char *code =
      g_strdup_printf (ngettext ("%zu value of %u bits", "%zu values of %u bits", head->size),
                       head->size, head->bits);
  g_autofree char *file = g_strdup_printf (_ ("%s: %.1f bytes an image, %.0f to 1"), file_size,
                                           (double)size / n, pixels * n / (double)size);
  g_autofree char *lost = g_strdup_printf (_ ("mean squared error %.4g, PSNR %.1f dB"),
                                           self->content->error.mse, self->content->error.psnr);
  add_fact (self, 0, _ ("Images"), images);
  add_fact (self, 1, _ ("Code"), code);
  add_fact (self, 2, _ ("File"), file);
  add_fact (self, 3, _ ("Lost"), self->content->measured ? lost : _ ("The file does not say"));
}

static void
show_images (WbCodesDialog *self)
{
  const Content *content = self->content;
  const NnShape *shape = &content->head.shape;
  const gsize size = (gsize)nn_shape_size (shape);
  const gboolean all = content->n_shown == content->head.n;
  g_autofree char *count = wb_format_count ((gint64)content->head.n);
  g_autofree char *some =
      g_strdup_printf (_ ("The first %zu of %s images"), content->n_shown, count);
  gtk_label_set_text (self->shown, all ? _ ("All images") : some);
  if (shape->rank != 3)
    return; /* nothing that can be looked at */
  const int side = CLAMP ((int)MAX (shape->dim[0], shape->dim[1]), MIN_PICTURE, MAX_PICTURE);
  for (gsize i = 0; i < content->n_shown; i++)
    {
      g_autoptr (GdkTexture) texture =
          wb_texture_from_image (content->images + i * size, (gsize)shape->dim[1],
                                 (gsize)shape->dim[0], (gsize)shape->dim[2], 0, 1);
      GtkWidget *picture = gtk_picture_new_for_paintable (GDK_PAINTABLE (texture));
      g_autofree char *name = g_strdup_printf (_ ("Image %zu"), i);
      gtk_widget_set_size_request (picture, side, side);
      gtk_picture_set_alternative_text (GTK_PICTURE (picture), name);
      gtk_flow_box_append (self->images, picture);
      GtkWidget *child = gtk_widget_get_parent (picture);
      gtk_widget_set_focusable (child, FALSE);
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                      -1);
    }
}

static void
show_problem (WbCodesDialog *self, const GError *error)
{
  /* What helps where it is not the file's fault. */
  const gboolean other = g_error_matches (error, NN_ERROR, NN_ERROR_DESIGN);
  g_autofree char *text = other ? g_strdup_printf ("%s\n\n%s", error->message,
                                                   _ ("Open the project that wrote it, with the "
                                                      "weights it had then, and open it there."))
                                : g_strdup (error->message);
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  adw_status_page_set_description (self->problem, escaped);
  set_state (self, WB_CODES_REFUSED);
}

static void
read_done (GObject *object, GAsyncResult *result, gpointer data)
{
  WbCodesDialog *self = WB_CODES_DIALOG (object);
  g_autoptr (GError) error = NULL;
  g_autoptr (Content) content = g_task_propagate_pointer (G_TASK (result), &error);
  if (!end (self))
    return;
  if (content == NULL)
    {
      show_problem (self, error);
      return;
    }
  self->content = g_steal_pointer (&content);
  show_facts (self);
  show_images (self);
  set_state (self, WB_CODES_SHOWN);
  gtk_widget_grab_focus (self->save_button);
}

static void
source_arrived (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (WbCodesDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NnExportSource) source =
      wb_document_export_finish (WB_DOCUMENT (object), result, &error);
  if (self->stack == NULL)
    return; /* closed meanwhile */
  if (source == NULL || source->analysis == NULL)
    {
      g_autoptr (GError) none =
          g_error_new_literal (NN_ERROR, NN_ERROR_DESIGN,
                               _ ("The network that is open cannot unpack anything: its data set "
                                  "is not there."));
      show_problem (self, error != NULL ? error : none);
      return;
    }
  self->source = g_steal_pointer (&source);
  Job *job = g_new0 (Job, 1);
  job->file = g_object_ref (self->file);
  start (self, job, read_thread, read_done, WB_CODES_WAITING);
}

/* ---- saving ---- */

static void
save_thread (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  const NnExportJob how = { cancellable, note_progress, job };
  GError *error = NULL;
  g_autofree char *name = g_file_get_basename (job->file);
  if ((job->pictures ? nn_decompress_to_folder : nn_decompress_to_npy) (
          job->source, job->bytes, name, job->path, &how, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
tell_error (WbCodesDialog *self, const char *text)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _ ("Could not save"), text);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
save_done (GObject *object, GAsyncResult *result, gpointer data)
{
  WbCodesDialog *self = WB_CODES_DIALOG (object);
  const Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  const gboolean saved = g_task_propagate_boolean (G_TASK (result), &error);
  if (!end (self))
    return;
  set_state (self, WB_CODES_SHOWN);
  if (!saved)
    {
      tell_error (self, error->message);
      return;
    }
  const gsize n = self->content->head.n;
  g_autofree char *target = g_path_get_basename (job->path);
  g_autofree char *text = g_strdup_printf (
      ngettext ("Saved %zu image in “%s”", "Saved %zu images in “%s”", n), n, target);
  g_signal_emit_by_name (self->document, "notice", text, NULL, NULL);
  gtk_window_close (GTK_WINDOW (self));
}

WbCodesState
wb_codes_dialog_get_state (WbCodesDialog *self)
{
  g_return_val_if_fail (WB_IS_CODES_DIALOG (self), WB_CODES_REFUSED);
  return self->state;
}

void
wb_codes_dialog_save (WbCodesDialog *self, GFile *target, gboolean pictures)
{
  g_return_if_fail (WB_IS_CODES_DIALOG (self) && self->state == WB_CODES_SHOWN);

  g_autofree char *path = g_file_get_path (target);
  if (path == NULL)
    {
      tell_error (self, _ ("That place is not on a local disk: save to a folder of yours and copy "
                           "the images there."));
      return;
    }
  Job *job = g_new0 (Job, 1);
  job->file = g_object_ref (self->file);
  job->bytes = g_bytes_ref (self->content->bytes);
  job->path = g_steal_pointer (&path);
  job->pictures = pictures;
  start (self, job, save_thread, save_done, WB_CODES_SAVING);
}

typedef struct
{
  WbCodesDialog *dialog; /* owned */
  gboolean pictures;
} Answer;

static void
save_answered (GtkNativeDialog *chooser, int response, gpointer data)
{
  g_autofree Answer *answer = data;
  g_autoptr (WbCodesDialog) self = answer->dialog;
  if (response == GTK_RESPONSE_ACCEPT && self->state == WB_CODES_SHOWN && self->stack != NULL)
    {
      g_autoptr (GFile) chosen = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
      g_autofree char *name = g_file_get_basename (chosen);
      g_autofree char *full = g_strconcat (name, ".npy", NULL);
      g_autoptr (GFile) folder = g_file_get_parent (chosen);
      g_autoptr (GFile) file = answer->pictures || g_str_has_suffix (name, ".npy")
                                   ? g_object_ref (chosen)
                                   : g_file_get_child (folder, full);
      wb_codes_dialog_save (self, file, answer->pictures);
    }
  g_object_unref (chooser);
}

/* codes.save('pictures'), ('array') */
static void
save_activated (GtkWidget *widget, const char *action, GVariant *parameter)
{
  WbCodesDialog *self = WB_CODES_DIALOG (widget);
  const gboolean pictures = g_str_equal (g_variant_get_string (parameter, NULL), "pictures");
  if (self->state != WB_CODES_SHOWN)
    return;
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
      pictures ? _ ("Save pictures in a new folder") : _ ("Save as NumPy array"), GTK_WINDOW (self),
      GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), _ ("_Cancel"));
  g_autofree char *base = g_strdup (self->name);
  if (g_str_has_suffix (base, NN_CODE_FILE_EXTENSION))
    base[strlen (base) - strlen (NN_CODE_FILE_EXTENSION)] = '\0';
  g_autofree char *name = g_strconcat (base, pictures ? "" : ".npy", NULL);
  Answer *answer = g_new (Answer, 1);
  answer->dialog = g_object_ref (self);
  answer->pictures = pictures;
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  g_signal_connect (chooser, "response", G_CALLBACK (save_answered), answer);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* ---- the window ---- */

static void
wb_codes_dialog_dispose (GObject *object)
{
  WbCodesDialog *self = WB_CODES_DIALOG (object);
  stop (self);
  self->stack = NULL; /* goes with the content; an answer finds none */
  G_OBJECT_CLASS (wb_codes_dialog_parent_class)->dispose (object);
}

static void
wb_codes_dialog_finalize (GObject *object)
{
  WbCodesDialog *self = WB_CODES_DIALOG (object);
  g_clear_object (&self->document);
  g_clear_object (&self->file);
  g_clear_pointer (&self->source, nn_export_source_unref);
  g_clear_pointer (&self->content, content_free);
  g_free (self->name);
  G_OBJECT_CLASS (wb_codes_dialog_parent_class)->finalize (object);
}

static void
wb_codes_dialog_class_init (WbCodesDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  object_class->dispose = wb_codes_dialog_dispose;
  object_class->finalize = wb_codes_dialog_finalize;
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_install_action (widget_class, "codes.save", "s", save_activated);
}

static GtkWidget *
make_header (WbCodesDialog *self)
{
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("As pictures in a folder…"), "codes.save::pictures");
  g_menu_append (menu, _ ("As a NumPy array…"), "codes.save::array");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (cancel), "window.close");
  self->save_button = gtk_menu_button_new ();
  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->save_button), _ ("_Save"));
  gtk_menu_button_set_use_underline (GTK_MENU_BUTTON (self->save_button), TRUE);
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->save_button), G_MENU_MODEL (menu));
  gtk_widget_add_css_class (self->save_button, "suggested-action");
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->save_button);
  return header;
}

static GtkWidget *
make_images (WbCodesDialog *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->facts = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_column_spacing (self->facts, 18);
  gtk_grid_set_row_spacing (self->facts, 6);
  self->shown = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->shown, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->shown), "section");
  self->images = GTK_FLOW_BOX (gtk_flow_box_new ());
  gtk_flow_box_set_selection_mode (self->images, GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (self->images, 30);
  gtk_flow_box_set_homogeneous (self->images, TRUE);
  gtk_widget_set_halign (GTK_WIDGET (self->images), GTK_ALIGN_START);
  gtk_widget_set_valign (GTK_WIDGET (self->images), GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->facts));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->shown));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->images));
  gtk_widget_add_css_class (box, "column");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), box);
  return scrolled;
}

static void
wb_codes_dialog_init (WbCodesDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *spinner = gtk_spinner_new ();
  self->problem = ADW_STATUS_PAGE (adw_status_page_new ());
  adw_status_page_set_icon_name (self->problem, "dialog-warning-symbolic");
  adw_status_page_set_title (self->problem, _ ("Cannot be unpacked"));
  gtk_widget_add_css_class (GTK_WIDGET (self->problem), "compact");
  gtk_spinner_start (GTK_SPINNER (spinner));
  gtk_widget_set_size_request (spinner, 32, 32);
  gtk_widget_set_halign (spinner, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (spinner, GTK_ALIGN_CENTER);
  self->bar = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->bar), "osd");
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, spinner, "waiting");
  gtk_stack_add_named (self->stack, make_images (self), "images");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->problem), "problem");
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->stack), "inspector");
  gtk_widget_add_css_class (GTK_WIDGET (self->stack), "data-dialog");
  gtk_box_append (GTK_BOX (box), make_header (self));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->bar));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  adw_window_set_content (ADW_WINDOW (self), box);
  gtk_window_set_default_size (GTK_WINDOW (self), 760, 580);
  set_state (self, WB_CODES_WAITING);
}

GtkWidget *
wb_codes_dialog_new (GtkWindow *parent, WbDocument *document, GFile *file)
{
  WbCodesDialog *self = g_object_new (WB_TYPE_CODES_DIALOG, "modal", TRUE, NULL);
  self->document = g_object_ref (document);
  self->file = g_object_ref (file);
  self->name = g_file_get_basename (file);
  gtk_window_set_title (GTK_WINDOW (self), self->name);
  gtk_window_set_transient_for (GTK_WINDOW (self), parent);
  wb_document_export_async (document, source_arrived, g_object_ref (self));
  return GTK_WIDGET (self);
}
