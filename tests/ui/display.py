#!/usr/bin/python3
"""display.py [--desktop] COMMAND...: runs a command on a private virtual display, with nothing of the user's
around it. --desktop adds a session bus (for the accessibility tree) and a window manager."""
import os
import shutil
import subprocess
import sys
import tempfile


class Missing(Exception):
    """A program that the display needs is not installed."""


class Display:
    """A private X server, and optionally a session bus with a window manager. Use in a with statement."""

    def __init__(self, size='1280x800', desktop=False):
        self.size = size
        self.desktop = desktop
        self.started = []
        self.home = None
        self.env = {}

    def __enter__(self):
        for program in ['Xvfb'] + (['dbus-daemon', 'metacity', 'xdotool'] if self.desktop else []):
            if not shutil.which(program):
                raise Missing(f'{program} is not installed')
        self.home = tempfile.mkdtemp(prefix='diabolo-display-')
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self):
        runtime = os.path.join(self.home, 'run')
        os.mkdir(runtime, 0o700)
        self.env = dict(
            os.environ,
            HOME=self.home,
            XDG_RUNTIME_DIR=runtime,
            XDG_CONFIG_HOME=os.path.join(self.home, 'config'),
            XDG_DATA_HOME=os.path.join(self.home, 'data'),
            XDG_STATE_HOME=os.path.join(self.home, 'state'),
            XDG_CACHE_HOME=os.path.join(self.home, 'cache'),
            GDK_BACKEND='x11',
            GSK_RENDERER='cairo',
            GDK_DEBUG='gl-disable',
            GSETTINGS_BACKEND='memory',
            GTK_USE_PORTAL='0',
            ADW_DISABLE_PORTAL='1',
            LC_ALL='C.UTF-8')
        for name in ('WAYLAND_DISPLAY', 'DBUS_SESSION_BUS_ADDRESS', 'GTK_THEME'):
            self.env.pop(name, None)
        number = self._announced(
            ['Xvfb', '-displayfd', '{fd}', '-screen', '0', f'{self.size}x24', '-nolisten', 'tcp', '-noreset'])
        self.env['DISPLAY'] = f':{number}'
        if not self.desktop:
            self.env['GTK_A11Y'] = 'none'
            return
        self.env['DBUS_SESSION_BUS_ADDRESS'] = self._announced(
            ['dbus-daemon', '--session', '--nofork', '--print-address={fd}'])
        with open(os.path.join(self.home, 'metacity.log'), 'wb') as log:
            self.started.append(subprocess.Popen(
                ['metacity', '--sm-disable', '--no-composite'], env=self.env,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def _announced(self, command):
        """Starts a server that writes where it listens to a file descriptor; returns that line."""
        reading, writing = os.pipe()
        log = open(os.path.join(self.home, command[0] + '.log'), 'wb')
        with log:
            self.started.append(subprocess.Popen(
                [part.format(fd=writing) for part in command], env=self.env, pass_fds=[writing],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        os.close(writing)
        with os.fdopen(reading) as pipe:
            line = pipe.readline().strip()
        if not line:
            raise Missing(f'{command[0]} did not start: see {log.name}')
        return line

    def __exit__(self, *_):
        for process in reversed(self.started):
            if process.poll() is None:
                process.terminate()
        for process in reversed(self.started):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def main():
    command = sys.argv[1:]
    desktop = command[:1] == ['--desktop']
    try:
        with Display(desktop=desktop) as display:
            return subprocess.run(command[desktop:], env=display.env, check=False).returncode
    except Missing as reason:
        print(f'1..0 # SKIP {reason}')
        return 0


if __name__ == '__main__':
    sys.exit(main())
