#!/usr/bin/python3
"""test-report.py LOG...               adds up the tests in meson's testlog.json files
   test-report.py --targets DIR SUITE  prints what has to be built for a suite of a build directory

A test that speaks TAP counts as many as it reports; any other counts once."""
import json
import os
import re
import subprocess
import sys

# "ok 3 /tensor/copy # SKIP reason"
POINT = re.compile(r'^(not ok|ok)\b[ \d]*(?:- )?(.*?)(?:#\s*(SKIP|TODO)\S*\s*(.*))?$')


def count(test):
    """(passed, failed, [(name, reason) of the skipped]) of one line of testlog.json."""
    passed = failed = 0
    skipped = []
    for line in test.get('stdout', '').splitlines():
        point = POINT.match(line)
        if not point:
            continue
        ok, name, directive, reason = point.groups()
        if directive == 'SKIP':
            skipped.append((name.strip(), reason.strip()))
        elif ok == 'ok':
            passed += 1
        else:
            failed += 1
    good = test['result'] in ('OK', 'EXPECTEDFAIL', 'SKIP')
    if not good and not failed:  # it crashed, or took too long, outside of what it reports
        failed = 1
    if not passed + failed + len(skipped):
        if test['result'] == 'SKIP':
            skipped.append(('', ' '.join(test.get('stdout', '').split())))
        else:
            passed = 1
    return passed, failed, skipped


def report(logs):
    total_passed = total_failed = total_skipped = 0
    reasons = {}
    for log in logs:
        with open(log, encoding='utf-8') as lines:
            for line in lines:
                test = json.loads(line)
                passed, failed, skipped = count(test)
                total_passed += passed
                total_failed += failed
                total_skipped += len(skipped)
                for name, reason in skipped:
                    reasons.setdefault((test['name'], name, reason), 0)
                if failed:
                    print(f'failed: {test["name"]} ({log.split("/")[0]}, {test["result"].lower()})')
    for name, point, reason in reasons:
        print(f'skipped: {name} {point}: {reason}')
    print(f'{total_passed} passed, {total_failed} failed, {total_skipped} skipped')
    return 1 if total_failed or not total_passed else 0


def targets(directory, suite):
    tests = json.loads(subprocess.check_output(['meson', 'introspect', '--tests', directory]))
    root = os.path.realpath(directory)
    needed = set()
    for test in tests:
        if any(name.split(':')[-1] == suite for name in test['suite']):
            needed.update(os.path.relpath(part, root) for part in test['cmd']
                          if os.path.realpath(part).startswith(root + os.sep))
    return sorted(needed)


if __name__ == '__main__':
    if len(sys.argv) == 4 and sys.argv[1] == '--targets':
        print('\n'.join(targets(*sys.argv[2:])))
    elif len(sys.argv) > 1 and not sys.argv[1].startswith('-'):
        sys.exit(report(sys.argv[1:]))
    else:
        sys.exit(__doc__)
