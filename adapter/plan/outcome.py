"""What an outcome means for an operation, and the error that a refusal becomes."""

from adapter import errors
from adapter.errors import BadReply, Forbidden, InvalidValue, NotFound, ScimError, Unavailable, Uniqueness
from adapter.mapping.mapping import Mapping
from adapter.mapping.route import Route, Unsupported
from adapter.plan.conversation import Outcome, Unknown


def is_success(outcome: Outcome, mapping: Mapping) -> bool:
    """Tell whether the upstream says that it was done."""
    return not isinstance(outcome, Unknown) and mapping.meaning(outcome)[0] == "success"


def supported(route: Route | Unsupported) -> Route:
    """Return the call, or raise what the mapping says in its place."""
    if isinstance(route, Unsupported):
        raise errors.Unsupported(route.sentence)
    return route


def protected(mapping: Mapping) -> Forbidden:
    """Return the error for a write to a record that the mapping protects."""
    return Forbidden(
        f"The mapping protects this {mapping.noun} of the {mapping.upstream}: it can be read, but not changed or removed by SCIM. "
        "Take it out of the scope of provisioning."
    )


def is_uncertain(outcome: Outcome, mapping: Mapping) -> bool:
    """Tell whether a write may have been done although no success was said.

    A 5xx can follow the commit as well as precede it, so it counts.
    """
    if isinstance(outcome, Unknown):
        return True
    return outcome.status >= 500 and mapping.meaning(outcome)[0] == "failure"  # noqa: PLR2004


def is_doubtful(outcome: Outcome, mapping: Mapping) -> bool:
    """Tell whether a write failed with a status that does not say so: only a look tells whether it was done.

    That is an error with a 2xx, and a 3xx: many answer a form that they have taken with another address.
    """
    if isinstance(outcome, Unknown):
        return False
    return 200 <= outcome.status < 400 and mapping.meaning(outcome)[0] == "failure"  # noqa: PLR2004 (RFC 9110 section 15)


def refusal(outcome: Outcome, mapping: Mapping, doing: str) -> ScimError:
    """Return the error for an outcome that is no success; `doing` completes "while …" for the administrator."""
    if isinstance(outcome, Unknown):
        return Unavailable(f"The {mapping.upstream} gave no answer while {doing} ({outcome.reason}).")
    meaning, detail = mapping.meaning(outcome)
    if meaning == "not found":
        return NotFound(detail or f"The {mapping.upstream} has no such {mapping.noun}.")
    if meaning == "uniqueness":
        return Uniqueness(detail or f"The {mapping.upstream} has this {mapping.noun} already.")
    if meaning == "invalid value":
        return InvalidValue(f"The {mapping.upstream} refuses a value: {detail or 'it does not say which.'}")
    if meaning == "not permitted":
        return Forbidden(detail or f"The {mapping.upstream} does not let the service account do this.")
    said = f" {detail}" if detail else ""
    return BadReply(f"The {mapping.upstream} answered {outcome.status} while {doing}.{said}")
