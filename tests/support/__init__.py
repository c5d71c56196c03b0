"""What the tests stand on: two databases, the cast, a browser that checks every page, real servers."""
