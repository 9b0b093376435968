from adapter.sandbox.seed import seeded
from adapter.sandbox.sessions import Sessions
from adapter.sandbox.world import World


def test_a_stock_world_shows_no_email() -> None:
    assert "email" in World(store=seeded(), sessions=Sessions("jwt")).user_fields()
    assert "email" not in World(store=seeded(), sessions=Sessions("jwt"), stock=True).user_fields()


def test_what_is_dreamt_has_not_happened() -> None:
    world = World(store=seeded(1), sessions=Sessions("jwt"))
    world.dreamt().store.users.clear()
    assert len(world.store.users) == 1
