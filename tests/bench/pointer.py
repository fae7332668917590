"""pointer.py: pointer and pixels of an X display, without a process for each event: what a hand does and what an eye
sees, a few microseconds apart."""
import ctypes

ALL_PLANES, Z_PIXMAP = ctypes.c_ulong(-1).value, 2


class XImage(ctypes.Structure):
    _fields_ = [('width', ctypes.c_int), ('height', ctypes.c_int), ('xoffset', ctypes.c_int),
                ('format', ctypes.c_int), ('data', ctypes.POINTER(ctypes.c_ubyte)), ('byte_order', ctypes.c_int),
                ('bitmap_unit', ctypes.c_int), ('bitmap_bit_order', ctypes.c_int), ('bitmap_pad', ctypes.c_int),
                ('depth', ctypes.c_int), ('bytes_per_line', ctypes.c_int)]


class Pointer:
    def __init__(self, display):
        self.x11, self.xtst = ctypes.CDLL('libX11.so.6'), ctypes.CDLL('libXtst.so.6')
        self.x11.XOpenDisplay.restype = ctypes.c_void_p
        self.x11.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
        self.x11.XDefaultRootWindow.restype = ctypes.c_ulong
        self.x11.XFlush.argtypes = [ctypes.c_void_p]
        self.x11.XGetImage.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_int, ctypes.c_uint,
                                       ctypes.c_uint, ctypes.c_ulong, ctypes.c_int]
        self.x11.XGetImage.restype = ctypes.POINTER(XImage)
        self.x11.XDestroyImage.argtypes = [ctypes.POINTER(XImage)]
        self.xtst.XTestFakeMotionEvent.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int,
                                                   ctypes.c_ulong]
        self.xtst.XTestFakeButtonEvent.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong]
        self.display = self.x11.XOpenDisplay(display.encode())
        if not self.display:
            raise OSError(f'no display {display}')
        self.root = self.x11.XDefaultRootWindow(self.display)

    def move(self, x, y):
        self.xtst.XTestFakeMotionEvent(self.display, -1, round(x), round(y), 0)
        self.x11.XFlush(self.display)

    def button(self, number, pressed):
        self.xtst.XTestFakeButtonEvent(self.display, number, pressed, 0)
        self.x11.XFlush(self.display)

    def click(self, number=1):
        self.button(number, True)
        self.button(number, False)

    def pixels(self, x, y, width, height):
        """Bytes, four a pixel."""
        image = self.x11.XGetImage(self.display, self.root, round(x), round(y), width, height, ALL_PLANES, Z_PIXMAP)
        content = image.contents
        data = ctypes.string_at(content.data, content.bytes_per_line * content.height)
        self.x11.XDestroyImage(image)
        return data
