"""event_file.py: reads TensorBoard's event files, without a line of what wrote them: the messages are described here
from TensorFlow's event.proto and summary.proto, the checksum from RFC 3720, the records from TensorFlow's tfrecord."""
import struct

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

FIELD = descriptor_pb2.FieldDescriptorProto
DOUBLE, FLOAT, INT64, INT32 = FIELD.TYPE_DOUBLE, FIELD.TYPE_FLOAT, FIELD.TYPE_INT64, FIELD.TYPE_INT32
STRING, BYTES = FIELD.TYPE_STRING, FIELD.TYPE_BYTES
# Message: (name, number, type or message, repeated)
MESSAGES = {
    'HistogramProto': [('min', 1, DOUBLE, False), ('max', 2, DOUBLE, False), ('num', 3, DOUBLE, False),
                       ('sum', 4, DOUBLE, False), ('sum_squares', 5, DOUBLE, False),
                       ('bucket_limit', 6, DOUBLE, True), ('bucket', 7, DOUBLE, True)],
    'Image': [('height', 1, INT32, False), ('width', 2, INT32, False), ('colorspace', 3, INT32, False),
              ('encoded_image_string', 4, BYTES, False)],
    'Value': [('tag', 1, STRING, False), ('simple_value', 2, FLOAT, False), ('image', 4, 'Image', False),
              ('histo', 5, 'HistogramProto', False)],
    'Summary': [('value', 1, 'Value', True)],
    'Event': [('wall_time', 1, DOUBLE, False), ('step', 2, INT64, False), ('file_version', 3, STRING, False),
              ('summary', 5, 'Summary', False)],
}


def event_class():
    file = descriptor_pb2.FileDescriptorProto(name='events.proto', package='events', syntax='proto2')
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind, repeated in fields:
            entry = message.field.add(name=field, number=number,
                                      label=FIELD.LABEL_REPEATED if repeated else FIELD.LABEL_OPTIONAL)
            entry.type = FIELD.TYPE_MESSAGE if isinstance(kind, str) else kind
            if isinstance(kind, str):
                entry.type_name = f'.events.{kind}'
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName('events.Event'))


def crc32c(data):
    """Bit by bit, from the definition."""
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


assert crc32c(b'123456789') == 0xe3069283  # RFC 3720, B.4


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17 & 0xffffffff) + 0xa282ead8) & 0xffffffff


def read_events(path):
    """Every event of the file; what is wrong with it is an assertion."""
    content, at, events, Event = path.read_bytes(), 0, [], event_class()
    while at < len(content):
        length, = struct.unpack_from('<Q', content, at)
        data = content[at + 12:at + 12 + length]
        assert struct.unpack_from('<I', content, at + 8)[0] == masked(content[at:at + 8]), f'length at {at}'
        assert struct.unpack_from('<I', content, at + 12 + length)[0] == masked(data), f'data at {at}'
        events.append(Event.FromString(data))
        assert not events[-1].UnknownFields(), f'field that no such message has, at {at}'
        at += 16 + length
    return events
