"""Writes what this crate takes of TensorFlow's public definitions; needs tensorflow-cpu 2.

    python definitions.py    (in any folder)

data/ops.pb.zlib        every operation (an OpList without its documentation), compressed
data/graph.fds          the protocol buffers of graphs (a FileDescriptorSet), for their text form

src/proto/tensorflow.rs is what prost-build 0.14 makes of data/graph.fds, with `bytes(["."])` and `btree_map(["."])`.
"""

import os
import pathlib
import zlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

from google.protobuf import descriptor_pb2
from tensorflow.core.framework import graph_pb2, op_def_pb2
from tensorflow.python.client import pywrap_tf_session as session

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"


def operations():
    found = op_def_pb2.OpList()
    found.ParseFromString(session.TF_GetBuffer(session.TF_GetAllOpList()))
    kept = [op for op in found.op if not op.name.startswith("_")]
    for op in kept:
        op.ClearField("summary")
        op.ClearField("description")
        for described in [*op.input_arg, *op.output_arg, *op.attr]:
            described.ClearField("description")
    return op_def_pb2.OpList(op=sorted(kept, key=lambda op: op.name))


def descriptors():
    files = {}

    def add(file):
        if file.name not in files:
            for needed in file.dependencies:
                add(needed)
            files[file.name] = descriptor_pb2.FileDescriptorProto.FromString(file.serialized_pb)

    add(graph_pb2.DESCRIPTOR)
    add(op_def_pb2.DESCRIPTOR)
    return descriptor_pb2.FileDescriptorSet(file=files.values())


if __name__ == "__main__":
    packed = zlib.compress(operations().SerializeToString(deterministic=True), 9)
    (DATA / "ops.pb.zlib").write_bytes(packed)
    (DATA / "graph.fds").write_bytes(descriptors().SerializeToString())
