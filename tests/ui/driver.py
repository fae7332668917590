"""driver.py: a program in a real window, driven as a person would: by pointer and keyboard, and found by what it
tells a screen reader. Runs inside "display.py --desktop"."""
import functools
import os
import re
import signal
import subprocess
import time

import gi
gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, Gio, GLib  # noqa: E402  pylint: disable=wrong-import-position

# Sanitizers slow the program down several times.
PATIENCE = float(os.environ.get('DIABOLO_TEST_PATIENCE', '20'))
# A drag and drop that moves faster than this is not seen as one.
DRAG_STEPS, DRAG_STEP_SECONDS, DRAG_REST_SECONDS = 12, 0.025, 0.2

WINDOWS = ('frame', 'dialog', 'window', 'alert', 'file chooser')


class Lost(AssertionError):
    """Something expected in the window did not come."""


def xdotool(*arguments):
    return subprocess.run(['xdotool', *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True,
                          timeout=60).stdout


class Bus:
    """The accessibility bus. A program's whole tree comes in one call; asking widget by widget, as libatspi does,
    takes thirty times as long."""

    def __init__(self):
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        address = session.call_sync('org.a11y.Bus', '/org/a11y/bus', 'org.a11y.Bus', 'GetAddress', None, None, 0, -1,
                                    None).unpack()[0]
        self.connection = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
            None, None)

    def call(self, place, interface, method, arguments=None):
        """place: (bus name, path). None where what was asked is no more."""
        try:
            return self.connection.call_sync(*place, interface, method, arguments, None, 0, int(PATIENCE * 1000),
                                             None).unpack()
        except GLib.Error:
            return None

    def post(self, place, interface, method):
        """The same without an answer; done before what is called next."""
        message = Gio.DBusMessage.new_method_call(*place, interface, method)
        message.set_flags(Gio.DBusMessageFlags.NO_REPLY_EXPECTED)
        self.connection.send_message(message, Gio.DBusSendMessageFlags.NONE)

    def name_of(self, pid):
        """The bus name of a process; None before it has one."""
        daemon = 'org.freedesktop.DBus', '/org/freedesktop/DBus'
        for name in self.call(daemon, daemon[0], 'ListNames')[0]:
            if name.startswith(':') and self.call(daemon, daemon[0], 'GetConnectionUnixProcessID',
                                                  GLib.Variant('(s)', (name,))) == (pid,):
                return name
        return None


class Widget:
    """One entry of the accessibility tree, as it was when the tree was read."""

    def __init__(self, program, item):
        self.program = program
        (self.place, _, self.above, self.index, self.n_children, _, name, role, _, self.states) = item
        self.role = Atspi.role_get_name(Atspi.Role(role))
        self.parent, self.children = None, []
        # Without mnemonics; GTK 4.8 names a button with one after itself and its label: "Train Train".
        name = name.replace('_', '')
        half = name[:len(name) // 2]
        self.name = half if name == f'{half} {half}' else name

    def has(self, state):
        """state: 'visible', 'focused', 'selected', 'sensitive', 'checked', 'pressed' ..."""
        bit = int(getattr(Atspi.StateType, state.upper()))
        return bool(self.states[bit // 32] >> bit % 32 & 1)

    @functools.cached_property
    def shown(self):
        return self.has('visible') and (not self.parent.name.endswith('StackPage') or self.inside()[2] > 0)

    def walk(self):
        """Everything below that can be seen, outer before inner. What lies on a page that is not shown has no size."""
        for child in self.children:
            if child.shown:
                yield child
                yield from child.walk()

    def inside(self):
        """(x, y, width, height) in its window."""
        box = self.program.bus.call(self.place, 'org.a11y.atspi.Component', 'GetExtents',
                                    GLib.Variant('(u)', (Atspi.CoordType.WINDOW,)))
        return box[0] if box else (0, 0, 1, 1)

    def frame(self):
        widget = self
        while widget and widget.role not in WINDOWS:
            widget = widget.parent
        return widget

    def box(self):
        """(x, y, width, height) on the screen."""
        x, y, width, height = self.inside()
        frame = self.frame()
        if not frame:
            raise Lost(f'{self} is in no window')
        left, top = self.program.window_origin(frame)
        return left + x, top + y, width, height

    def point(self, dx=None, dy=None):
        """The middle, or an offset from the top left corner."""
        x, y, width, height = self.box()
        return round(x + (width / 2 if dx is None else dx)), round(y + (height / 2 if dy is None else dy))

    def click(self, times=1, dx=None, dy=None):
        xdotool('mousemove', *self.point(dx, dy), 'click', '--repeat', times, '--delay', 60, 1)

    def scroll(self, times):
        """Turns the wheel over its middle, downwards."""
        xdotool('mousemove', *self.point(), 'click', '--repeat', times, '--delay', 60, 5)

    def press(self):
        """The accessible action, for what is in a popover."""
        if self.program.bus.call(self.place, 'org.a11y.atspi.Action', 'DoAction',
                                 GLib.Variant('(i)', (0,))) != (True,):
            raise Lost(f'{self} cannot be pressed')

    def __str__(self):
        return f'{self.role} “{self.name}”'


class Program:
    """A running program. Use in a with statement."""

    def __init__(self, command, errors=None, **env):
        """errors: a file for what it writes to standard error."""
        self.command = command
        self.errors = errors
        self.env = dict(os.environ, **env)
        self.process = None
        self.bus = Bus()
        self.bus_name = None
        self.seen = set()  # places of the widgets around others that there were at the last look

    def __enter__(self):
        self.process = subprocess.Popen(self.command, env=self.env, stdin=subprocess.DEVNULL,
                                        stderr=self.errors)
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

    def read(self):
        """What GTK has told of the tree so far."""
        items = self.bus.call((self.bus_name, '/org/a11y/atspi/cache'), 'org.a11y.atspi.Cache', 'GetItems')
        widgets = {widget.place: widget for widget in (Widget(self, item) for item in (items or ([],))[0])}
        for widget in sorted(widgets.values(), key=lambda widget: widget.index):
            widget.parent = widgets.get(widget.above)
            if widget.parent:
                widget.parent.children.append(widget)
        return next((widget for widget in widgets.values() if widget.role == 'application'), None)

    def root(self):
        """The tree as it is now; None before the program shows one. GTK tells of a widget that has come once it was
        asked for the children of the one around it."""
        self.bus_name = self.bus_name or self.bus.name_of(self.process.pid)
        root, unasked = None, self.seen
        while self.bus_name and (unasked or not root):
            for place in unasked:
                self.bus.post(place, 'org.a11y.atspi.Accessible', 'GetChildren')
            root = self.read()
            if not root:
                break
            self.seen, before = ({widget.place for widget in (root, *root.walk()) if widget.n_children},
                                 self.seen | unasked)
            unasked = self.seen - before
        return root

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
        _, _, width, height = frame.inside()
        return place['X'] + (place['WIDTH'] - width) // 2, place['Y'] + (place['HEIGHT'] - height) // 2

    # ---- doing ----

    @staticmethod
    def key(*keys):
        xdotool('key', '--clearmodifiers', '--delay', 40, *keys)

    @staticmethod
    def hold(key):
        """Presses a key long enough to repeat."""
        xdotool('keydown', key, 'keydown', key, 'keydown', key, 'keydown', key, 'keyup', key)

    @staticmethod
    def type(text):
        xdotool('type', '--delay', 15, text)

    @staticmethod
    def drag(start, end):
        """From point to point; ends are what Widget.point() gives."""
        xdotool('mousemove', *start, 'mousedown', 1)
        for step in range(1, DRAG_STEPS + 1):
            time.sleep(DRAG_STEP_SECONDS)
            xdotool('mousemove', *(round(a + (b - a) * step / DRAG_STEPS) for a, b in zip(start, end)))
        time.sleep(DRAG_REST_SECONDS)
        xdotool('mouseup', 1)
