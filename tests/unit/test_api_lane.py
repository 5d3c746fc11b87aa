"""What the fast lane takes for the same question."""

from hashlib import sha256

from tallymark.api.lane import SHORT, asked_by


def test_two_bodies_are_the_same_question_only_if_every_byte_is() -> None:
    long = b"x" * (SHORT + 1)
    bodies = [b"", b"x", b"x" * SHORT, long, long[:-1] + b"y", sha256(long).digest()]
    assert len({asked_by({}, body) for body in bodies}) == len(bodies)
    assert asked_by({}, bytes(bytearray(long))) == asked_by({}, long)


def test_how_an_answer_is_to_be_read_is_part_of_the_question() -> None:
    heads = [{}, {b"accept": b"application/json"}, {b"content-type": b"application/json"}]
    assert len({asked_by(head, b"{}") for head in heads}) == len(heads)
