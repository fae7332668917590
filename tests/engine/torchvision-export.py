#!/usr/bin/python3
"""torchvision-export.py FOLDER: networks of torchvision as ONNX, with random weights, an input and what PyTorch makes of
it: FOLDER/NAME/model.onnx and test_data_set_0/input_0.pb, output_0.pb, as ONNX's own cases lie. Exits with 77 where torchvision is not installed."""
import pathlib
import sys

try:
    import torch
    import torchvision
    from onnx import numpy_helper
except ImportError as error:
    print(error)
    sys.exit(77)

SIZE = 96  # of the images: enough for five halvings, and quick


def save(values, path):
    path.write_bytes(numpy_helper.from_array(values.detach().numpy()).SerializeToString())


def export(name, folder, size):
    model = getattr(torchvision.models, name)()
    # Batch norms that have seen something: kept means and variances are not 0 and 1.
    model.train()
    with torch.no_grad():
        model(torch.randn(4, 3, size, size))
    model.eval()
    x = torch.randn(2, 3, size, size)
    data = folder / name / 'test_data_set_0'
    data.mkdir(parents=True)
    torch.onnx.export(model, x, str(folder / name / 'model.onnx'), input_names=['image'], output_names=['logits'],
                      dynamic_axes={'image': {0: 'batch'}, 'logits': {0: 'batch'}})
    save(x, data / 'input_0.pb')
    save(model(x), data / 'output_0.pb')


if __name__ == '__main__':
    torch.manual_seed(1)
    for each in sys.argv[2:] or ['mobilenet_v2', 'resnet18']:
        export(each, pathlib.Path(sys.argv[1]), SIZE)
