"""Parquet files that claim more than they hold, written byte by byte: Thrift's compact protocol needs no library.

Writes into the folder named: `rows` (a footer of a trillion rows), `page` (a page that claims 2 GiB), `footer` (a footer that
claims 2 GiB), `unpacked` (pages of a gigabyte of zeros in gzip), `columns` (a schema of 400,000 columns), `values` (a page of
two thousand million values), `groups` (200,000 row groups).
"""

import gzip
import struct
import sys

BYTE_ARRAY, PLAIN, RLE, UNCOMPRESSED, GZIP = 6, 0, 3, 0, 2


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def zigzag(number):
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def text(value):
    raw = value.encode()
    return varint(len(raw)) + raw


class I32(int):
    kind = 5


class I64(int):
    kind = 6


def value_of(value):
    """The type in the protocol, and the bytes."""
    if isinstance(value, (I32, I64)):
        return value.kind, zigzag(value)
    if isinstance(value, str):
        return 8, text(value)
    if isinstance(value, list):
        kind = value_of(value[0])[0] if value else 12
        size = bytes([len(value) << 4 | kind]) if len(value) < 15 else bytes([0xF0 | kind]) + varint(len(value))
        return 9, size + b"".join(value_of(one)[1] for one in value)
    return 12, struct_of(value)


def struct_of(fields):
    out, last = bytearray(), 0
    for at in sorted(fields):
        kind, raw = value_of(fields[at])
        out += bytes([at - last << 4 | kind]) if at - last < 16 else bytes([kind]) + zigzag(at)
        out += raw
        last = at
    return bytes(out) + b"\0"


def page(raw, values, claimed=None, codec=UNCOMPRESSED):
    packed = gzip.compress(raw) if codec == GZIP else raw
    size = len(raw) if claimed is None else claimed
    held = len(packed) if claimed is None or codec == GZIP else claimed
    data = {1: I32(values), 2: I32(PLAIN), 3: I32(RLE), 4: I32(RLE)}
    return struct_of({1: I32(0), 2: I32(size), 3: I32(held), 5: data}) + packed


def schema(names):
    leaves = [{1: I32(BYTE_ARRAY), 3: I32(0), 4: name, 6: I32(0)} for name in names]
    return [{4: "root", 5: I32(len(names))}] + leaves


def parquet(path, names, pages, rows, values=None, codec=UNCOMPRESSED, groups=1, unpacked=None):
    with open(path, "wb") as out:
        out.write(b"PAR1")
        columns = []
        for name, body in zip(names, pages):
            at = out.tell()
            out.write(body)
            size = unpacked or len(body)
            count = values or rows
            meta = {1: I32(BYTE_ARRAY), 2: [I32(PLAIN)], 3: [name], 4: I32(codec), 5: I64(count), 6: I64(size), 7: I64(len(body)), 9: I64(at)}
            columns.append({2: I64(at), 3: meta})
        group = {1: columns, 2: I64(unpacked or 1000), 3: I64(rows)}
        footer = struct_of({1: I32(1), 2: schema(names), 3: I64(rows * groups), 4: [group] * groups})
        out.write(footer + struct.pack("<I", len(footer)) + b"PAR1")


def cell(value):
    raw = value.encode()
    return struct.pack("<I", len(raw)) + raw


def main(folder):
    names = ["deal_id", "stage", "created_at"]
    cells = [cell(value) for value in ["D1", "Open", "2025-01-01"]]
    honest = [page(raw, 1) for raw in cells]
    path = lambda name: f"{folder}/{name}.parquet"
    parquet(path("usual"), names, honest, 1)
    parquet(path("rows"), names, honest, 10**12)
    parquet(path("values"), names, [page(raw, 2**31 - 1) for raw in cells], 2**31 - 1)
    parquet(path("page"), names, [page(raw, 1, 2**31 - 1) for raw in cells], 1)
    parquet(path("page_gzip"), names, [page(raw, 1, 2**31 - 1, GZIP) for raw in cells], 1, codec=GZIP)
    zeros = struct.pack("<I", 1 << 30) + bytes(1 << 30)
    parquet(path("unpacked"), names, [page(zeros, 1, codec=GZIP)] * 3, 1, codec=GZIP, unpacked=1 << 30)
    parquet(path("unpacked_unsaid"), names, [page(zeros, 1, codec=GZIP)] * 3, 1, codec=GZIP)
    wide = [f"c{at}" for at in range(400_000)]
    parquet(path("columns"), wide, [], 0)
    parquet(path("groups"), names, honest, 1, groups=200_000)
    with open(path("footer"), "wb") as out:
        out.write(b"PAR1" + bytes(1000) + struct.pack("<I", 2**31 - 1) + b"PAR1")
    with open(path("nested"), "wb") as out:
        footer = b"\x1c" * 3_000_000
        out.write(b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1")


main(sys.argv[1])
