#!/usr/bin/python3
"""test-cli-training.py DIABOLO-CLI: what there is, and training: going on, stages, early stopping, options. Speaks TAP."""
import json
import signal
import subprocess
import sys
import time
import zipfile

from cli_test import CLI, FOLDER, run, run_json, run_tests, stored_weights, trained


# ---- what there is ----

def test_lists():
    lessons = run_json('lessons')['lessons']
    assert lessons[0]['id'] == 'simple' and len(lessons) >= 10
    assert run('lessons')[0].splitlines()[0].startswith('simple')
    layers = {layer['id']: layer for layer in run_json('layers')['layers']}
    assert 'units' in [parameter['name'] for parameter in layers['dense']['parameters']]
    assert 'digits' in [data['id'] for data in run_json('datasets')['datasets']]


def test_every_lesson_is_a_project_without_problems():
    for lesson in run_json('lessons')['lessons']:
        run('new', lesson['id'], '-o', 'lesson.diabolo')
        assert run('check', 'lesson.diabolo')[0] == 'No problems.\n'


def test_summary():
    run('new', 'simple', '-o', 'summary.diabolo')
    text = run('summary', 'summary.diabolo')[0]
    assert '50,992' in text or '50992' in text, text
    assert '50992' in json.dumps(run_json('summary', 'summary.diabolo'))


# ---- training ----

def test_train_goes_on_and_evaluates():
    first = trained('on.diabolo')
    assert first['epochs'] == 2 and first['steps'] == 16 and len(first['history']) == 2
    assert first['history'][1]['loss'] < first['history'][0]['loss']
    assert first['history'][1]['validation_loss'] == first['validation_loss']
    evaluated = run_json('evaluate', 'on.diabolo')
    assert abs(evaluated['validation_loss'] - first['validation_loss']) < 1e-6 and evaluated['samples'] == 64
    part, = evaluated['parts']
    assert abs(part['loss'] - first['validation_loss']) < 1e-6
    assert 0 < part['mae'] < 1 and part['psnr'] > 5 and -1 < part['ssim'] < 1
    assert 'PSNR' in run('evaluate', 'on.diabolo')[0]

    more = run_json('train', 'on.diabolo', '--epochs', 3, '--save', 'on.diabolo', '--history', 'on.csv')
    assert more['epochs'] == 5 and len(more['history']) == 5
    assert more['loss'] < first['loss']
    rows = (FOLDER / 'on.csv').read_text(encoding='utf-8').splitlines()
    assert rows[0] == 'run,name,kind,epoch,step,loss,accuracy,seconds,learning_rate,mae,mse,psnr,ssim' and \
         len(rows) == 1 + 5 * (8 + 2)
    run('export', 'on.diabolo', '--format', 'csv', '-o', 'exported.csv')
    assert (FOLDER / 'exported.csv').read_bytes() == (FOLDER / 'on.csv').read_bytes()


def test_going_on_is_as_never_stopping():
    trained('stopped.diabolo', '--epochs', 1)
    run('train', 'stopped.diabolo', '--epochs', 1, '--save', 'stopped.diabolo')
    trained('whole.diabolo')
    assert stored_weights('stopped.diabolo') == stored_weights('whole.diabolo')


def test_schedules_outlive_files():
    settings = ['--set=' + text for text in ('schedule=plateau', 'plateau-patience=1', 'plateau-difference=1',
                                             'warm-up=3', 'warm-up-unit=batches', 'clip-norm=0.05')]
    trained('stopped.diabolo', '--epochs', 2, *settings)
    run('train', 'stopped.diabolo', '--epochs', 2, '--save', 'stopped.diabolo')
    whole = trained('whole.diabolo', '--epochs', 4, *settings)
    assert stored_weights('stopped.diabolo') == stored_weights('whole.diabolo')
    assert 0 < whole['learning_rate'] < 1e-4, whole['learning_rate']
    assert 'learning rate' in run('train', 'whole.diabolo', '--epochs', 1)[0]
    run('train', 'whole.diabolo', '--set', 'schedule=never', status=2)
    run('train', 'whole.diabolo', '--set', 'schedule', status=2)
    run('train', 'whole.diabolo', '--set', 'no-such-setting=1', status=2)


def test_threads_give_the_same_bits():
    for threads in 1, 2, 3:
        trained(f'{threads}.diabolo', '--threads', threads)
    assert stored_weights('1.diabolo') == stored_weights('2.diabolo') == stored_weights('3.diabolo')
    trained('seed.diabolo', '--seed', 7)
    assert stored_weights('seed.diabolo') != stored_weights('1.diabolo')


def test_stages_go_on():
    """A stage takes what it shares with the one before; that one's own output stays behind."""
    for stage in 'stacked', 'stacked:second', 'stacked:third', 'stacked:classifier':
        run('new', stage, '-o', 'stage.diabolo')
        before = ['--weights', 'before.diabolo'] if stage != 'stacked' else []
        run('train', 'stage.diabolo', '--data', 'squares', '--limit', 64, '--epochs', 1, *before, '--save',
            'before.diabolo')


def test_all_stages():
    """One command does what one for each stage does."""
    options = ['--data', 'squares', '--limit', 64, '--epochs', 2]
    result = run_json('train', 'stacked', '--all-stages', *options, '--save', 'final.diabolo')
    assert [stage['epochs'] for stage in result['stages']] == [2] * 4, result
    assert result['stages'][3]['title'] == 'Stacked autoencoder, classifier'
    assert result['stages'][3]['loss'] == result['loss'] and result['epochs'] == 2
    for stage in 'stacked', 'stacked:second', 'stacked:third', 'stacked:classifier':
        run('new', stage, '-o', 'stage.diabolo')
        before = ['--weights', 'before.diabolo'] if stage != 'stacked' else []
        run('train', 'stage.diabolo', *options, *before, '--save', 'before.diabolo')
    assert stored_weights('final.diabolo') == stored_weights('before.diabolo')
    with zipfile.ZipFile(FOLDER / 'final.diabolo') as project:
        assert json.loads(project.read('diabolo.json'))['earlier-runs'] == 3
    assert 'accuracy' in run('evaluate', 'final.diabolo')[0]
    text = run('train', 'transfer', '--all-stages', *options)[0]
    assert 'stage 1 of 2' in text and 'stage 2 of 2' in text, text
    run('train', 'simple', '--all-stages', status=1)
    run('train', 'final.diabolo', '--all-stages', status=1)


def test_early_stopping_keeps_the_best():
    result = trained('early.diabolo', '--epochs', 40, '--learning-rate', '0.3', '--set', 'patience=2', '--set',
                     'keep-best=true')
    assert result['epochs'] < 40 and result['weights_epoch'] == result['epochs'] - 2 == result['best_epoch'], result
    kept = run_json('evaluate', 'early.diabolo')['validation_loss']
    assert abs(kept - result['best_validation_loss']) < 1e-6, (kept, result)


def test_held_out_samples_validate():
    settings = ['--set=validation=training', '--set=validation-share=0.25']
    whole = trained('whole.diabolo', *settings)
    of = {part: run_json('evaluate', 'whole.diabolo', '--on', part) for part in ('training', 'validation', 'test')}
    assert [of[part]['samples'] for part in of] == [192, 64, 64], of
    assert abs(of['validation']['validation_loss'] - whole['validation_loss']) < 1e-6
    assert of['test']['validation_loss'] != of['validation']['validation_loss']
    assert run_json('evaluate', 'whole.diabolo') == of['test']
    run('evaluate', 'whole.diabolo', '--on', 'all', status=2)

    trained('stopped.diabolo', '--epochs', 1, *settings)
    run('train', 'stopped.diabolo', '--epochs', 1, '--save', 'stopped.diabolo')
    assert stored_weights('stopped.diabolo') == stored_weights('whole.diabolo')


def test_options_change_the_run():
    base = trained('base.diabolo')['loss']
    for options in ('--learning-rate', '0.01'), ('--optimizer', 'sgd'), ('--limit', '64'), ('--no-shuffle',):
        assert trained('other.diabolo', *options)['loss'] != base, options


def test_quiet_and_plain_output():
    run('new', 'simple', '-o', 'quiet.diabolo')
    plain, _ = run('train', 'quiet.diabolo', '--data', 'squares', '--epochs', 3)
    quiet, errors = run('train', 'quiet.diabolo', '--data', 'squares', '--epochs', 3, '--quiet')
    assert plain.count('epoch ') >= 3 and quiet.count('\n') == 1 and errors == ''


def test_interrupt_leaves_a_whole_project():
    run('new', 'simple', '-o', 'long.diabolo')
    process = subprocess.Popen([CLI, 'train', 'long.diabolo', '--data', 'squares', '--epochs', '1000000',
                                '--save', 'cut.diabolo'], cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1 and b'interrupted' in errors, errors
    run('evaluate', 'cut.diabolo')
    assert run_json('train', 'cut.diabolo', '--epochs', 1)['epochs'] > 1


# ---- how fast ----

def test_bench():
    figures = run_json('bench', 'simple', '--seconds', '0.05', '--threads', '1')
    assert figures['threads'] == 1 and figures['lessons'][0]['samples_per_second'] > 0
    assert figures['lessons'][0]['multiply_adds'] == 2 * 784 * 32


def test_bench_inference():
    simple, cnn = run_json('bench', 'simple', 'cnn', '--inference', '--seconds', '0.02', '--threads', '1')['lessons']
    assert simple['one_sample_seconds'] > 0 and simple['codes_seconds'] > 0 and simple['codes'] == 10000
    assert 'samples_per_second' not in simple
    assert cnn['one_sample_seconds'] > 0


if __name__ == '__main__':
    sys.exit(run_tests(globals()))
