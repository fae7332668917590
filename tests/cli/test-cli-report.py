#!/usr/bin/python3
"""test-cli-report.py DIABOLO-CLI: the page that tells of a run. Speaks TAP."""
import base64
import csv
import html.parser
import json
import sys
import xml.etree.ElementTree
import zipfile

from cli_test import FOLDER, run, run_json, run_tests


class Page(html.parser.HTMLParser):
    """A report as a browser reads it: its tables as rows of text, where <data> gives its value."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tables, self.attributes, self.heading = [], [], [], {}
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.attributes += [(tag, *attribute) for attribute in attrs]
        if tag == 'table':
            self.tables.append([])
        elif tag == 'tr':
            self.tables[-1].append([])
        elif tag in ('th', 'td'):
            self.tables[-1][-1].append('')
        elif tag == 'data':
            self.tables and self.tables[-1] and self.tables[-1][-1].__setitem__(-1, dict(attrs)['value'])
        if tag != 'meta':
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.attributes += [(tag, *attribute) for attribute in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ('th', 'td'):
            self.tables[-1][-1][-1] += data
        elif self.open and self.open[-1] in ('title', 'h1', 'lead'):
            self.heading[self.open[-1]] = data


def rename(path, title, names):
    """Gives a project and some of its nodes other names."""
    with zipfile.ZipFile(FOLDER / path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    design = json.loads(files['design.json'])
    design['title'] = title
    for node in design['nodes']:
        node['name'] = names.get(node['name'], node['name'])
    files['design.json'] = json.dumps(design).encode()
    with zipfile.ZipFile(FOLDER / path, 'w') as archive:
        for name, data in files.items():
            archive.writestr(name, data)


def test_report():
    title, layer = '</title><script>alert("1")</script> & \x07', '<b>"A" & \'B\' &#x1;</b>'
    run('new', 'simple', '-o', 'told.diabolo')
    rename('told.diabolo', title, {'Code': layer})
    run('train', 'told.diabolo', '--data', FOLDER / 'squares', '--batch-size', 32, '--epochs', 2, '--save',
        'told.diabolo', '--quiet')
    run('export', 'told.diabolo', '--format', 'html', '-o', 'told.html')
    text = (FOLDER / 'told.html').read_text(encoding='utf-8')
    xml.etree.ElementTree.fromstring(text)
    page = Page(text)
    shown = title.replace('\x07', '\ufffd')
    assert page.heading == {'title': shown, 'h1': shown}, page.heading
    # Nothing from elsewhere, and no script.
    assert not {tag for tag, *_ in page.attributes} & {'script', 'link', 'iframe', 'object'}
    for _, name, value in page.attributes:
        assert not name.startswith('on') and 'javascript:' not in value, (name, value)
        if name in ('src', 'href', 'xlink:href'):
            assert value.startswith(('data:image/png;base64,', '#')), value
        elif not name.startswith('xmlns'):
            assert '//' not in value and 'url(' not in value.replace('url(#', ''), (name, value)
    assert '@import' not in text and 'url(' not in text.replace('url(#', '')
    ids = [value for _, name, value in page.attributes if name == 'id']
    links = {value[1:] for _, name, value in page.attributes if name == 'xlink:href'}
    assert len(ids) == len(set(ids)) and links and links <= set(ids)
    # Of where the data lie on this machine a reader learns nothing.
    assert str(FOLDER) not in text
    pictures = [base64.b64decode(value[22:]) for _, name, value in page.attributes if name == 'src']
    assert len(pictures) > 80 and all(picture.startswith(b'\x89PNG') for picture in pictures)
    check_report_numbers(page, layer)
    # From the start with other weights: another run, of which the page tells, beside the first.
    run('train', 'told.diabolo', '--seed', 7, '--epochs', 1, '--save', 'told.diabolo', '--quiet')
    run('export', 'told.diabolo', '--format', 'html', '-o', 'told.html')
    page = Page((FOLDER / 'told.html').read_text(encoding='utf-8'))
    assert [row[0] for row in page.tables[1]] == ['Run', 'Run 1', 'Run 2'], page.tables[1]
    del page.tables[1]
    check_report_numbers(page, layer, name='Run 2', epochs=1)


def check_report_numbers(page, layer, name='Run 1', epochs=2):
    run('export', 'told.diabolo', '--format', 'csv', '-o', 'told.csv')
    with open(FOLDER / 'told.csv', encoding='utf-8', newline='') as file:
        rows = [row for row in csv.DictReader(file) if row['name'] == name]
    results, layers = page.tables[:2]
    found = {}
    for measure, part, last, best, epoch in results[1:]:
        found[measure, part] = last
        column = {'Loss': 'loss', 'Mean squared error': 'mse', 'Mean absolute error': 'mae', 'PSNR': 'psnr',
                  'SSIM': 'ssim'}[measure]
        kind = {'training': 'epoch', 'validation': 'validation'}[part]
        values = [(row[column], float(row['epoch'])) for row in rows if row['kind'] == kind]
        assert last == values[-1][0], (measure, last, values)
        greatest = column in ('psnr', 'ssim')
        wanted = sorted(values, key=lambda value: float(value[0]), reverse=greatest)[0]
        assert (best, float(epoch)) == wanted, (measure, best, wanted)
    assert {('Loss', 'training'), ('Loss', 'validation'), ('PSNR', 'validation')} <= set(found), found
    summary = run_json('summary', 'told.diabolo')
    assert [row[0] for row in layers[1:-2]] == [node['name'] for node in summary['layers']]
    assert layer in [row[0] for row in layers]
    assert layers[-2][-1] == f"{summary['parameters']:,}"
    settings = {row[0]: row[1] for table in page.tables for row in table if len(row) == 2}
    assert settings['Epochs'] == str(epochs) and settings['Batch size'] == '32' and settings['Training samples'] == '256'
    assert settings['Data set'] == 'squares'
    samples = [table for table in page.tables if table[0][0] == 'Sample']
    assert [[row[0] for row in table] for table in samples] == \
        2 * [['Sample', 'Class', 'Input', 'Code', 'Output', 'Difference', 'Error']]
    assert samples[0][1][1:] == [str(label) for label in range(10)]
    worst = [float(error) for error in samples[1][-1][1:]]
    assert worst == sorted(worst, reverse=True) and len(worst) == 10


if __name__ == '__main__':
    sys.exit(run_tests(globals()))
