"""What a request costs, against a bare Flask route under the same server. `make bench`; see README.md."""
