#!/usr/bin/python3
"""onnx-check.py DIR: what onnx.checker says of every DIR/*.onnx, one line each: NAME<TAB>"ok" or what is wrong.

Beyond the checker's own full check: shape inference must find a type and a number of axes for every value, and the
size of the batch must be open from input to output."""
import pathlib
import sys

import onnx


def check(path):
    model = onnx.load(str(path))
    onnx.checker.check_model(model, full_check=True)
    if model.opset_import[0].version < 13 or not model.metadata_props:
        return f'opset {model.opset_import[0].version}, {len(model.metadata_props)} metadata'
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    for port in bare.graph.output:  # what inference finds, not what was declared
        port.type.tensor_type.ClearField('shape')
    inferred = onnx.shape_inference.infer_shapes(bare, check_type=True, strict_mode=True, data_prop=True)
    known = {v.name: v.type.tensor_type for v in [*inferred.graph.value_info, *inferred.graph.output]}
    for node in inferred.graph.node:
        for name in node.output:
            if name and (name not in known or not known[name].HasField('shape')):
                return f'no shape for {name} of {node.op_type}'
    for port in [*model.graph.input, *model.graph.output]:
        if port.type.tensor_type.shape.dim[0].dim_param != 'batch':
            return f'{port.name}: the batch has a fixed size'
    for port in model.graph.output:
        declared = [d.dim_value for d in port.type.tensor_type.shape.dim][1:]
        found = [d.dim_value for d in known[port.name].shape.dim][1:]
        if declared != found:
            return f'{port.name} is declared {declared}, but is {found}'
    return 'ok'


for path in sorted(pathlib.Path(sys.argv[1]).glob('*.onnx')):
    try:
        result = check(path)
    except Exception as error:
        result = ' '.join(str(error).split()) or repr(error)
    print(f'{path.stem}\t{result}')
