from adapter.settings.secret import Proof, Secret, digest


def test_a_secret_is_still_the_text_that_it_hides() -> None:
    assert Secret("a") == "a"
    assert isinstance(Secret("a"), str)
    assert f"Bearer {Secret('a')}" == "Bearer a"


def test_a_proof_holds_from_its_beginning_until_its_end() -> None:
    proof = Proof(digest("a"), 10.0, 20.0)
    assert [proof.holds(now) for now in (9.9, 10.0, 19.9, 20.0)] == [False, True, True, False]
    assert Proof(digest("a")).holds(0.0)


def test_the_name_of_a_proof_is_a_part_of_its_digest() -> None:
    assert Proof(digest("a")).id == digest("a").hex()[:8]
