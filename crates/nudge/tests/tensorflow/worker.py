"""One worker of a TensorFlow cluster on this machine; prints `up` once it listens.

    python worker.py PORT,PORT,... INDEX
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import tensorflow as tf

ports, index = sys.argv[1].split(","), int(sys.argv[2])
cluster = tf.train.ClusterSpec({"worker": [f"127.0.0.1:{port}" for port in ports]})
server = tf.distribute.Server(cluster, job_name="worker", task_index=index)
print("up", flush=True)
server.join()
