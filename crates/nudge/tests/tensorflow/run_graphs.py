"""Runs graphs that Nudge has written, with TensorFlow.

    python run_graphs.py FOLDER

FOLDER/jobs.json lists what to run: of each job its file (.pb, .pbtxt or .py), what is fed (tensor names and files that
hold a TensorProto), what makes its variables, how many steps, and what is fetched (tensor names; of a program its keys).
What is fetched in the last step goes to JOB.K.tensor (a TensorProto), and what went wrong to JOB.error.
"""

import json
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import runpy

import tensorflow as tf
from google.protobuf import text_format

v1 = tf.compat.v1


def config():
    # As it stands: no operation is replaced by another.
    made = v1.ConfigProto()
    made.graph_options.rewrite_options.disable_meta_optimizer = True
    made.graph_options.optimizer_options.opt_level = v1.OptimizerOptions.L0
    return made


def run_graph(folder, job):
    definition = v1.GraphDef()
    file = folder / job["file"]
    if file.suffix == ".pb":
        definition.ParseFromString(file.read_bytes())
    else:
        text_format.Parse(file.read_text(), definition)
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name="")
    feeds = {name: tf.make_ndarray(tensor(folder / fed)) for name, fed in job["feeds"].items()}
    with v1.Session(graph=graph, config=config()) as session:
        if job["init"]:
            session.run(graph.get_operation_by_name(job["init"]), feeds)
        for _ in range(job["steps"]):
            found = session.run(job["fetch"], feeds)
    return found


def tensor(file):
    proto = tf.compat.v1.make_tensor_proto(0)
    proto.ParseFromString(file.read_bytes())
    return proto


def run_program(folder, job):
    program = runpy.run_path(str(folder / job["file"]))
    feeds = {name: tf.make_ndarray(tensor(folder / fed)) for name, fed in job["feeds"].items()}
    for _ in range(job["steps"]):
        found = program["page"](**feeds)
    return [found[port].numpy() for port in job["fetch"]]


def main(folder):
    for job in json.loads((folder / "jobs.json").read_text()):
        run = run_program if job["file"].endswith(".py") else run_graph
        try:
            for number, value in enumerate(run(folder, job)):
                proto = tf.make_tensor_proto(value)
                (folder / f"{job['name']}.{number}.tensor").write_bytes(proto.SerializeToString())
        except Exception as error:
            (folder / f"{job['name']}.error").write_text(f"{type(error).__name__}: {error}")


main(pathlib.Path(sys.argv[1]))
