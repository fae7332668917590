"""script_check.py: what the checks of exported scripts say of each, a line "NAME<tab>ok" or what is wrong."""

import numpy as np


def check_prediction(module, network, data, case, difference):
    """Of the first test samples as the file has them: what differs from the case's outputs, or None."""
    with np.load(data) as archive:
        outputs = module.predict(network, {name: archive[name + '_test'][:3] for name in module.INPUTS})
    for name, expected in case.items():
        wrong = name.startswith('out.') and difference(outputs[name[4:]], expected)
        if wrong:
            return f'{name[4:]}: {wrong}'
    return None


def tell(name, function, path):
    try:
        result = function(path)
    except (Exception, SystemExit) as error:  # whatever a script does, the others are looked at
        result = ' '.join(f'{type(error).__name__}: {error}'.split())
    print(f'{name}\t{result}', flush=True)


def tell_all(folder, check, check_training):
    for script in sorted(folder.glob('*.py')):
        if not script.stem.endswith('_after'):
            tell(script.stem, check_training if script.stem.startswith('training') else check, script)
