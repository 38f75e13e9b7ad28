"""Two graphs, node by node: whatever one gives the other gives, bit by bit. Prints how many outputs were held against
each other, or what is different."""

import sys
import zlib

import numpy as np
import tensorflow as tf
from google.protobuf import text_format

v1 = tf.compat.v1


def session(path):
    graph = tf.Graph()
    definition = v1.GraphDef()
    with open(path, "rb") as file:
        if path.endswith("pbtxt"):
            text_format.Parse(file.read(), definition)
        else:
            definition.ParseFromString(file.read())
    with graph.as_default():
        tf.import_graph_def(definition, name="")
    config = v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    config.graph_options.optimizer_options.opt_level = v1.OptimizerOptions.L0
    return graph, v1.Session(graph=graph, config=config)


def fed(graph):
    feeds = {}
    for op in graph.get_operations():
        if op.type == "Placeholder":
            output = op.outputs[0]
            shape = output.shape.as_list() if output.shape.rank is not None else [3]
            random = np.random.RandomState(zlib.crc32(op.name.encode()))
            values = random.uniform(-2, 2, [3 if dim is None else dim for dim in shape])
            if output.dtype.is_quantized:
                values = np.round(values * 20).astype(output.dtype.as_numpy_dtype)
            if output.dtype.is_integer:
                values = np.abs(np.round(values * 3))
            feeds[output.name] = np.array(values).astype(output.dtype.as_numpy_dtype)
    return feeds


def bits(array):
    if array.dtype.names:
        return array.dtype.names, array.tobytes()
    return (str(array.dtype), array.shape, array.tolist() if array.dtype == object else array.tobytes())


def within_loops(graph):
    """What is part of an old loop has no value of its own."""
    names, queue = set(), [op for op in graph.get_operations() if op.type == "Enter"]
    while queue:
        op = queue.pop()
        if op.name not in names and op.type != "Exit":
            names.add(op.name)
            queue.extend(user for output in op.outputs for user in output.consumers())
    return names


def main():
    (first, ours), (second, back) = [session(path) for path in sys.argv[1:3]]
    looped, count = within_loops(first), 0
    feeds = fed(first)
    random = {"RandomUniform", "RandomStandardNormal", "TruncatedNormal", "RandomUniformInt"}
    outputs = [
        output
        for op in first.get_operations()
        if op.name not in looped and op.type not in random
        for output in op.outputs
        if output.dtype not in (tf.resource, tf.variant) and not output.dtype._is_ref_dtype
        # What gradients are to find there is memory that nobody has written.
        and not (op.type.startswith("FusedBatchNorm") and output.value_index > 2)
    ]
    for output in outputs:
        try:
            here = ours.run(output.name, feeds)
        except tf.errors.OpError as error:
            here = error
        try:
            there = back.run(output.name, feeds)
        except (tf.errors.OpError, ValueError, KeyError) as error:
            there = error
        if isinstance(here, Exception):
            if type(here) is not type(there):
                sys.exit(f"{output.name}: {here!r}, but {there!r}")
            continue
        if isinstance(there, Exception) or bits(np.asarray(here)) != bits(np.asarray(there)):
            sys.exit(f"{output.name}: {here!r}, but {there!r}")
        count += 1
    print(f"{count} of {len(outputs)} the same")


main()
