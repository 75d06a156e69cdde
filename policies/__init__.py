"""The law: what each document says and what follows from it. Pure: no I/O, no async, no ORM, no clock."""
