"""Takes connections with TLS and hands on what they say in plain text.

    python tls.py PORT CERTIFICATE KEY TO_PORT      prints `up` once it listens
"""

import socket
import ssl
import sys
import threading

port, certificate, key, to = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
context.set_alpn_protocols(["h2"])


def hand_on(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(raw):
    try:
        secure = context.wrap_socket(raw, server_side=True)
    except (OSError, ssl.SSLError):
        return
    plain = socket.create_connection(("127.0.0.1", to))
    threading.Thread(target=hand_on, args=(secure, plain), daemon=True).start()
    hand_on(plain, secure)


listener = socket.create_server(("127.0.0.1", port))
print("up", flush=True)
while True:
    accepted, _ = listener.accept()
    threading.Thread(target=serve, args=(accepted,), daemon=True).start()
