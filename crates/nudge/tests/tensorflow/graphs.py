"""Graphs as TensorFlow makes them, written to a folder: frozen, with functions, loops, conditions, control inputs,
quantized types, operations that no block computes."""

import os
import sys

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
folder = sys.argv[1]


def save(name, graph, text=False):
    definition = graph.as_graph_def()
    if text:
        tf.io.write_graph(definition, folder, f"{name}.pbtxt", as_text=True)
        return
    with open(os.path.join(folder, f"{name}.pb"), "wb") as file:
        file.write(definition.SerializeToString())


def network():
    """Layers as a frozen model has them, float and quantized in training."""
    random = np.random.RandomState(0)

    def weights(*shape):
        return tf.constant(random.uniform(-1, 1, shape).astype(np.float32))

    x = v1.placeholder(tf.float32, [2, 12, 12, 3], name="x")
    y = tf.nn.conv2d(x, weights(3, 3, 3, 8), 2, "SAME", name="conv")
    y = tf.nn.bias_add(y, weights(8))
    y, _, _ = v1.nn.fused_batch_norm(y, weights(8), weights(8), weights(8), tf.abs(weights(8)), is_training=False)
    y = tf.nn.relu6(y)
    y = tf.quantization.fake_quant_with_min_max_vars(y, 0.0, 6.0)
    y = tf.nn.depthwise_conv2d(y, weights(3, 3, 8, 1), [1, 1, 1, 1], "SAME")
    y = tf.quantization.fake_quant_with_min_max_vars_per_channel(y, -tf.abs(weights(8)), tf.abs(weights(8)))
    y = tf.nn.max_pool2d(y, 2, 2, "VALID")
    y = tf.reshape(y, [2, -1])
    y = tf.matmul(y, weights(72, 10)) + weights(10)
    tf.nn.softmax(y, name="probabilities")
    tf.argmax(y, -1, name="class")


def older():
    """Operations of older versions, and constants of quantized types."""
    x = v1.placeholder(tf.float32, [2, 3], name="x")
    y = tf.raw_ops.Add(x=x, y=x, name="add")
    y = tf.raw_ops.Div(x=y, y=tf.constant(3.0), name="div")
    tf.raw_ops.Inv(x=y, name="inverse")
    tf.raw_ops.BatchMatMul(x=tf.reshape(y, [1, 2, 3]), y=tf.reshape(y, [1, 3, 2]), name="product")
    tf.raw_ops.Div(x=tf.constant([7, -7]), y=tf.constant(2), name="whole")
    tf.raw_ops.Add(x=tf.constant(["a"]), y=tf.constant(["b"]), name="text")
    tf.negative(v1.placeholder_with_default(x * 2.0, [2, 3], name="computed"), name="passed")
    for name, shape in [("small", [4]), ("large", [10, 20])]:
        steps = tf.make_tensor_proto(np.arange(np.prod(shape)).reshape(shape) % 256, tf.quint8)
        node = tf.Graph.create_op(tf.compat.v1.get_default_graph(), "Const", [], [tf.quint8], attrs={
            "dtype": v1.AttrValue(type=tf.quint8.as_datatype_enum), "value": v1.AttrValue(tensor=steps)}, name=name)
        tf.raw_ops.Dequantize(input=node.outputs[0], min_range=-1.0, max_range=2.0, name=f"{name}_values")
        tf.identity(node.outputs[0], name=f"{name}_steps")


def functions():
    """Functions, control inputs, text, complex numbers, quantized types, devices."""
    x = v1.placeholder(tf.float32, [None], name="in/x")

    @tf.function
    def grown(a):
        return tf.while_loop(lambda i, b: i < 3, lambda i, b: [i + 1, b + a], [0, a])[1]

    y = grown(x)
    unique = tf.unique(x, name="unique")
    with tf.control_dependencies([tf.print("hello", y)]):
        tf.add(y, unique.y[0], name="sum")
    quantized = tf.quantization.quantize(x, -1.0, 1.0, tf.qint8, name="quantize")
    tf.quantization.dequantize(*quantized, name="dequantize")
    tf.bitcast(tf.identity(quantized.output), tf.int8, name="bits")
    tf.abs(tf.complex(x, x), name="absolute")
    tf.strings.join([tf.constant("a"), tf.constant(b"\xff"), tf.as_string(x)], name="join")
    tf.stack(tf.split(tf.constant(np.arange(200, dtype=np.float32)), 4), name="stack")
    payload = np.array([0x7FC00001, 0xFFC00000, 0x80000000], np.uint32).view(np.float32)
    tf.identity(tf.constant(payload), name="payload")
    tf.identity(tf.constant(np.full([3], np.nan, np.float32)), name="nans")
    narrow = tf.cast(x, tf.bfloat16)
    tf.cast(narrow * narrow, tf.float32, name="narrow")
    tf.nn.relu(v1.placeholder_with_default(tf.constant([1.0, -2.0]), [None], name="default"), name="relu")
    tf.matmul(tf.reshape(x, [-1, 1]), tf.reshape(x, [1, -1]), name="product")
    with tf.device("/device:CPU:0"):
        there = tf.exp(x, name="there")
    with v1.colocate_with(there.op):
        tf.sin(x, name="beside")
    tf.cond(tf.reduce_sum(x) > 0, lambda: x * 2, lambda: x - 1, name="cond")
    tf.constant([], tf.int64, name="empty")
    tf.zeros([0, 3], name="none")


def loops():
    """Loops and conditions as graphs had them before functions."""
    v1.disable_control_flow_v2()
    n = v1.placeholder(tf.int32, [], name="n")
    _, power = v1.while_loop(lambda i, a: i < n, lambda i, a: [i + 1, a * 2.0], [tf.constant(0), tf.constant(1.0)])
    tf.identity(power, name="power")
    tf.identity(v1.cond(n > 3, lambda: n * 2, lambda: n - 1), name="cond")
    v1.enable_control_flow_v2()


def custom():
    """A function that is called as if it were an operation."""
    from tensorflow.python.framework import function

    @function.Defun(tf.float32, tf.float32, func_name="Squares")
    def squares(a, b):
        return a * a, b * b

    x = v1.placeholder(tf.float32, [3], name="x")
    first, second = squares(x, x + 1.0)
    tf.add(first, second, name="sum")


def names():
    """Names that make the same id, and such as blocks would give to their parts."""
    x = v1.placeholder(tf.float32, [3], name="a/b")
    tf.negative(x, name="a_b")
    total = v1.placeholder_with_default(tf.constant([1.0, 2.0]), [2], name="total")
    tf.constant(3.0, name="total/default")
    tf.reduce_sum(total, name="a.b")


for make in [network, older, functions, loops, custom, names]:
    for text in [False, True]:
        graph = tf.Graph()
        with graph.as_default():
            make()
        save(f"{make.__name__}{'_text' if text else ''}", graph, text)
