from datetime import date

from adapter.mapping.draft.sample import schema_of


def test_a_sample_has_the_schema_that_it_shows() -> None:
    assert schema_of(
        {"id": 7, "on": True, "tags": ["a"], "boss": None, "none": [], "grade": 1.5, "day": date(2026, 1, 1)}
    ) == {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "on": {"type": "boolean"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "boss": {"type": "null"},
            "none": {"type": "array", "items": {}},
            "grade": {"type": "number"},
            "day": {"type": "string"},
        },
    }
