/* nn-image-folder.h: a folder of pictures. Folders within are classes; folders called "train" and
 * "test" are the parts, with or without classes in them.
 */
#pragma once

#include "data/nn-data-source.h"

extern const NnDataSource nn_image_folder_source;
