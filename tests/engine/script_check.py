"""script_check.py: what the checks of exported scripts say of each, a line "NAME<tab>ok" or what is wrong."""


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
