"""The server between the socket and the application: a slow reader gets all, and the loop does not spin meanwhile."""
import socket
import threading
import time

import pytest

import server
from tests.support.servers import free_port

MEGABYTE = b"x" * 1_000_000
MEGABYTES = 40  # more than waitress keeps before it makes the writing thread wait


def large(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return (MEGABYTE for _number in range(MEGABYTES))


@pytest.fixture
def port():
    port = free_port()
    listening = server.listen(large, "127.0.0.1", port)
    threading.Thread(target=listening.run, daemon=True).start()
    yield port
    listening.task_dispatcher.shutdown()
    listening.close()


def test_a_slow_reader_gets_the_whole_of_a_large_answer(port):
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
    time.sleep(0.5)
    got = 0
    while piece := connection.recv(300_000):
        got += len(piece)
        time.sleep(0.001)
    assert MEGABYTES * len(MEGABYTE) < got < MEGABYTES * len(MEGABYTE) + 500


def test_the_loop_leaves_a_connection_alone_while_a_thread_writes_to_it():
    channel = server.Channel.__new__(server.Channel)
    channel.total_outbufs_len, channel.will_close, channel.close_when_flushed = 5, False, False
    channel.outbuf_lock = threading.Condition()
    assert channel.writable()
    writes, may_end = threading.Event(), threading.Event()

    def write():
        with channel.outbuf_lock:
            writes.set()
            may_end.wait(5)
    thread = threading.Thread(target=write)
    thread.start()
    writes.wait(5)
    assert not channel.writable()
    may_end.set()
    thread.join()
    assert channel.writable()
