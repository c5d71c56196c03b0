"""The tables of the database, a room an area; `models.py` hands them on."""
