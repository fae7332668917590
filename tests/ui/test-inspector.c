/* The inspector and the palette, made from the tables: values in, edits out. */
#include <adwaita.h>

#include "document-fixture.h"
#include "key-fixture.h"
#include "panels/wb-inspector.h"
#include "panels/wb-palette.h"
#include "panels/wb-param-list.h"
#include "panels/wb-param-scale.h"
#include "panels/wb-unit-activity.h"

static char *data_folder;

/* ---- finding widgets ---- */

static GtkWidget *
find_row (GtkWidget *root, const char *param)
{
  if (WB_IS_PARAM_ROW (root) && g_str_equal (wb_param_row_spec (WB_PARAM_ROW (root))->name, param)
      && gtk_widget_get_mapped (root))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_row (child, param);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
has_text (GtkWidget *root, const char *text)
{
  if (GTK_IS_LABEL (root) && gtk_widget_get_mapped (root)
      && strstr (gtk_label_get_text (GTK_LABEL (root)), text) != NULL)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (has_text (child, text))
      return TRUE;
  return FALSE;
}

static gboolean
nothing_pending (WbDocument *document)
{
  return !g_main_context_pending (NULL);
}

typedef struct
{
  WbDocument *document;
  GtkWidget *window, *inspector;
} Setup;

static Setup
set_up (void)
{
  Setup setup = { .document = fixture_document (data_folder, 1) };
  setup.window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (setup.window), 272, 700);
  setup.inspector = wb_inspector_new ();
  gtk_window_set_child (GTK_WINDOW (setup.window), setup.inspector);
  wb_inspector_set_document (WB_INSPECTOR (setup.inspector), setup.document);
  gtk_window_present (GTK_WINDOW (setup.window));
  fixture_wait (NULL, nothing_pending);
  return setup;
}

static void
tear_down (Setup *setup)
{
  gtk_window_destroy (GTK_WINDOW (setup->window));
  fixture_close (setup->document);
}

static void
select_nodes (Setup *setup, const char *first, const char *second)
{
  guint ids[2] = { fixture_node (setup->document, first), 0 };
  if (second != NULL)
    ids[1] = fixture_node (setup->document, second);
  wb_document_select (setup->document, ids, second != NULL ? 2 : 1);
  fixture_wait (NULL, nothing_pending);
}

static const NnParams *
params_of (Setup *setup, const char *name)
{
  return nn_design_node_by_name (wb_document_design (setup->document), name)->params;
}

/* ---- tests ---- */

static void
test_int (void)
{
  Setup setup = set_up ();
  select_nodes (&setup, "Code", NULL);
  GtkWidget *spin = fixture_find_type (find_row (setup.inspector, "units"), GTK_TYPE_SPIN_BUTTON);
  g_assert_cmpint (gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (spin)), ==, 32);
  g_assert_true (has_text (setup.inspector, "36 × 32 + 32 = 1,184"));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), 12);
  g_assert_cmpint (nn_params_int (params_of (&setup, "Code"), "units"), ==, 12);
  g_assert_cmpstr (wb_document_undo_label (setup.document), ==, "Change Units of Code");
  g_assert_true (has_text (setup.inspector, "36 × 12 + 12 = 444"));
  wb_document_undo (setup.document);
  g_assert_cmpint (gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (spin)), ==, 32);
  g_assert_null (wb_document_undo_label (setup.document));
  /* A code that is as wide as the input is no bottleneck. */
  g_assert_true (has_text (setup.inspector, "The narrowest layer"));
  wb_document_edit (setup.document,
                    nn_design_set_code_node (wb_document_design (setup.document),
                                             fixture_node (setup.document, "Code")),
                    "Set as code", NULL);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), 36);
  g_assert_true (has_text (setup.inspector, "no fewer values than the input"));
  /* All that comes in is named. */
  select_nodes (&setup, "Loss", NULL);
  g_assert_true (has_text (setup.inspector, "36, 6×6×1"));
  tear_down (&setup);
}

static void
count (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ++*(guint *)data;
}

/* Small numbers are written out; Ctrl+Z in one is the document's undo, but for what is being typed.
 */
static void
test_numbers (void)
{
  Setup setup = set_up ();
  guint n_undone = 0;
  const GActionEntry undo = { .name = "undo", .activate = count };
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (actions), &undo, 1, &n_undone);
  gtk_widget_insert_action_group (setup.window, "win", G_ACTION_GROUP (actions));
  select_nodes (&setup, "Code", NULL);
  GtkWidget *spin = fixture_find_type (find_row (setup.inspector, "units"), GTK_TYPE_SPIN_BUTTON);
  GtkWidget *entry = fixture_find_type (find_row (setup.inspector, "activity-l1"), GTK_TYPE_ENTRY);

  static const char *const small[] = { "0.00001", "0.000032", "1.25e-06" };
  for (guint i = 0; i < G_N_ELEMENTS (small); i++)
    {
      fixture_set_param (setup.document, "Code", "activity-l1", small[i], NULL);
      g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, small[i]);
    }
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), 12);
  g_assert_true (fixture_press_key (spin, GDK_KEY_z, GDK_CONTROL_MASK));
  g_assert_true (fixture_press_key (entry, GDK_KEY_z, GDK_CONTROL_MASK));
  g_assert_cmpuint (n_undone, ==, 2);
  gtk_editable_set_text (GTK_EDITABLE (spin), "123");
  gtk_editable_set_text (GTK_EDITABLE (entry), "0.5");
  g_assert_false (fixture_press_key (spin, GDK_KEY_z, GDK_CONTROL_MASK));
  g_assert_false (fixture_press_key (entry, GDK_KEY_z, GDK_CONTROL_MASK));
  g_assert_cmpuint (n_undone, ==, 2);
  tear_down (&setup);
}

/* A number that is off at 0 says so, and the word can be typed. */
static void
test_off (void)
{
  Setup setup = set_up ();
  GtkWidget *row = wb_inspector_reveal (WB_INSPECTOR (setup.inspector), "training", "warm-up");
  GtkSpinButton *spin = GTK_SPIN_BUTTON (fixture_find_type (row, GTK_TYPE_SPIN_BUTTON));
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (spin)), ==, "off");
  gtk_editable_set_text (GTK_EDITABLE (spin), "5");
  gtk_spin_button_update (spin);
  NnDesign *design = wb_document_design (setup.document);
  g_assert_cmpint (nn_params_int (nn_design_training (design), "warm-up"), ==, 5);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (spin)), ==, "5");
  gtk_editable_set_text (GTK_EDITABLE (spin), "off");
  gtk_spin_button_update (spin);
  design = wb_document_design (setup.document);
  g_assert_cmpint (nn_params_int (nn_design_training (design), "warm-up"), ==, 0);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (spin)), ==, "off");
  tear_down (&setup);
}

static gboolean
in_sight (GtkWidget *row)
{
  GtkWidget *scrolled = gtk_widget_get_ancestor (row, GTK_TYPE_SCROLLED_WINDOW);
  graphene_rect_t bounds;
  return gtk_widget_get_mapped (row) && gtk_widget_compute_bounds (row, scrolled, &bounds)
         && bounds.size.height > 0 && bounds.origin.y >= 0
         && bounds.origin.y + bounds.size.height <= gtk_widget_get_height (scrolled);
}

/* What a lesson points at: the page is turned to, what is folded is unfolded, and scrolled to. */
static void
test_reveal (void)
{
  static const struct
  {
    const char *owner, *parameter;
  } settings[] = {
    { "training", "clip-norm" },
    { "optimizer", "learning-rate" },
    { "data", "balance" },
    { "Code", "activity-l1" },
  };
  Setup setup = set_up ();
  gtk_window_set_default_size (GTK_WINDOW (setup.window), 272, 300);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      const gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
      GtkWidget *row = wb_inspector_reveal (WB_INSPECTOR (setup.inspector), settings[i].owner,
                                            settings[i].parameter);
      g_assert_true (WB_IS_PARAM_ROW (row));
      g_assert_cmpstr (wb_param_row_spec (WB_PARAM_ROW (row))->name, ==, settings[i].parameter);
      while (!in_sight (row))
        {
          g_assert_cmpint (g_get_monotonic_time (), <, end);
          if (!g_main_context_iteration (NULL, FALSE))
            g_usleep (1000);
        }
    }
  g_assert_null (wb_inspector_reveal (WB_INSPECTOR (setup.inspector), "training", "units"));
  g_assert_null (wb_inspector_reveal (WB_INSPECTOR (setup.inspector), "Nobody", "units"));
  tear_down (&setup);
}

/* The page scrolls under the pointer; what has the focus can be turned. */
static void
test_scrolling (void)
{
  Setup setup = set_up ();
  select_nodes (&setup, "Code", NULL);
  GtkWidget *spin = fixture_find_type (find_row (setup.inspector, "units"), GTK_TYPE_SPIN_BUTTON);
  wb_inspector_show_page (WB_INSPECTOR (setup.inspector), WB_INSPECTOR_TRAINING);
  fixture_wait (NULL, nothing_pending);
  GtkWidget *scale =
      fixture_find_type (find_row (setup.inspector, "learning-rate"), GTK_TYPE_SCALE);
  g_assert_false (fixture_takes_scrolling (spin));
  g_assert_false (fixture_takes_scrolling (scale));
  gtk_widget_grab_focus (scale);
  fixture_wait (NULL, nothing_pending);
  g_assert_true (fixture_takes_scrolling (scale));
  g_assert_false (fixture_takes_scrolling (spin));
  gtk_widget_grab_focus (
      fixture_find_type (find_row (setup.inspector, "epochs"), GTK_TYPE_SPIN_BUTTON));
  fixture_wait (NULL, nothing_pending);
  g_assert_false (fixture_takes_scrolling (scale));
  tear_down (&setup);
}

/* Shown only where it means something. */
static void
test_shown_if (void)
{
  Setup setup = set_up ();
  select_nodes (&setup, "Code", NULL);
  g_assert_null (find_row (setup.inspector, "alpha"));
  GtkWidget *choice =
      fixture_find_type (find_row (setup.inspector, "activation"), GTK_TYPE_DROP_DOWN);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (choice), NN_ACTIVATION_ELU);
  fixture_wait (NULL, nothing_pending);
  g_assert_cmpstr (nn_params_text (params_of (&setup, "Code"), "activation"), ==, "elu");
  g_assert_nonnull (find_row (setup.inspector, "alpha"));
  tear_down (&setup);
}

static void
test_refused_value (void)
{
  Setup setup = set_up ();
  select_nodes (&setup, "Code", NULL);
  GtkWidget *row = find_row (setup.inspector, "activity-l1");
  GtkWidget *entry = fixture_find_type (row, GTK_TYPE_ENTRY);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "off");
  gtk_editable_set_text (GTK_EDITABLE (entry), "much");
  g_signal_emit_by_name (entry, "activate");
  fixture_wait (NULL, nothing_pending);
  g_assert_true (has_text (row, "much"));
  g_assert_null (wb_document_undo_label (setup.document));
  gtk_editable_set_text (GTK_EDITABLE (entry), "1e-4");
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpfloat (nn_params_float (params_of (&setup, "Code"), "activity-l1"), ==, 1e-4);
  g_assert_false (has_text (row, "much"));
  tear_down (&setup);
}

/* One change, one step, on all that are selected. */
static void
test_several (void)
{
  Setup setup = set_up ();
  select_nodes (&setup, "Code", "Output");
  GtkWidget *choice =
      fixture_find_type (find_row (setup.inspector, "activation"), GTK_TYPE_DROP_DOWN);
  g_assert_cmpuint (gtk_drop_down_get_selected (GTK_DROP_DOWN (choice)), ==,
                    GTK_INVALID_LIST_POSITION);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (choice), NN_ACTIVATION_TANH);
  g_assert_cmpstr (nn_params_text (params_of (&setup, "Code"), "activation"), ==, "tanh");
  g_assert_cmpstr (nn_params_text (params_of (&setup, "Output"), "activation"), ==, "tanh");
  g_assert_cmpstr (wb_document_undo_label (setup.document), ==, "Change Activation of 2 layers");
  wb_document_undo (setup.document);
  g_assert_cmpstr (nn_params_text (params_of (&setup, "Code"), "activation"), ==, "relu");
  g_assert_cmpstr (nn_params_text (params_of (&setup, "Output"), "activation"), ==, "sigmoid");
  tear_down (&setup);
}

static void
test_training_page (void)
{
  Setup setup = set_up ();
  select_nodes (&setup, "Code", NULL);
  g_assert_null (find_row (setup.inspector, "epochs"));
  wb_document_select (setup.document, NULL, 0);
  fixture_wait (NULL, nothing_pending);
  GtkWidget *epochs =
      fixture_find_type (find_row (setup.inspector, "epochs"), GTK_TYPE_SPIN_BUTTON);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (epochs), 9);
  g_assert_cmpint (
      nn_params_int (nn_design_training (wb_document_design (setup.document)), "epochs"), ==, 9);
  GtkWidget *rate = fixture_find_type (find_row (setup.inspector, "learning-rate"), GTK_TYPE_SCALE);
  gtk_range_set_value (GTK_RANGE (rate), 0);
  gtk_range_set_value (GTK_RANGE (rate), 1);
  g_assert_cmpstr (wb_document_undo_label (setup.document), ==, "Change Learning rate");
  wb_document_undo (setup.document);
  g_assert_cmpstr (wb_document_undo_label (setup.document), ==, "Change Epochs");
  tear_down (&setup);
}

static void
test_fix_button (void)
{
  Setup setup = set_up ();
  fixture_set_param (setup.document, "Output", "units", "30", NULL);
  g_assert_false (nn_analysis_can_train (wb_document_analysis (setup.document)));
  NnAnalysis *analysis = wb_document_analysis (setup.document);
  const NnDiagnostic *diagnostic = nn_analysis_diagnostic (analysis, 0);
  g_assert_nonnull (diagnostic->fix);
  g_autofree char *label = g_strdup (diagnostic->fix_label);
  wb_document_select (setup.document, &diagnostic->node, 1);
  fixture_wait (NULL, nothing_pending);
  g_assert_true (has_text (setup.inspector, label));
  tear_down (&setup);
}

static void
test_scale_mapping (void)
{
  static const NnParamSpec off = { .name = "l1",
                                   .type = NN_PARAM_FLOAT,
                                   .flags = NN_PARAM_LOG | NN_PARAM_OFF_AT_ZERO,
                                   .max = 1,
                                   .soft_min = 1e-6,
                                   .soft_max = 1e-3 };
  g_assert_cmpfloat_with_epsilon (wb_param_position_max (&off), 4, 1e-9);
  g_assert_cmpfloat (wb_param_position (&off, 0), ==, 0);
  g_assert_cmpfloat (wb_param_value (&off, 0.3), ==, 0);
  g_assert_cmpfloat_with_epsilon (wb_param_value (&off, 0.8), 1e-6, 1e-12);
  g_assert_cmpfloat_with_epsilon (wb_param_value (&off, 4), 1e-3, 1e-9);
  for (double value = 1e-6; value < 1e-3; value *= 10)
    g_assert_cmpfloat_with_epsilon (wb_param_value (&off, wb_param_position (&off, value)), value,
                                    value * 1e-6);

  static const NnParamSpec linear = {
    .name = "rate", .type = NN_PARAM_FLOAT, .max = 1, .soft_min = 0, .soft_max = 0.8
  };
  g_assert_cmpfloat_with_epsilon (wb_param_value (&linear, wb_param_position (&linear, 0.25)), 0.25,
                                  1e-9);
  g_assert_cmpfloat (wb_param_position (&linear, 5), ==, wb_param_position_max (&linear));
}

static guint
count_pictures (GtkWidget *root)
{
  guint n = GTK_IS_PICTURE (root) && gtk_widget_get_mapped (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_pictures (child);
  return n;
}

/* What noise makes of a sample is shown anew whenever the node is, in place of what was there. */
static void
test_noise_preview (void)
{
  Setup setup = set_up ();
  NnDesign *design = wb_document_design (setup.document);
  guint input = fixture_node (setup.document, "Input"), noise;
  const NnEdge *edge = NULL;
  for (guint i = 0; edge == NULL; i++)
    if (nn_design_edge_at (design, i)->from == input)
      edge = nn_design_edge_at (design, i);
  g_autoptr (NnDesign) added =
      nn_design_add_node (design, nn_layer_type ("gaussian-noise"), NULL, "Noise", 60, 0, &noise);
  g_autoptr (GError) error = NULL;
  NnDesign *noisy = nn_design_insert_into_edge (added, noise, edge->to, edge->to_port, &error);
  g_assert_no_error (error);
  wb_document_edit (setup.document, noisy, "Add noise", NULL);
  for (guint i = 0; i < 3; i++)
    {
      select_nodes (&setup, "Noise", NULL);
      g_assert_cmpuint (count_pictures (setup.inspector), ==, 6);
      select_nodes (&setup, "Code", NULL);
      g_assert_cmpuint (count_pictures (setup.inspector), ==, 0);
    }
  tear_down (&setup);
}

static void
test_unit_activity (void)
{
  const float values[] = { 1, 0, -3, /**/ 2, 0, 1 };
  guint n_silent;
  g_autofree float *means = wb_unit_activity_means (values, 2, 3, &n_silent);
  g_assert_cmpuint (n_silent, ==, 1);
  g_assert_cmpfloat (means[0], ==, 2);
  g_assert_cmpfloat (means[1], ==, 1.5);
  g_assert_cmpfloat (means[2], ==, 0);
}

/* Every template gives a network that can be trained. */
static void
test_templates (void)
{
  g_autoptr (NnDataInfo) info = nn_data_peek (data_folder, NULL);
  guint n;
  const WbTemplate *templates = wb_templates (&n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (NnDesign) empty = nn_design_new ();
      g_autoptr (NnAnalysis) before = nn_analysis_new (empty, info, 0);
      g_autoptr (GError) error = NULL;
      g_autoptr (NnDesign) design = wb_template_apply (templates[i].id, before, &error);
      g_assert_no_error (error);
      g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, info, 0);
      g_assert_true (nn_analysis_can_train (analysis));
    }
}

static void
added (GtkWidget *palette, gpointer type, const NnLayerType **out)
{
  *out = type;
}

static void
test_palette_search (void)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *palette = wb_palette_new ();
  gtk_window_set_child (GTK_WINDOW (window), palette);
  gtk_window_present (GTK_WINDOW (window));
  const NnLayerType *type = NULL;
  g_signal_connect (palette, "add-layer", G_CALLBACK (added), &type);
  GtkWidget *search = fixture_find_type (palette, GTK_TYPE_SEARCH_ENTRY);
  gtk_editable_set_text (GTK_EDITABLE (search), "DROPO");
  g_signal_emit_by_name (search, "activate");
  g_assert_nonnull (type);
  g_assert_cmpstr (type->id, ==, "dropout");

  /* Enter right after the last letter adds the layer of that name, whatever else was found. */
  for (const NnLayerType *const *t = nn_layer_types (); *t != NULL; t++)
    {
      type = NULL;
      gtk_editable_set_text (GTK_EDITABLE (search), (*t)->title);
      g_signal_emit_by_name (search, "activate");
      g_assert_nonnull (type);
      g_assert_cmpstr (type->id, ==, (*t)->id);
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  data_folder = fixture_write_data ();
  g_test_add_func ("/inspector/int", test_int);
  g_test_add_func ("/inspector/numbers", test_numbers);
  g_test_add_func ("/inspector/scrolling", test_scrolling);
  g_test_add_func ("/inspector/off", test_off);
  g_test_add_func ("/inspector/reveal", test_reveal);
  g_test_add_func ("/inspector/shown-if", test_shown_if);
  g_test_add_func ("/inspector/refused-value", test_refused_value);
  g_test_add_func ("/inspector/several", test_several);
  g_test_add_func ("/inspector/training-page", test_training_page);
  g_test_add_func ("/inspector/fix-button", test_fix_button);
  g_test_add_func ("/inspector/scale-mapping", test_scale_mapping);
  g_test_add_func ("/inspector/noise-preview", test_noise_preview);
  g_test_add_func ("/inspector/unit-activity", test_unit_activity);
  g_test_add_func ("/inspector/templates", test_templates);
  g_test_add_func ("/inspector/palette-search", test_palette_search);
  int status = g_test_run ();
  nn_test_remove_folder (data_folder);
  g_free (data_folder);
  return status;
}
