"""`python -m benchmarks.floor PORT`: the floor. A bare Flask route with a ready page, under the server that we use."""
import sys

from flask import Flask

import server

BODY = b"<!doctype html><html><head><title>floor</title></head><body><h1>floor</h1>" + b"<p>x</p>" * 2_490


def make() -> Flask:
    app = Flask("floor")

    @app.route("/", methods=["GET", "POST"])
    def page():
        return BODY

    return app


if __name__ == "__main__":
    server.settle()
    server.listen(make(), "127.0.0.1", int(sys.argv[1])).run()
