"""driver.py: a program in a real window, driven as a person would: by pointer and keyboard, and found by what it
tells a screen reader. Runs inside "display.py --desktop"."""
import os
import re
import signal
import subprocess
import time

import gi
gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib  # noqa: E402  pylint: disable=wrong-import-position

# Sanitizers slow the program down several times.
PATIENCE = float(os.environ.get('DIABOLO_TEST_PATIENCE', '20'))
# A drag and drop that moves faster than this is not seen as one.
DRAG_STEPS, DRAG_STEP_SECONDS, DRAG_REST_SECONDS = 12, 0.025, 0.2

# What lies on a page of a stack that is not shown; asking every widget for its size would take too long.
CONTAINERS = ('filler', 'panel', 'scroll pane', 'list', 'group')
WINDOWS = ('frame', 'dialog', 'window', 'alert', 'file chooser')


class Lost(AssertionError):
    """Something expected in the window did not come."""


def xdotool(*arguments):
    return subprocess.run(['xdotool', *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True,
                          timeout=60).stdout


def quietly(function, *arguments, default=None):
    """Asks the accessibility tree; a widget that went away in between answers with the default."""
    try:
        return function(*arguments)
    except GLib.Error:
        return default


class Widget:
    """One entry of the accessibility tree."""

    def __init__(self, program, node):
        self.program = program
        self.node = node
        self.role = quietly(node.get_role_name) or ''

    @property
    def name(self):
        """Without mnemonics; GTK 4.8 names a button with one after itself and its label: "Train Train"."""
        name = (quietly(self.node.get_name) or '').replace('_', '')
        half = name[:len(name) // 2]
        return half if name == f'{half} {half}' else name

    def has(self, state):
        """state: 'visible', 'focused', 'selected', 'sensitive', 'checked', 'pressed' ..."""
        states = quietly(self.node.get_state_set)
        return bool(states) and states.contains(getattr(Atspi.StateType, state.upper()))

    def children(self):
        for i in range(quietly(self.node.get_child_count, default=0)):
            child = quietly(self.node.get_child_at_index, i)
            if child:
                yield Widget(self.program, child)

    def walk(self):
        """Everything below that can be seen, outer before inner. What lies on a page that is not shown has no size."""
        for child in self.children():
            if child.has('visible') and (child.role not in CONTAINERS or child.has_size()):
                yield child
                yield from child.walk()

    def has_size(self):
        iface = self.node.get_component_iface()
        box = quietly(iface.get_extents, Atspi.CoordType.WINDOW) if iface else None
        return not box or box.width > 0

    def frame(self):
        node = self.node
        while node and quietly(node.get_role_name) not in WINDOWS:
            node = quietly(node.get_parent)
        return Widget(self.program, node) if node else None

    def box(self):
        """(x, y, width, height) on the screen."""
        inside = self.node.get_component_iface().get_extents(Atspi.CoordType.WINDOW)
        frame = self.frame()
        if not frame:
            raise Lost(f'{self} is in no window')
        left, top = self.program.window_origin(frame)
        return left + inside.x, top + inside.y, inside.width, inside.height

    def point(self, dx=None, dy=None):
        """The middle, or an offset from the top left corner."""
        x, y, width, height = self.box()
        return round(x + (width / 2 if dx is None else dx)), round(y + (height / 2 if dy is None else dy))

    def click(self, times=1, dx=None, dy=None):
        xdotool('mousemove', '--sync', *self.point(dx, dy), 'click', '--repeat', times, '--delay', 60, 1)

    def press(self):
        """The accessible action, for what is in a popover."""
        action = self.node.get_action_iface()
        if not action or not action.do_action(0):
            raise Lost(f'{self} cannot be pressed')

    def __str__(self):
        return f'{self.role} “{self.name}”'


class Program:
    """A running program. Use in a with statement."""

    def __init__(self, command, **env):
        self.command = command
        self.env = dict(os.environ, **env)
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, env=self.env, stdin=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def wait_exit(self):
        return self.process.wait(PATIENCE)

    # ---- finding ----

    def root(self):
        desktop = Atspi.get_desktop(0)
        desktop.set_cache_mask(Atspi.Cache.NONE)
        for i in range(desktop.get_child_count()):
            node = quietly(desktop.get_child_at_index, i)
            if node and quietly(node.get_process_id) == self.process.pid:
                node.set_cache_mask(Atspi.Cache.NONE)
                return Widget(self, node)
        return None

    def all(self, name=None, role=None, state=None):
        """What can be seen; name: a regular expression that matches from the start."""
        root = self.root()
        pattern = re.compile(name or '')
        return [widget for widget in (root.walk() if root else ())
                if (role is None or widget.role == role) and pattern.match(widget.name)
                and (state is None or widget.has(state))]

    def wait(self, name=None, role=None, state=None, seconds=None):
        """The first match, as soon as there is one; an exact name before a longer one."""
        def look():
            found = self.all(name, role, state)
            return next((widget for widget in found if widget.name == name), found[0] if found else None)
        return self.wait_for(look, f'{role or "anything"} named “{name}”' + (f' and {state}' if state else ''), seconds)

    def wait_for(self, condition, what, seconds=None):
        deadline = time.monotonic() + (seconds or PATIENCE)
        while True:
            result = condition()
            if result:
                return result
            if self.process.poll() is not None:
                raise Lost(f'waiting for {what}: the program ended with status {self.process.returncode}')
            if time.monotonic() > deadline:
                raise Lost(f'there is no {what}; there is:\n{self.describe()}')
            time.sleep(0.1)

    def describe(self):
        root = self.root()
        return '\n'.join(f'  {widget}' for widget in root.walk()
                         if widget.name and widget.role not in ('filler', 'image', 'panel')) if root else '  no window'

    def window_origin(self, frame):
        """Where on the screen the contents of a window begin: inside the border that GTK draws by itself."""
        windows = xdotool('search', '--onlyvisible', '--pid', self.process.pid).split()
        titled = [window for window in windows if xdotool('getwindowname', window).strip() == frame.name]
        if not windows:
            raise Lost(f'the program has no window “{frame.name}”')
        # Dialogs come after the windows they belong to.
        shell = xdotool('getwindowgeometry', '--shell', (titled or windows)[-1])
        place = {name: int(value) for name, _, value in (line.partition('=') for line in shell.split())}
        inside = frame.node.get_component_iface().get_extents(Atspi.CoordType.WINDOW)
        return (place['X'] + (place['WIDTH'] - inside.width) // 2,
                place['Y'] + (place['HEIGHT'] - inside.height) // 2)

    # ---- doing ----

    @staticmethod
    def key(*keys):
        xdotool('key', '--clearmodifiers', '--delay', 40, *keys)

    @staticmethod
    def type(text):
        xdotool('type', '--delay', 15, text)

    @staticmethod
    def drag(start, end):
        """From point to point; ends are what Widget.point() gives."""
        xdotool('mousemove', '--sync', *start, 'mousedown', 1)
        for step in range(1, DRAG_STEPS + 1):
            time.sleep(DRAG_STEP_SECONDS)
            xdotool('mousemove', *(round(a + (b - a) * step / DRAG_STEPS) for a, b in zip(start, end)))
        time.sleep(DRAG_REST_SECONDS)
        xdotool('mouseup', 1)
